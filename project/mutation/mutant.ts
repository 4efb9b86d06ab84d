/** One small change of one source file that some test should notice. Positions are offsets into its text. */
export type Mutant = {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
};

/** The file's text with the change made. */
export function mutated(text: string, { start, end, replacement }: Mutant): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** Where it is and what it does, in one line. */
export function describe(text: string, { file, start, end, replacement }: Mutant): string {
  const before = text.slice(0, start);
  const line = before.split("\n").length;
  const column = start - before.lastIndexOf("\n");
  return `${file}:${line}:${column}  ${short(text.slice(start, end))}  ->  ${short(replacement)}`;
}

function short(code: string): string {
  const flat = code.replace(/\s+/g, " ").trim();
  return flat === "" ? "(nothing)" : flat.length <= 60 ? flat : `${flat.slice(0, 57)}...`;
}
