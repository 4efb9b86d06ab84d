/** The value at a path of {@link import("./schema-limit.ts").Limit}: of lists the first item, of maps the first key. */
export function valueAt(of: unknown, path: string): unknown {
  return steps(path).reduce<unknown>((value, step) => (isHolder(value) ? value[keyIn(value, step)] : undefined), of);
}

/** A copy with another value at the path; `undefined` takes it away. */
export function withValueAt(of: unknown, path: string, value: unknown): unknown {
  return replaced(of, steps(path), value);
}

type Holder = { readonly [key: string]: unknown };

function replaced(of: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined) return value;
  if (Array.isArray(of)) return of.with(0, replaced(of[0], rest, value));
  if (!isHolder(of)) throw new Error(`there is no ${step} in ${JSON.stringify(of)}`);
  const key = keyIn(of, step);
  return { ...of, [key]: replaced(of[key], rest, value) };
}

/** `a.b[].*` is a, b, the first item, the first key. */
function steps(path: string): readonly string[] {
  return path.replaceAll("[]", ".[]").split(".");
}

function keyIn(holder: Holder, step: string): string {
  if (step === "[]") return "0";
  return step === "*" ? (Object.keys(holder)[0] ?? "") : step;
}

function isHolder(value: unknown): value is Holder {
  return typeof value === "object" && value !== null;
}
