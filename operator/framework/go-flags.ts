/** One flag, in Go's syntax: `-x v`, `-x=v`, with one or two dashes; a `bool` takes its value after `=` only. */
export type Flag = {
  readonly name: string;
  readonly kind: "string" | "int" | "bool";
  readonly default: string | number | boolean;
  /** Environment variable whose value, if set and not empty, is the default. */
  readonly env?: string;
  readonly help: string;
};

/** Names to values, typed by the table. */
export type FlagValues<T extends readonly Flag[]> = {
  readonly [F in T[number] as F["name"]]: F["kind"] extends "bool" ? boolean : F["kind"] extends "int" ? number : string;
};

export type ParsedFlags<T extends readonly Flag[]> =
  | { readonly ok: true; readonly values: FlagValues<T>; readonly rest: readonly string[] }
  /** `text` belongs on standard error, then the process ends with `exitCode`. */
  | { readonly ok: false; readonly exitCode: 0 | 2; readonly text: string };

type Value = string | number | boolean;
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Parses like Go's `flag` package: the first argument that is no flag, or `--`, ends the flags.
 * @param table constant (`as const`), so that the values are typed.
 */
export function parseFlags<const T extends readonly Flag[]>(
  program: string,
  table: T,
  args: readonly string[],
  env: Environment,
): ParsedFlags<T> {
  const fail = (message: string, exitCode: 0 | 2 = 2): ParsedFlags<T> => {
    const text = `${message === "" ? "" : `${message}\n`}${usage(program, table)}`;
    return { ok: false, exitCode, text };
  };
  const values: Record<string, Value> = {};
  for (const flag of table) {
    const preset = flag.env === undefined ? undefined : env[flag.env] || undefined;
    const value = preset === undefined ? flag.default : convert(flag, preset);
    if (value === undefined) return fail(`invalid value ${JSON.stringify(preset)} in ${flag.env}: parse error`);
    values[flag.name] = value;
  }
  let at = 0;
  for (; at < args.length; at++) {
    const parts = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(args[at] ?? "");
    if (parts === null) break;
    const [, name = "", inline] = parts;
    const flag = table.find((candidate) => candidate.name === name);
    if (flag === undefined)
      return name === "help" || name === "h" ? fail("", 0) : fail(`flag provided but not defined: -${name}`);
    const text = inline ?? (flag.kind === "bool" ? "true" : args[++at]);
    if (text === undefined) return fail(`flag needs an argument: -${name}`);
    const value = convert(flag, text);
    if (value === undefined) return fail(`invalid value ${JSON.stringify(text)} for flag -${name}: parse error`);
    values[name] = value;
  }
  const argument = args[at];
  if (argument === "--") at++;
  else if (argument !== undefined && argument.length > 1 && argument.startsWith("-")) return fail(`bad flag syntax: ${argument}`);
  return { ok: true, values: values as FlagValues<T>, rest: args.slice(at) };
}

/** What `-h` prints: every flag with its kind, help, default and variable. */
export function usage(program: string, table: readonly Flag[]): string {
  const lines = table.map((flag) => {
    const kind = flag.kind === "bool" ? "" : ` ${flag.kind}`;
    const preset = flag.default === "" || flag.default === false ? "" : ` (default ${JSON.stringify(flag.default)})`;
    const variable = flag.env === undefined ? "" : ` [$${flag.env}]`;
    return `  -${flag.name}${kind}\n    \t${flag.help}${preset}${variable}\n`;
  });
  return `Usage of ${program}:\n${lines.join("")}`;
}

function convert(flag: Flag, text: string): Value | undefined {
  if (flag.kind === "string") return text;
  if (flag.kind === "int") return parseGoInt(text);
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  return ["0", "f", "F", "false", "FALSE", "False"].includes(text) ? false : undefined;
}

/** Decimal, 0x, 0o, 0b, or a leading 0 for octal; undefined beyond what a double holds exactly. */
function parseGoInt(text: string): number | undefined {
  const parts = /^([+-]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/.exec(text);
  if (parts === null) return undefined;
  const [, sign, digits = ""] = parts;
  const size = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  const value = sign === "-" ? -size : size;
  return Number.isSafeInteger(value) ? value : undefined;
}
