/** Any JSON object, nothing known about its members. */
export type JsonObject = { readonly [key: string]: unknown };

/** Narrows to an object that is not null and not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The own member `key` of `value`, undefined when `value` is no object or has none. */
export function member(value: unknown, key: string): unknown {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The own member `key` of `value` when it is a string, else the empty string. */
export function textMember(value: unknown, key: string): string {
  const text = member(value, key);
  return typeof text === "string" ? text : "";
}

/** @returns undefined when `text` is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
