import { convertLegacy } from "../../crds/convert/legacy-conversion.ts";
import type { LegacyRemark } from "../../crds/convert/legacy-remark.ts";
import { readInput } from "./input.ts";
import type { Terminal } from "./terminal.ts";
import { writeWholeFile } from "./whole-file.ts";

export type ConvertOptions = {
  /** The text is the value of the ConfigMap's key `config`, not the ConfigMap. */
  readonly onlyData: boolean;
  /** File to write; undefined: standard output. */
  readonly output: string | undefined;
};

/**
 * Converts a legacy ConfigMap; remarks go to standard error.
 * @param file `-` is standard input.
 * @returns the exit code: 0, or 1 when there is an error in the configuration, and then nothing is written.
 * @throws {Error} when a file cannot be read or written.
 */
export async function convert(file: string, { onlyData, output }: ConvertOptions, terminal: Terminal): Promise<0 | 1> {
  const { yaml, remarks } = convertLegacy(await readInput(file), { onlyData });
  for (const remark of remarks) terminal.complain(lineOf(remark));
  if (yaml === undefined) {
    terminal.complain("nothing was written: mend the errors first\n");
    return 1;
  }
  if (output === undefined) terminal.print(yaml);
  else {
    await writeWholeFile(output, yaml);
    terminal.complain(`${output} is written\n`);
  }
  return 0;
}

function lineOf({ severity, path, message }: LegacyRemark): string {
  return `${severity}: ${path === "" ? "" : `${path}: `}${message.replaceAll("\n", "\n  ")}\n`;
}
