import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** A file and what is in it. */
export type Input = { readonly name: string; readonly text: string };

/** Reads a file; `-` is standard input. @throws {Error} when it cannot be read. */
export function readInput(name: string): Promise<string> {
  return name === "-" ? text(process.stdin) : readFile(name, "utf8");
}

/**
 * Reads files, and of a directory the files that kubectl reads: *.yaml, *.yml and *.json directly in it.
 * @throws {Error} when one cannot be read, or a directory holds none.
 */
export async function readInputs(names: readonly string[]): Promise<readonly Input[]> {
  const files = await Promise.all(names.map(filesOf));
  return Promise.all(files.flat().map(async (name) => ({ name, text: await readInput(name) })));
}

async function filesOf(name: string): Promise<readonly string[]> {
  if (name === "-" || !(await stat(name)).isDirectory()) return [name];
  const inside = (await readdir(name)).filter((each) => /\.(ya?ml|json)$/.test(each)).sort();
  if (inside.length === 0) throw new Error(`${name}: no *.yaml, *.yml or *.json directly in this directory`);
  return inside.map((each) => join(name, each));
}
