#!/usr/bin/env node
import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { version } from "../version.ts";
import { type Remark, type ValidateInput, validate } from "./validate.ts";

const program = new Command("herald").description("Looks at the configuration of Herald.").showHelpAfterError();

program
  .command("version")
  .description("print the version")
  .action(() => {
    process.stdout.write(`${version}\n`);
  });

program
  .command("validate")
  .description("check YAML files as the cluster would, all of them together, without a cluster")
  .argument("<file...>", "YAML files; - is standard input")
  .action(async (files: readonly string[]) => {
    const remarks = validate(await Promise.all(files.map(read)));
    process.stdout.write(remarks.map(lineOf).join(""));
    const errors = remarks.filter(({ severity }) => severity === "error").length;
    process.stdout.write(errors === 0 ? "valid\n" : `${errors} ${errors === 1 ? "error" : "errors"}\n`);
    process.exitCode = errors === 0 ? 0 : 1;
  });

await program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`herald: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});

async function read(name: string): Promise<ValidateInput> {
  return { name, text: await readFile(name === "-" ? "/dev/stdin" : name, "utf8") };
}

function lineOf({ severity, text }: Remark): string {
  return `${severity}: ${text}\n`;
}
