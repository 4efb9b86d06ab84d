#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { backendOf } from "../../crds/config/backend.ts";
import { version } from "../version.ts";
import { convert } from "./convert.ts";
import { readInputs } from "./input.ts";
import type { Terminal } from "./terminal.ts";
import { type Remark, validate } from "./validate.ts";

const terminal: Terminal = {
  print: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
};

const program = new Command("herald").description("Looks at the configuration of Herald.").showHelpAfterError().exitOverride();

program
  .command("version")
  .description("print the version")
  .action(() => terminal.print(`${version}\n`));

program
  .command("validate")
  .description("check YAML files as the cluster would, all of them together, without a cluster")
  .argument("<file...>", "YAML or JSON files, or directories of them (not below); - is standard input")
  .option("-n, --namespace <name>", "the namespace that Herald runs in", "metallb-system")
  .option("--bgp-type <type>", "the value of METALLB_BGP_TYPE: herald, native, frr or frr-k8s", "herald")
  .addHelpText("after", "\nExit codes: 0 no error, 1 errors, 2 the files cannot be read or the command line is wrong.")
  .action(async (files: readonly string[], { namespace, bgpType }: { readonly namespace: string; readonly bgpType: string }) => {
    const backend = backendOf(bgpType);
    if (backend === undefined)
      throw new Error(`--bgp-type must be herald, native, frr or frr-k8s, not ${JSON.stringify(bgpType)}`);
    const remarks = validate(await readInputs(files), { namespace, backend });
    const errors = remarks.filter(({ severity }) => severity === "error").length;
    terminal.print(remarks.map(lineOf).join(""));
    terminal.print(errors === 0 ? "valid\n" : `${errors} ${errors === 1 ? "error" : "errors"}\n`);
    process.exitCode = errors === 0 ? 0 : 1;
  });

program
  .command("convert")
  .description("make objects of the ConfigMap that MetalLB read before version 0.13")
  .argument("[file]", "the ConfigMap, YAML or JSON; - is standard input", "-")
  .option("--only-data", "the file is the text of the ConfigMap's key config, not the ConfigMap", false)
  .option("-o, --output <file>", "file to write instead of standard output; it is there as a whole or not at all")
  .addHelpText("after", "\nExit codes: 0 converted, 1 errors, 2 a file cannot be read or written or the command line is wrong.")
  .action(async (file: string, { onlyData, output }: { readonly onlyData: boolean; readonly output?: string }) => {
    process.exitCode = await convert(file, { onlyData, output }, terminal);
  });

await program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2; // help and the version are no failures, and are told already
    return;
  }
  terminal.complain(`herald: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});

function lineOf({ severity, place, text }: Remark): string {
  return `${severity}: ${place === "" ? "" : `${place}: `}${text.replaceAll("\n", "\n  ")}\n`;
}
