import { deepEqual, equal, match } from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { version } from "../version.ts";

const script = fileURLToPath(new URL("herald.ts", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "herald-cli-"));
after(() => rmSync(scratch, { recursive: true }));

/** Runs the command as a user does. */
async function herald(args: readonly string[], input = "") {
  const child = spawn(process.execPath, [script, ...args], { cwd: scratch });
  child.stdin.end(input);
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code, out, err };
}

const pool = "apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: { name: a, namespace: metallb-system }\nspec: ";
const good = `${pool}{ addresses: [10.0.0.1-10.0.0.9] }\n`;
const legacy = (addresses: string) => `address-pools: [{ name: a, protocol: layer2, addresses: [${addresses}] }]`;

test("the version is the package's", async () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  equal(typeof manifest === "object" && manifest !== null && "version" in manifest && manifest.version, version);
  equal((await herald(["version"])).out, `${version}\n`);
});

test("validate ends with 0 without errors, 1 with errors, 2 when a file cannot be read or the command line is wrong", async () => {
  writeFileSync(join(scratch, "good.yaml"), good);
  const codes = await Promise.all([
    herald(["validate", "good.yaml"]),
    herald(["validate", "-"], `${pool}{}\n`),
    herald(["validate", "/nowhere.yaml"]),
    herald(["validate", "--frobnicate", "good.yaml"]),
    herald(["validate"]),
    herald(["validate", "--help"]),
  ]);
  deepEqual(
    codes.map(({ code }) => code),
    [0, 1, 2, 2, 2, 0],
  );
  match(codes[5]?.out ?? "", /Exit codes: 0 no error, 1 errors, 2 /);
});

test("validate reads the YAML and JSON files directly in a directory, and refuses one that has none", async () => {
  const folder = join(scratch, "folder");
  mkdirSync(join(folder, "below"), { recursive: true });
  mkdirSync(join(scratch, "empty"));
  writeFileSync(join(folder, "a.yaml"), good);
  writeFileSync(join(folder, "b.json"), JSON.stringify({ kind: "Deployment", apiVersion: "apps/v1" }));
  writeFileSync(join(folder, "notes.txt"), "kind: [");
  writeFileSync(join(folder, "below", "c.yaml"), "kind: [");
  const [found, none] = await Promise.all([herald(["validate", "folder"]), herald(["validate", "empty"])]);
  equal(found.code, 0, found.out);
  match(found.out, /^note: folder\/b\.json:1: Deployment is not checked here\n.*valid\n$/s);
  equal(/error|notes\.txt|below/.test(found.out), false, found.out);
  deepEqual(none, { code: 2, out: "", err: "herald: empty: no *.yaml, *.yml or *.json directly in this directory\n" });
});

test("validate takes objects of the namespace that it is told", async () => {
  const text = good.replace("metallb-system", "network");
  const codes = await Promise.all([herald(["validate", "-"], text), herald(["validate", "-n", "network", "-"], text)]);
  deepEqual(
    codes.map(({ code }) => code),
    [1, 0],
  );
});

test("validate takes the values of METALLB_BGP_TYPE and no other", async () => {
  const peer = (name: string) =>
    `apiVersion: metallb.io/v1beta2\nkind: BGPPeer\nmetadata: { name: ${name}, namespace: metallb-system }\n` +
    "spec: { myASN: 1, peerASN: 2, peerAddress: 10.0.0.1 }\n";
  const ask = (type: string) => herald(["validate", "--bgp-type", type, "-"], `${peer("a")}---\n${peer("b")}`);
  const answers = await Promise.all(["native", "frr-k8s", "quagga"].map(ask));
  deepEqual(
    answers.map(({ code }) => code),
    [0, 1, 2],
  );
  equal(answers[2]?.err, 'herald: --bgp-type must be herald, native, frr or frr-k8s, not "quagga"\n');
});

test("convert writes objects to standard output and remarks to standard error, from standard input or a file", async () => {
  writeFileSync(join(scratch, "legacy.yaml"), legacy("10.0.0.1-10.0.0.9"));
  const [piped, named] = await Promise.all([
    herald(["convert", "--only-data"], `${legacy("10.0.0.1-10.0.0.9")}\nold: 1`),
    herald(["convert", "--only-data", "legacy.yaml"]),
  ]);
  equal(piped.code, 0);
  match(piped.err, /^warning: old: is not known and is dropped\n/);
  deepEqual([named.code, named.err.includes("old"), named.out], [0, false, piped.out]);
  match(piped.out, /^# Made by herald convert.*\napiVersion: metallb\.io\/v1beta1\nkind: IPAddressPool\n/);
});

test("convert ends with 1 when there is an error, and writes nothing at all", async () => {
  const [shown, written] = await Promise.all([
    herald(["convert", "--only-data"], legacy("nonsense")),
    herald(["convert", "--only-data", "--output", "failed.yaml"], legacy("nonsense")),
  ]);
  deepEqual([shown.code, shown.out, written.code], [1, "", 1]);
  match(shown.err, /error: address-pools\[0\]: .*nonsense/);
  deepEqual(
    readdirSync(scratch).filter((name) => name.startsWith("failed")),
    [],
  );
});

test("convert leaves a former file as it is when it fails, and replaces it, behind a link too, when it succeeds", async () => {
  writeFileSync(join(scratch, "former.yaml"), "former");
  symlinkSync("former.yaml", join(scratch, "link.yaml"));
  equal((await herald(["convert", "--only-data", "-o", "link.yaml"], "peers: x")).code, 1);
  equal(readFileSync(join(scratch, "former.yaml"), "utf8"), "former");
  equal((await herald(["convert", "--only-data", "-o", "link.yaml"], legacy("10.0.0.1-10.0.0.9"))).code, 0);
  match(readFileSync(join(scratch, "former.yaml"), "utf8"), /kind: L2Advertisement/);
  equal(statSync(join(scratch, "former.yaml")).mode & 0o777, 0o600);
});

test("convert ends with 2 when the output cannot be written, and never replaces what is no file", async () => {
  spawnSync("mkfifo", [join(scratch, "pipe")]);
  const asked = ["nowhere/out.yaml", "pipe", "."].map((output) =>
    herald(["convert", "--only-data", "-o", output], legacy("10.0.0.1-10.0.0.9")),
  );
  const answers = await Promise.all(asked);
  deepEqual(
    answers.map(({ code }) => code),
    [2, 2, 2],
  );
  match(answers[1]?.err ?? "", /pipe is no file: name one, or leave --output out/);
  equal(statSync(join(scratch, "pipe")).isFIFO(), true);
});
