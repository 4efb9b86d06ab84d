import { deepEqual, equal, match } from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { promisify } from "node:util";
import { version } from "../version.ts";
import { validate } from "./validate.ts";

const pool = (name: string, addresses: string): string => `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata:
  name: ${name}
  namespace: metallb-system
spec:
  addresses: [${addresses}]
`;
const errors = (text: string): readonly string[] =>
  validate([{ name: "a.yaml", text }]).flatMap(({ severity, text: remark }) => (severity === "error" ? [remark] : []));

test("a valid pool has no errors", () => deepEqual(errors(pool("a", "10.0.0.0/24")), []));

test("what is legal and surely not meant is a warning; of nodes only where the files hold some", () => {
  const warnings = (text: string) =>
    validate([{ name: "a.yaml", text }]).flatMap(({ severity, text: remark }) => (severity === "warning" ? [remark] : []));
  const advertisement = `apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: x, namespace: metallb-system }
spec: { nodeSelectors: [{ matchLabels: { role: edge } }] }
`;
  const node = "apiVersion: v1\nkind: Node\nmetadata: { name: n1 }\n";
  match(warnings(pool("a", "10.0.0.1-10.0.0.9")).join("\n"), /^IPAddressPool\/a: .*no advertisement selects this pool yet/);
  deepEqual(warnings(`${pool("a", "10.0.0.1-10.0.0.9")}---\n${advertisement}`), []);
  match(
    warnings(`${pool("a", "10.0.0.1-10.0.0.9")}---\n${advertisement}---\n${node}`).join("\n"),
    /^L2Advertisement\/x spec\.nodeSelectors: .*no node/,
  );
});

test("a malformed range is named with its field", () => {
  const [first, ...others] = errors(pool("a", "10.0.0.1-5"));
  match(first ?? "", /^IPAddressPool\/a spec\.addresses\[0\]: .*10\.0\.0\.1-10\.0\.0\.5/);
  equal(others.length, 0);
});

test("objects of several files and documents are compared with each other", () => {
  const files = [
    { name: "a.yaml", text: `${pool("a", "10.0.0.0/24")}---\n${pool("c", "10.1.0.0/24")}` },
    { name: "b.yaml", text: pool("b", "10.0.0.9/32") },
  ];
  const found = validate(files).filter(({ severity }) => severity === "error");
  equal(found.length, 1);
  match(found[0]?.text ?? "", /overlaps with already defined CIDR/);
});

test("a missing --- is recognized by the key that is there twice, with its line", () => {
  match(
    errors(pool("a", "10.0.0.0/24") + pool("b", "10.1.0.0/24"))[0] ?? "",
    /^a\.yaml:8: the key "apiVersion" is there twice.*---/,
  );
});

test("text that is no YAML is an error with its line", () => {
  match(errors("kind: [")[0] ?? "", /^a\.yaml:1: /);
});

test("other objects are passed over, and a file without ours is an error", () => {
  const remarks = validate([{ name: "a.yaml", text: "kind: Deployment\napiVersion: apps/v1\n" }]);
  deepEqual(
    remarks.map(({ severity }) => severity),
    ["note", "error"],
  );
});

test("members of a List are checked", () => {
  const list = {
    apiVersion: "v1",
    kind: "List",
    items: [{ apiVersion: "metallb.io/v1beta1", kind: "IPAddressPool", metadata: { name: "a" } }],
  };
  match(errors(JSON.stringify(list))[0] ?? "", /IPAddressPool\/a/);
});

test("the version is the package's", async () => {
  const manifest: unknown = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  equal(typeof manifest === "object" && manifest !== null && "version" in manifest && manifest.version, version);
});

test("the command ends with 1 on errors and with 2 when a file cannot be read", async () => {
  const run = async (...args: readonly string[]): Promise<unknown> => {
    const script = new URL("herald.ts", import.meta.url).pathname;
    return promisify(execFile)(process.execPath, [script, ...args]).then(
      () => 0,
      (error: { readonly code?: unknown }) => error.code,
    );
  };
  const own = new URL("validate.ts", import.meta.url).pathname;
  deepEqual(await Promise.all([run("version"), run("validate", own), run("validate", "/nowhere.yaml")]), [0, 1, 2]);
});
