import { randomBytes } from "node:crypto";
import { realpath, rename, rm, stat, writeFile } from "node:fs/promises";

/**
 * Writes a file that is there as a whole or not at all, readable by its owner only.
 * @throws {Error} when it cannot be written, or when something else than a file has that name.
 */
export async function writeWholeFile(path: string, text: string): Promise<void> {
  const target = await fileBehind(path);
  const unfinished = `${target}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    await writeFile(unfinished, text, { mode: 0o600, flag: "wx" });
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Where a link leads. */
async function fileBehind(path: string): Promise<string> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (found === undefined) return path;
  if (!found.isFile()) throw new Error(`${path} is no file: name one, or leave --output out for standard output`);
  return realpath(path);
}
