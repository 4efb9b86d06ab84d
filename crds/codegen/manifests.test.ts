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
