import { deepEqual, equal } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { outline } from "./fixture/outline.ts";
import { readManifest } from "./manifest.ts";

/** Status of the kinds that users write: MetalLB's is empty, and the API server prunes what is added here. */
const conditionsOnly = `
status object
status.conditions []Condition map(type)`;

const once = (field: string): string => `
status.${field} string
status.${field}.if self == oldSelf`;

/** Every field of every version: MetalLB's, and what Herald adds (conditions, reservations, passwordSecret.key). */
const fields: { readonly [version: string]: string } = {
  "IPAddressPool v1beta1": `
spec! object
spec.addresses! []string
spec.autoAssign boolean =true
spec.avoidBuggyIPs boolean =false
spec.serviceAllocation object
spec.serviceAllocation.namespaceSelectors []LabelSelector
spec.serviceAllocation.namespaces []string
spec.serviceAllocation.priority integer
spec.serviceAllocation.serviceSelectors []LabelSelector
status object
status.assignedIPv4! int64
status.assignedIPv6! int64
status.availableIPv4! int64
status.availableIPv6! int64
status.conditions []Condition map(type)
status.reservations []object ..1000 atomic
status.reservations[].address! string ..45
status.reservations[].service! string ..317
status.reservations[].until! date-time`,
  "L2Advertisement v1beta1": `
spec object
spec.interfaces []string
spec.ipAddressPoolSelectors []LabelSelector
spec.ipAddressPools []string
spec.nodeSelectors []LabelSelector
spec.preferredNodeSelectors []object
spec.preferredNodeSelectors[].preference! LabelSelector
spec.preferredNodeSelectors[].weight! int32 1..100
spec.serviceSelectors []LabelSelector${conditionsOnly}`,
  "BGPAdvertisement v1beta1": `
spec object
spec.aggregationLength int32 1.. =32
spec.aggregationLengthV6 int32 =128
spec.asPathPrepend integer 1..10
spec.communities []string
spec.ipAddressPoolSelectors []LabelSelector
spec.ipAddressPools []string
spec.localPref int64 0..4294967295
spec.nodeSelectors []LabelSelector
spec.peers []string
spec.serviceSelectors []LabelSelector
spec.if !has(self.serviceSelectors) || size(self.serviceSelectors) == 0 || ((!has(self.aggregationLength) || self.aggregationLength == 32) && (!has(self.aggregationLengthV6) || self.aggregationLengthV6 == 128))${conditionsOnly}`,
  "BGPPeer v1beta1": `
spec object
spec.bfdProfile string
spec.ebgpMultiHop boolean
spec.holdTime string
spec.keepaliveTime string
spec.myASN! int64 0..4294967295
spec.nodeSelectors []object
spec.nodeSelectors[].matchExpressions []object
spec.nodeSelectors[].matchExpressions[].key! string
spec.nodeSelectors[].matchExpressions[].operator! string
spec.nodeSelectors[].matchExpressions[].values! []string 1..
spec.nodeSelectors[].matchLabels {string}
spec.password string
spec.peerASN! int64 0..4294967295
spec.peerAddress! string
spec.peerPort integer 0..16384
spec.routerID string
spec.sourceAddress string${conditionsOnly}`,
  "BGPPeer v1beta2": `
spec object
spec.bfdProfile string
spec.connectTime string
spec.connectTime.if duration(self) >= duration('1s') && duration(self) <= duration('65535s')
spec.connectTime.if duration(self).getMilliseconds() % 1000 == 0
spec.disableMP boolean =false
spec.dualStackAddressFamily boolean =false
spec.dynamicASN string {internal|external}
spec.ebgpMultiHop boolean
spec.enableGracefulRestart boolean
spec.enableGracefulRestart.if self == oldSelf
spec.holdTime string
spec.interface string
spec.keepaliveTime string
spec.localASN int64 1..4294967295
spec.myASN! int64 0..4294967295
spec.nodeSelectors []LabelSelector
spec.password string
spec.passwordSecret object
spec.passwordSecret.key string
spec.passwordSecret.name string
spec.passwordSecret.namespace string
spec.passwordSecret.atomic
spec.peerASN int64 0..4294967295
spec.peerAddress string
spec.peerPort integer 1..16384 =179
spec.routerID string
spec.sourceAddress string
spec.vrf string${conditionsOnly}`,
  "BFDProfile v1beta1": `
spec object
spec.detectMultiplier int32 2..255
spec.echoInterval int32 10..60000
spec.echoMode boolean
spec.minimumTtl int32 1..254
spec.passiveMode boolean
spec.receiveInterval int32 10..60000
spec.transmitInterval int32 10..60000${conditionsOnly}`,
  "Community v1beta1": `
spec object
spec.communities []object
spec.communities[].name string
spec.communities[].value string${conditionsOnly}`,
  "ServiceL2Status v1beta1": `
spec object
status object
status.interfaces []object
status.interfaces[].name string${once("node")}${once("serviceName")}${once("serviceNamespace")}`,
  "ServiceBGPStatus v1beta1": `
spec object
status object${once("node")}
status.peers []string${once("serviceName")}${once("serviceNamespace")}`,
  "ConfigurationState v1beta1": `
status object
status.conditions []Condition map(type)
status.errorSummary string
status.result string {Valid|Invalid|Unknown}`,
};

const folder = join(import.meta.dirname, "../manifests");
const found = readdirSync(folder).flatMap((file) => {
  const { names, versions } = readManifest(readFileSync(join(folder, file), "utf8")).spec;
  return versions.map(({ name, schema }) => ({ version: `${names.kind} ${name}`, schema: schema.openAPIV3Schema }));
});

test("every version of every kind is in the table", () => {
  deepEqual(found.map(({ version }) => version).sort(), Object.keys(fields).sort());
});

for (const { version, schema } of found)
  test(`${version} has exactly these fields, with these types, bounds, defaults and rules`, () => {
    const { apiVersion, kind, metadata, ...properties } = schema.properties ?? {};
    deepEqual([apiVersion?.type, kind?.type, metadata?.type], ["string", "string", "object"]);
    equal(`\n${outline({ ...schema, properties })}`, fields[version]);
  });
