import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { adopt } from "../adopt.ts";
import { brief, compiled, peer } from "../fixture/objects.ts";
import { emptyResources } from "../resources.ts";
import { outlineOfSecret } from "../secrets.ts";

const metadata = { name: "s", namespace: "metallb-system" };
const data = { password: "c2VjcmV0", other: "eA==" };
const basicAuth = outlineOfSecret({ metadata, type: "kubernetes.io/basic-auth", data });
const opaque = outlineOfSecret({ metadata, type: "Opaque", data });
const bySecret = (passwordSecret: object) => peer("p", { passwordSecret: { name: "s", ...passwordSecret } });

/** One peer and the Secrets of the cluster. */
function withSecrets(secrets: readonly object[] | undefined, bgpPeer: object) {
  const { snapshot, findings } = compiled({ bgpPeers: [bgpPeer], ...(secrets && { secrets }) });
  const [first] = findings;
  return { meaning: snapshot.peers[0], said: brief(findings), message: first?.message, remedy: first?.remedy ?? "" };
}

test("an outline of a Secret has the lengths of its values, and no values", () => {
  deepEqual(opaque, { metadata, type: "Opaque", octets: { other: 1, password: 6 } });
  for (const length of [0, 1, 2, 3, 79, 80, 81]) {
    const base64 = Buffer.alloc(length, 7).toString("base64");
    deepEqual(outlineOfSecret({ metadata, data: { password: base64 } }), { metadata, octets: { password: length } });
  }
});

test("a basic-auth Secret is used by its key password", () => {
  const { meaning, said } = withSecrets([basicAuth], bySecret({}));
  deepEqual([meaning?.password, meaning?.notReady, said], [{ type: "secret", name: "s", key: "password" }, undefined, []]);
});

test("the namespace that is written is ignored", () => {
  deepEqual(withSecrets([basicAuth], bySecret({ namespace: "elsewhere" })).said, []);
});

test("another key is used when it is named, in an Opaque Secret too", () => {
  for (const secret of [basicAuth, opaque])
    deepEqual(withSecrets([secret], bySecret({ key: "other" })).meaning?.password, { type: "secret", name: "s", key: "other" });
  deepEqual(withSecrets([opaque], bySecret({ key: "password" })).said, []);
});

test("a Secret that is not there is pending: the peer stands and is not ready", () => {
  const { meaning, said, message, remedy } = withSecrets([], bySecret({}));
  deepEqual(said, ["pending SecretMissing p spec.passwordSecret.name"]);
  equal(
    message,
    'parsing peer p secret ref not found for peer config "metallb-system"/"p"\nfailed to parse peer p password secret',
  );
  equal(meaning?.notReady, message);
  match(
    remedy,
    /kubectl create secret generic s -n metallb-system --type=kubernetes\.io\/basic-auth --from-literal=password=\.\.\./,
  );
});

test("of a peer without a namespace none is named", () => {
  const { metadata: _, ...rest } = bySecret({});
  const { message, remedy } = withSecrets([], { ...rest, metadata: { name: "p" } });
  match(message ?? "", /secret ref not found for peer config ""\/"p"\n/);
  match(remedy, /kubectl create secret generic s --type=/);
});

test("the Secret stands beside the peer in what is said, in the peer's namespace", () => {
  const { findings } = compiled({ bgpPeers: [bySecret({})], secrets: [] });
  deepEqual(findings[0]?.others, [{ kind: "Secret", namespace: "metallb-system", name: "s" }]);
  const bare = { ...bySecret({}), metadata: { name: "p" } };
  deepEqual(compiled({ bgpPeers: [bare], secrets: [] }).findings[0]?.others, [{ kind: "Secret", name: "s" }]);
});

test("where it is not known which Secrets there are, none is missed", () => {
  const { meaning, said } = withSecrets(undefined, bySecret({}));
  deepEqual([meaning?.notReady, said], [undefined, []]);
});

test("a Secret of the wrong type sets the peer aside, in MetalLB's words, with the way out beside them", () => {
  const { meaning, said, message, remedy } = withSecrets([opaque], bySecret({}));
  deepEqual([meaning, said], [undefined, ["error SecretTypeMismatch p spec.passwordSecret.name"]]);
  equal(
    message,
    'parsing peer p secret type mismatch on "metallb-system"/"s", type "kubernetes.io/basic-auth" is expected \n' +
      "failed to parse peer p password secret",
  );
  match(remedy, /kubectl create secret generic s .*--type=kubernetes\.io\/basic-auth/);
  match(remedy, /spec\.passwordSecret\.key/);
});

test("a Secret of a third type is refused although a key is named, and a Secret without type is Opaque", () => {
  deepEqual(withSecrets([{ ...opaque, type: "kubernetes.io/tls" }], bySecret({ key: "password" })).said, [
    "error SecretTypeMismatch p spec.passwordSecret.name",
  ]);
  deepEqual(withSecrets([{ ...opaque, type: undefined }], bySecret({ key: "password" })).said, []);
});

test("a Secret without the key sets the peer aside", () => {
  const { said, remedy } = withSecrets([{ ...basicAuth, octets: { username: 4 } }], bySecret({}));
  deepEqual(said, ["error SecretKeyMissing p spec.passwordSecret.name"]);
  match(remedy, /Add the key/);
  deepEqual(withSecrets([opaque], bySecret({ key: "pw" })).said, ["error SecretKeyMissing p spec.passwordSecret.key"]);
});

test("a password and a Secret at once are refused; a Secret without a name is none", () => {
  const both = peer("p", { password: "x", passwordSecret: { name: "s" } });
  deepEqual(withSecrets([basicAuth], both).said, ["error PasswordConflict p spec.passwordSecret"]);
  deepEqual(withSecrets([], peer("p", { password: "x", passwordSecret: { key: "k" } })).meaning?.password, {
    type: "octets",
    octets: [0x78],
  });
});

test("a password of more than 80 octets sets the peer aside; 80 are taken", () => {
  const told = ["error PasswordTooLong p spec.password"];
  const { meaning, said, message } = withSecrets(undefined, peer("p", { password: "x".repeat(81) }));
  deepEqual([meaning, said], [undefined, told]);
  equal(
    message,
    'BGPPeer "p": spec.password: the password has 81 octets: TCP MD5 takes at most 80. Choose a shorter one, here and on the router',
  );
  deepEqual(withSecrets(undefined, peer("p", { password: "ä".repeat(41) })).said, told);
  deepEqual(withSecrets(undefined, peer("p", { password: "ä".repeat(40) })).said, []);
});

test("a Secret whose password has more than 80 octets sets the peer aside; of others nothing is said", () => {
  const long = { ...opaque, octets: { long: 81, password: 80 } };
  const { meaning, said, message, remedy } = withSecrets([long], bySecret({ key: "long" }));
  deepEqual([meaning, said], [undefined, ["error PasswordTooLong p spec.passwordSecret.key"]]);
  match(message ?? "", /^parsing peer p key "long" of secret "metallb-system"\/"s": the password has 81 octets: TCP MD5 takes/);
  match(remedy, /Choose a shorter one/);
  deepEqual(withSecrets([long], bySecret({ key: "password" })).said, []);
  const { said: byDefault } = withSecrets([{ ...basicAuth, octets: { password: 81 } }], bySecret({}));
  deepEqual(byDefault, ["error PasswordTooLong p spec.passwordSecret.name"]);
});

test("an empty password in a Secret is a warning, and the peer is ready", () => {
  const { meaning, said, message } = withSecrets([{ ...basicAuth, octets: { password: 0 } }], bySecret({}));
  deepEqual([meaning?.name, meaning?.notReady, said], ["p", undefined, ["warning PasswordEmpty p spec.passwordSecret.name"]]);
  match(message ?? "", /sessions are opened without one/);
});

test("a password that became too long leaves the peer as it was", () => {
  const good = adopt(undefined, { ...emptyResources, bgpPeers: [peer("p", { password: "short" })] });
  const bad = adopt(good, { ...emptyResources, bgpPeers: [peer("p", { password: "x".repeat(81) }, { generation: 2 })] });
  deepEqual(brief(bad.findings), ["error PasswordTooLong p spec.password"]);
  deepEqual(bad.snapshot.peers[0]?.password, { type: "octets", octets: [...Buffer.from("short")] });
});

test("no password stands in any finding", () => {
  const { findings } = compiled({ bgpPeers: [peer("p", { password: "hunter2", passwordSecret: { name: "s" }, myASN: 0 })] });
  equal(JSON.stringify(findings).includes("hunter2"), false);
});

test("a Secret that goes bad makes a peer that is in force not ready, and is an error of the peer all the same", () => {
  const bgpPeers = [bySecret({})];
  const good = adopt(undefined, { ...emptyResources, bgpPeers, secrets: [basicAuth] });
  const bad = adopt(good, { ...emptyResources, bgpPeers, secrets: [opaque] });
  deepEqual(brief(bad.findings), ["error SecretTypeMismatch p spec.passwordSecret.name"]);
  match(bad.snapshot.peers[0]?.notReady ?? "", /type mismatch/);
  const again = adopt(bad, { ...emptyResources, bgpPeers, secrets: [basicAuth] });
  deepEqual([again.snapshot.peers[0]?.notReady, brief(again.findings)], [undefined, []]);
});
