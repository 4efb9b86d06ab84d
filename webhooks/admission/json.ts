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

/** Levels of lists and objects within each other: far more than an object of a strict schema and its metadata have. */
export const nestingLimit = 100;

/** Whether JSON text nests deeper than `limit`: reading such text is quick, what looks at the result may recurse. */
export function nestsDeeper(text: string, limit: number = nestingLimit): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"':
        at = endOfString(text, at);
        break;
      case "{":
      case "[":
        depth += 1;
        if (depth > limit) return true;
        break;
      case "}":
      case "]":
        depth -= 1;
    }
  }
  return false;
}

/** Index of the quotation mark that ends the string which begins at `start`; the text's end when there is none. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}
