import { formatDuration, parseDuration } from "../duration.ts";
import { type LegacyRemark, legacyError, legacyWarning } from "./legacy-remark.ts";

/** What a place of the configuration holds; undefined where it holds nothing, or something else than it should. */
export type Reading<T> = { readonly value: T | undefined; readonly remarks: readonly LegacyRemark[] };

/** Reads a value whose scalars are text as it was written. Total. */
export type Field<T> = (raw: unknown, path: string) => Reading<T>;

/** The values of a table of fields. */
export type Values<Table> = { readonly [key in keyof Table]: Table[key] extends Field<infer T> ? T | undefined : never };

const nothing = { value: undefined, remarks: [] } as const;

/** Text, which may be a secret: it is never repeated. */
export const text: Field<string> = (raw, path) => {
  if (raw === null || raw === undefined || raw === "") return nothing;
  if (typeof raw === "string") return { value: raw, remarks: [] };
  return { value: undefined, remarks: [legacyError(path, "must be text: put it on one line, in quotes where needed")] };
};

/** A label's value, which may be empty. */
export const labelValue: Field<string> = (raw, path) => {
  const { value = "", remarks } = text(raw, path);
  return { value, remarks };
};

/** A whole number in decimal. */
export function wholeNumber(max: number): Field<number> {
  return scalar(`a whole number from 0 to ${max}`, (written) =>
    /^(0|[1-9]\d{0,9})$/.test(written) && Number(written) <= max ? Number(written) : undefined,
  );
}

/** YAML 1.1's words for true and false. */
export const truth: Field<boolean> = scalar("true or false", (written) => {
  if (/^(y|yes|true|on)$/i.test(written)) return true;
  return /^(n|no|false|off)$/i.test(written) ? false : undefined;
});

/** Go duration text, cut down to whole seconds; the value is Go's canonical text. */
export const wholeSeconds: Field<string> = (raw, path) => {
  const { value: written, remarks } = scalar("a duration such as 90s", (word) => parseDuration(word))(raw, path);
  if (written === undefined) return { value: undefined, remarks };
  const seconds = written - (written % 1_000_000_000n);
  const value = formatDuration(seconds);
  const cut = `${formatDuration(written)} is cut down to whole seconds: ${value}`;
  return { value, remarks: seconds === written ? [] : [legacyWarning(path, cut)] };
};

/** A sequence. */
export function listOf<T>(field: Field<T>): Field<readonly T[]> {
  return (raw, path) => {
    if (raw === null || raw === undefined || raw === "") return nothing;
    if (!Array.isArray(raw)) return { value: undefined, remarks: [legacyError(path, "must be a list: begin each line with -")] };
    const read = raw.map((each: unknown, index) => present(field, each, `${path}[${index}]`));
    const value = read.flatMap((each) => (each.value === undefined ? [] : [each.value]));
    return { value, remarks: read.flatMap(({ remarks }) => remarks) };
  };
}

/** A mapping with any keys, sorted by them. */
export function mapOf<T>(field: Field<T>): Field<readonly (readonly [key: string, value: T])[]> {
  return (raw, path) => {
    if (raw === null || raw === undefined || raw === "") return nothing;
    if (!isMapping(raw))
      return { value: undefined, remarks: [legacyError(path, "must be a mapping: write lines such as key: value")] };
    const read = Object.entries(raw).map(([key, each]) => ({ key, ...present(field, each, joined(path, key)) }));
    const value = read.flatMap((each) => (each.value === undefined ? [] : [[each.key, each.value] as const]));
    return {
      value: value.sort(([a], [b]) => (a < b ? -1 : 1)),
      remarks: read.flatMap(({ remarks }) => remarks),
    };
  };
}

/** A mapping whose keys are those of `table`, in any case; every other key is remarked as dropped. */
export function mapping<Table extends { readonly [key: string]: Field<unknown> }>(table: Table): Field<Values<Table>> {
  return (raw, path) => {
    if (raw === null || raw === undefined || raw === "") return nothing;
    if (!isMapping(raw))
      return { value: undefined, remarks: [legacyError(path, "must be a mapping: write lines such as key: value")] };
    const remarks: LegacyRemark[] = [];
    const values = new Map<string, unknown>();
    const written = new Map<string, string>();
    for (const [key, each] of Object.entries(raw)) {
      const known = key.toLowerCase();
      const field = Object.hasOwn(table, known) ? table[known] : undefined;
      const twin = written.get(known);
      if (field === undefined) remarks.push(legacyWarning(joined(path, key), `is not known and is dropped${hint(table, key)}`));
      else if (twin !== undefined) remarks.push(legacyError(joined(path, key), `is the same key as ${twin}: remove one of them`));
      else {
        const read = field(each, joined(path, known));
        values.set(known, read.value);
        remarks.push(...read.remarks);
        written.set(known, key);
      }
    }
    const value = Object.fromEntries(Object.keys(table).map((key) => [key, values.get(key)])) as Values<Table>;
    return { value, remarks };
  };
}

/** Where nothing is no answer. */
function present<T>(field: Field<T>, raw: unknown, path: string): Reading<T> {
  const read = field(raw, path);
  if (read.value !== undefined || read.remarks.length > 0) return read;
  return { value: undefined, remarks: [legacyError(path, "is empty: fill it in or remove the line")] };
}

function scalar<T>(expected: string, parse: (written: string) => T | undefined): Field<T> {
  return (raw, path) => {
    if (raw === null || raw === undefined || raw === "") return nothing;
    const value = typeof raw === "string" ? parse(raw) : undefined;
    if (value !== undefined) return { value, remarks: [] };
    const found = typeof raw === "string" ? `, not ${JSON.stringify(raw)}` : "";
    return { value: undefined, remarks: [legacyError(path, `must be ${expected}${found}`)] };
  };
}

/** A known key that differs in signs or case only: `my_asn`, `myASN`. */
function hint(table: object, key: string): string {
  const letters = (word: string): string => word.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const meant = Object.keys(table).find((known) => letters(known) === letters(key));
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}

function isMapping(raw: unknown): raw is object {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw);
}

function joined(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
