import { deepEqual, match, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root } from "./sources.ts";

/** The folders whose code may not see clocks, networks, files or processes. */
const pureProjects = [
  "crds",
  "operator/allocation",
  "operator/explain",
  "webhooks/admission",
  "speaker/codec",
  "speaker/intent",
  "speaker/l2",
  "speaker/membership",
  "speaker/bgp",
  "speaker/bfd",
];

/** One file put into a project of a copy of the repository, and whether the build must refuse it. */
type Probe = { readonly rule: string; readonly file: string; readonly text: string; readonly refused: boolean };

const outside: readonly (readonly [what: string, text: string])[] = [
  ["node:net", 'import { connect } from "node:net";\nexport const probe = connect;\n'],
  ["Buffer", "export const probe = Buffer.alloc(1);\n"],
  ["setTimeout", "export const probe = setTimeout(() => {}, 1);\n"],
  ["process", "export const probe = process.pid;\n"],
  ["console", 'console.log("probe");\nexport const probe = 1;\n'],
];

const probes: readonly Probe[] = [
  ...pureProjects.flatMap((project) =>
    outside.map(([what, text], index) => ({
      rule: `${project} cannot use ${what}`,
      file: `${project}/probe-${index}.ts`,
      text,
      refused: true,
    })),
  ),
  ...["speaker/l2", "speaker/intent", "operator/allocation", "operator/explain", "webhooks/admission"].map((project) => ({
    rule: `${project} may import crds`,
    file: `${project}/probe-crds.ts`,
    text: 'import type { Address } from "../../crds/net/address.ts";\nexport type Probe = Address;\n',
    refused: false,
  })),
  wrongImport("crds", "../operator/framework/clock.ts", "Clock"),
  wrongImport("speaker/codec", "../intent/intent.ts", "Intent"),
  wrongImport("speaker/l2", "../native/ports.ts", "FrameTap"),
  wrongImport("speaker/intent", "../native/ports.ts", "FrameTap"),
  wrongImport("speaker/bgp", "../native/ports.ts", "Link"),
  wrongImport("speaker/bfd", "../native/ports.ts", "Link"),
  wrongImport("operator/allocation", "../framework/clock.ts", "Clock"),
  wrongImport("operator/explain", "../framework/clock.ts", "Clock"),
  wrongImport("webhooks/admission", "../../operator/framework/api/kube-api.ts", "KubeApi"),
];

function wrongImport(project: string, path: string, name: string): Probe {
  const text = `import type { ${name} } from "${path}";\nexport type Probe = ${name};\n`;
  return { rule: `${project} cannot import ${join(project, path)}`, file: `${project}/probe-import.ts`, text, refused: true };
}

const copy = join(root, `.build/purity-${process.pid}`);
let diagnostics: ReadonlyMap<string, string> = new Map();

before(() => {
  mkdirSync(copy, { recursive: true });
  cpSync(join(root, "tsconfig.base.json"), join(copy, "tsconfig.base.json"));
  for (const folder of ["crds", "operator", "webhooks", "speaker"])
    cpSync(join(root, folder), join(copy, folder), { recursive: true, filter: (path) => !path.endsWith(".test.ts") });
  for (const { file, text } of probes) writeFileSync(join(copy, file), text);
  // Each project by itself: an error in one must not hide those of another.
  const outputs = pureProjects.map((project) => build(project).stdout);
  diagnostics = new Map(outputs.flatMap((output) => output.split("\n")).map((line) => [line.split("(")[0] ?? "", line]));
});

after(() => rmSync(copy, { recursive: true, force: true }));

for (const { rule, file, refused } of probes)
  test(rule, () => {
    const said = diagnostics.get(file);
    if (!refused) deepEqual(said, undefined);
    else match(said ?? "the build accepted it", /error TS(2304|2307|2339|2503|2580|2584|2591|6059|6307)/);
  });

test("the pure projects are those whose tsconfig has no types, and they exist", () => {
  for (const project of pureProjects) {
    const { stdout } = spawnSync("tsc", ["-p", project, "--showConfig"], { cwd: root, encoding: "utf8" });
    ok(stdout.includes("compilerOptions"), project);
    const config: { readonly compilerOptions: { readonly types?: unknown; readonly lib?: unknown } } = JSON.parse(stdout);
    deepEqual([config.compilerOptions.types, config.compilerOptions.lib], [[], ["es2024"]], project);
  }
});

test("the webhooks ask pure code what a write means, and none that acts on the cluster", () => {
  const { stdout } = spawnSync("tsc", ["-p", "webhooks/server", "--showConfig"], { cwd: root, encoding: "utf8" });
  const config: { readonly references: readonly { readonly path: string }[] } = JSON.parse(stdout);
  const used = config.references.map(({ path }) => join("webhooks/server", path)).sort();
  deepEqual(used, ["crds", "operator/allocation", "operator/framework", "webhooks/admission"]);
});

function build(project: string) {
  return spawnSync("tsc", ["-b", "--pretty", "false", project], { cwd: copy, encoding: "utf8" });
}
