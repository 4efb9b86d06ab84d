import { deepEqual, equal, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { resourceTypes } from "../types/kubernetes.ts";
import { readManifest, type Schema } from "./manifest.ts";

const folder = join(import.meta.dirname, "../manifests");
const manifests = readdirSync(folder).map((name) => ({ name, manifest: readManifest(readFileSync(join(folder, name), "utf8")) }));

/** The schema at a path such as `spec.myASN`; `[]` steps into the items of a list. */
function schemaAt(kind: string, version: string, path: string): Schema & Readonly<Record<string, unknown>> {
  const found = manifests.find(({ manifest }) => manifest.spec.names.kind === kind);
  const root = found?.manifest.spec.versions.find(({ name }) => name === version)?.schema.openAPIV3Schema;
  return path
    .split(".")
    .reduce<Schema>((schema, step) => (step === "[]" ? schema.items : schema.properties?.[step]) ?? {}, root ?? {});
}

test("the nine kinds are those that the resource table names", () => {
  equal(manifests.length, 9);
  const ours = Object.values(resourceTypes).filter(({ group }) => group === "metallb.io");
  deepEqual(
    manifests
      .map(
        ({ manifest: { spec } }) =>
          `${spec.names.plural} ${spec.names.kind} ${spec.versions.find(({ storage }) => storage)?.name}`,
      )
      .sort(),
    ours.map(({ plural, kind, version }) => `${plural} ${kind} ${version}`).sort(),
  );
});

for (const { name, manifest } of manifests)
  test(`${name} is called after its plural, and stores exactly one version`, () => {
    equal(name, `${manifest.spec.names.plural}.yaml`);
    equal(manifest.spec.versions.filter(({ storage }) => storage).length, 1);
  });

const writtenByUsers = ["IPAddressPool", "L2Advertisement", "BGPAdvertisement", "BGPPeer", "BFDProfile", "Community"];
for (const { manifest } of manifests) {
  const { kind } = manifest.spec.names;
  for (const { name: version } of manifest.spec.versions)
    test(`${kind} ${version} ${writtenByUsers.includes(kind) ? "has conditions, keyed by type" : "has conditions only where MetalLB has them"}`, () => {
      const conditions = schemaAt(kind, version, "status.conditions");
      const has = writtenByUsers.includes(kind) || kind === "ConfigurationState";
      deepEqual(conditions["x-kubernetes-list-map-keys"], has ? ["type"] : undefined);
      equal(conditions["x-kubernetes-list-type"], has ? "map" : undefined);
    });
}

for (const [version, field] of [
  ["v1beta1", "myASN"],
  ["v1beta1", "peerASN"],
  ["v1beta2", "myASN"],
  ["v1beta2", "peerASN"],
  ["v1beta2", "localASN"],
] as const)
  test(`BGPPeer ${version} ${field} holds every 32-bit AS number: the API server refuses such a bound with int32`, () => {
    const { format, maximum } = schemaAt("BGPPeer", version, `spec.${field}`);
    deepEqual([format, maximum], ["int64", 4294967295]);
  });

const defaults = [
  ["IPAddressPool", "v1beta1", "spec.autoAssign", true],
  ["IPAddressPool", "v1beta1", "spec.avoidBuggyIPs", false],
  ["BGPAdvertisement", "v1beta1", "spec.aggregationLength", 32],
  ["BGPAdvertisement", "v1beta1", "spec.aggregationLengthV6", 128],
  ["BGPPeer", "v1beta2", "spec.peerPort", 179],
  ["BGPPeer", "v1beta1", "spec.peerPort", undefined],
  ["BGPPeer", "v1beta2", "spec.disableMP", false],
  ["BGPPeer", "v1beta2", "spec.dualStackAddressFamily", false],
] as const;
for (const [kind, version, path, value] of defaults)
  test(`${kind} ${version} ${path} defaults to ${value}`, () => equal(schemaAt(kind, version, path)["default"], value));

const required = [
  ["IPAddressPool", "v1beta1", "spec", ["addresses"]],
  ["IPAddressPool", "v1beta1", "status", ["assignedIPv4", "assignedIPv6", "availableIPv4", "availableIPv6"]],
  ["L2Advertisement", "v1beta1", "spec", undefined],
  ["L2Advertisement", "v1beta1", "spec.preferredNodeSelectors.[]", ["preference", "weight"]],
  ["BGPPeer", "v1beta1", "spec", ["myASN", "peerASN", "peerAddress"]],
  ["BGPPeer", "v1beta2", "spec", ["myASN"]],
] as const;
for (const [kind, version, path, fields] of required)
  test(`${kind} ${version} ${path} demands ${fields ?? "nothing"}`, () =>
    deepEqual(schemaAt(kind, version, path).required, fields));

const rules = [
  ["BGPAdvertisement", "spec", /^serviceSelectors and aggregationLength are mutually exclusive/],
  ["BGPPeer", "spec.connectTime", /whole number of seconds/],
  ["BGPPeer", "spec.enableGracefulRestart", /cannot be changed after creation/],
  ["ServiceL2Status", "status.node", /cannot be changed/],
  ["ServiceBGPStatus", "status.serviceName", /cannot be changed/],
] as const;
for (const [kind, path, message] of rules)
  test(`${kind} ${path} has the CEL rule ${message}`, () => {
    const found = schemaAt(kind, kind === "BGPPeer" ? "v1beta2" : "v1beta1", path)["x-kubernetes-validations"];
    ok(Array.isArray(found) && found.some((rule: { readonly message: string }) => message.test(rule.message)));
  });
