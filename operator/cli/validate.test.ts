import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Backend } from "../../crds/config/backend.ts";
import { type Remark, validate } from "./validate.ts";

const namespace = "metallb-system";
const object = (kind: string, name: string, spec: string, version = "v1beta1"): string =>
  `apiVersion: metallb.io/${version}\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: ${spec}\n`;
const pool = (name: string, addresses: string): string => object("IPAddressPool", name, `{ addresses: [${addresses}] }`);
const inputs = (texts: readonly string[]) => texts.map((text, index) => ({ name: `${index}.yaml`, text }));
const check = (...texts: readonly string[]): readonly Remark[] => validate(inputs(texts), { namespace, backend: "herald" });
const lines = (severity: Remark["severity"], ...texts: readonly string[]): readonly string[] =>
  check(...texts).flatMap((remark) => (remark.severity === severity ? [`${remark.place}: ${remark.text}`] : []));
const errors = (...texts: readonly string[]) => lines("error", ...texts);

test("a valid pool has no errors", () => deepEqual(errors(pool("a", "10.0.0.0/24")), []));

test("a malformed range is named with its file, line and field", () => {
  const [first, ...others] = errors(`---\n${pool("a", "10.0.0.1-5")}`);
  match(first ?? "", /^0\.yaml:2: IPAddressPool "a": spec\.addresses\[0\]: .*10\.0\.0\.1-10\.0\.0\.5/);
  equal(others.length, 0);
});

test("a sentence says whom it is about once", () => {
  const peers = ["a", "b"].map((name) => object("BGPPeer", name, "{ myASN: 1, peerASN: 2, peerAddress: 10.0.0.1 }", "v1beta2"));
  const said = validate(inputs([pool("p", "10.0.0.1-5"), ...peers]), { namespace, backend: "frr" }).map(({ text }) => text);
  ok(said.length > 1);
  deepEqual(
    said.filter((text) => !/^[A-Za-z0-9]+ "[a-z]"/.test(text) || /^([A-Za-z0-9]+ "[a-z]"): \1/.test(text)),
    [],
  );
});

test("objects of several files and documents are compared with each other", () => {
  const found = errors(`${pool("a", "10.0.0.0/24")}---\n${pool("c", "10.1.0.0/24")}`, pool("b", "10.0.0.9/32"));
  equal(found.length, 1);
  match(found[0] ?? "", /^1\.yaml:1: .*overlaps with already defined CIDR/);
});

test("an object of several files is named with all its places", () => {
  match(errors(pool("a", "10.0.0.0/24"), pool("a", "10.0.1.0/24"))[0] ?? "", /^0\.yaml:1, 1\.yaml:1: /);
});

test("where a line --- is missing, the object that kubectl would lose is named, and both are checked", () => {
  const text = object("L2Advertisement", "layer2", "{ ipAddressPools: [pool] }") + pool("pool", "10.0.0.1-5");
  const [lost, malformed, ...others] = errors(text);
  match(lost ?? "", /^0\.yaml:5: IPAddressPool "pool" begins without a line ---.* would lose L2Advertisement "layer2" of line 1/);
  match(malformed ?? "", /^0\.yaml:5: IPAddressPool "pool": spec\.addresses\[0\]/);
  equal(others.length, 0);
});

test("numbers and truths are read as kubectl reads them", () => {
  deepEqual(errors(object("IPAddressPool", "a", "{ addresses: [10.0.0.0/24], autoAssign: no }")), []);
});

test("text that is no YAML is an error with its line", () => match(errors("kind: [")[0] ?? "", /^0\.yaml:1: /));

test("other objects are passed over with a note, and files without ours are an error", () => {
  deepEqual(
    check("kind: Deployment\napiVersion: apps/v1\n").map(({ severity }) => severity),
    ["note", "error"],
  );
});

test("members of a List are checked", () => {
  const items = [{ apiVersion: "metallb.io/v1beta1", kind: "IPAddressPool", metadata: { name: "a", namespace } }];
  match(errors(JSON.stringify({ apiVersion: "v1", kind: "List", items }))[0] ?? "", /IPAddressPool "a"/);
});

const kinds: readonly (readonly [kind: string, version: string, spec: string])[] = [
  ["IPAddressPool", "v1beta1", "{ addresses: x }"],
  ["L2Advertisement", "v1beta1", "{ interfaces: x }"],
  ["BGPAdvertisement", "v1beta1", "{ communities: x }"],
  ["BGPPeer", "v1beta2", "{ myASN: x }"],
  ["BGPPeer", "v1beta1", "{ myASN: x }"],
  ["BFDProfile", "v1beta1", "{ echoMode: x }"],
  ["Community", "v1beta1", "{ communities: x }"],
];
for (const [kind, version, spec] of kinds) {
  test(`a ${kind} of ${version} is checked against its schema`, () => {
    match(errors(object(kind, "a", spec, version)).join(), new RegExp(`^0\\.yaml:1: ${kind} "a": .*spec\\.`));
  });

  test(`a field that ${kind} of ${version} does not have is an error, as for kubectl`, () => {
    match(errors(object(kind, "a", "{ nonsense: 1 }", version)).join(), /unknown field "spec\.nonsense"/);
  });
}

test("what the webhook cannot decode is an error", () => {
  match(
    errors(object("BGPAdvertisement", "a", "{ aggregationLengthV6: 2147483648 }")).join(),
    /spec\.aggregationLengthV6: 2147483648 is not a whole number/,
  );
  match(
    errors(object("BGPPeer", "a", "{ myASN: 1, holdTime: ninety }", "v1beta2")).join(),
    /spec\.holdTime: "ninety" is not a duration/,
  );
});

test("every local preference of 32 bits is good, and what lies beside is told its bound", () => {
  const said = (value: string) => errors(object("BGPAdvertisement", "a", `{ localPref: ${value} }`)).join();
  for (const value of ["0", "2147483648", "4294967295"]) equal(said(value), "");
  match(said("4294967296"), /spec\.localPref: must be <= 4294967295/);
  match(said("-1"), /spec\.localPref: must be >= 0/);
});

test("a password that TCP MD5 does not take is an error with the way out", () => {
  const said = (octets: number) => {
    const spec = `{ myASN: 1, peerASN: 2, peerAddress: 10.0.0.1, password: ${"x".repeat(octets)} }`;
    return errors(object("BGPPeer", "a", spec, "v1beta2")).join();
  };
  match(said(81), /spec\.password: the password has 81 octets: TCP MD5 takes at most 80\. Choose a shorter one/);
  equal(said(80), "");
});

test("a kind, or a version of a kind, that is not there is an error that names those that are", () => {
  match(errors(object("AddressPool", "a", "{}")).join(), /there is no kind AddressPool .*IPAddressPool, L2Advertisement/);
  const [version, ...others] = errors(object("BGPPeer", "a", "{}", "v1"));
  equal(others.length, 0);
  match(version ?? "", /no version metallb\.io\/v1: write .*v1beta1 or metallb\.io\/v1beta2/);
});

test("a BGPPeer of v1beta1 is checked as what it is stored as, and a warning says so", () => {
  const peer = object("BGPPeer", "a", "{ myASN: 1, peerASN: 2, peerAddress: 10.0.0.1 }", "v1beta1");
  deepEqual(errors(peer), []);
  match(lines("warning", peer)[0] ?? "", /v1beta1 is deprecated/);
});

test("an object in another namespace is an error with MetalLB's words, one without a namespace a warning", () => {
  const elsewhere = pool("a", "10.0.0.0/24").replace(`namespace: ${namespace}`, "namespace: default");
  match(errors(elsewhere).join(), /resource must be created in metallb-system namespace/);
  match(
    lines("warning", "apiVersion: metallb.io/v1beta1\nkind: Community\nmetadata: { name: a }\n").join(),
    /metadata\.namespace is missing/,
  );
});

test("a legacy ConfigMap is a warning that names herald convert", () => {
  const legacy = `kind: ConfigMap\napiVersion: v1\nmetadata: { name: config, namespace: ${namespace} }\ndata: { config: "peers: []" }\n`;
  match(lines("warning", legacy).join(), /legacy configuration ignored: .*herald convert/);
  deepEqual(lines("note", legacy), []);
});

test("Namespaces and Nodes in the files are what selectors look at, and need no note", () => {
  const text = "kind: Node\napiVersion: v1\nmetadata: { name: n }\n---\nkind: Namespace\napiVersion: v1\nmetadata: { name: x }\n";
  deepEqual(lines("note", text), []);
});

test("what is legal and surely not meant is a warning; of nodes only where the files hold some", () => {
  const advertisement = object("L2Advertisement", "x", "{ nodeSelectors: [{ matchLabels: { role: edge } }] }");
  const node = "apiVersion: v1\nkind: Node\nmetadata: { name: n1 }\n";
  const lone = pool("a", "10.0.0.1-10.0.0.9");
  match(lines("warning", lone).join(), /IPAddressPool "a": .*no advertisement selects this pool yet/);
  deepEqual(lines("warning", lone, advertisement), []);
  match(lines("warning", lone, advertisement, node).join(), /L2Advertisement "x": .*no node/);
});

test("the limits are those of the backend", () => {
  const peer = (name: string) => object("BGPPeer", name, "{ myASN: 1, peerASN: 2, peerAddress: 10.0.0.1 }", "v1beta2");
  const refused = (backend: Backend) =>
    validate(inputs([peer("a"), peer("b")]), { namespace, backend }).filter(({ severity }) => severity === "error");
  deepEqual([refused("herald").length, refused("native").length], [0, 0]);
  match(refused("frr")[0]?.text ?? "", /^BGPPeer "b": .*already exists, FRR mode doesn't support duplicate BGPPeers/);
});

test("any YAML gets an answer, never an exception", () => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.jsonValue(), fc.jsonValue(), ([kind, version], spec, metadata) => {
      const text = JSON.stringify({ apiVersion: `metallb.io/${version}`, kind, metadata, spec });
      ok(check(text).length > 0);
    }),
  );
});
