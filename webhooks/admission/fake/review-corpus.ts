import { emptyResources, type Resources } from "../../../crds/config/resources.ts";
import type { AdmittedKind } from "../placement.ts";

/** Objects and reviews that tests of hostile input start from. */
export const corpusNamespace = "metallb-system";

/** A valid spec of each kind, with most of its fields. */
export const validSpecs: { readonly [kind in AdmittedKind]: object } = {
  IPAddressPool: {
    addresses: ["10.0.0.0/24", "fc00::1-fc00::9"],
    autoAssign: true,
    avoidBuggyIPs: false,
    serviceAllocation: { priority: 50, namespaces: ["default"], serviceSelectors: [{ matchLabels: { app: "web" } }] },
  },
  L2Advertisement: {
    ipAddressPools: ["stored"],
    interfaces: ["eth0"],
    nodeSelectors: [{ matchExpressions: [{ key: "role", operator: "In", values: ["edge"] }] }],
    preferredNodeSelectors: [{ weight: 5, preference: { matchLabels: { zone: "a" } } }],
  },
  BGPAdvertisement: {
    ipAddressPoolSelectors: [{ matchLabels: { tier: "gold" } }],
    aggregationLength: 32,
    aggregationLengthV6: 128,
    localPref: 100,
    communities: ["65535:65282", "known"],
    peers: ["stored"],
  },
  BGPPeer: {
    myASN: 64512,
    peerASN: 64513,
    peerAddress: "192.0.2.9",
    peerPort: 179,
    holdTime: "90s",
    keepaliveTime: "30s",
    routerID: "10.0.0.1",
    bfdProfile: "stored",
    ebgpMultiHop: true,
    passwordSecret: { name: "secret", namespace: corpusNamespace },
  },
  BFDProfile: { receiveInterval: 300, transmitInterval: 300, detectMultiplier: 3, echoMode: false, minimumTtl: 254 },
  Community: { communities: [{ name: "gold", value: "64512:1" }] },
};

export const corpusKinds = Object.keys(validSpecs) as readonly AdmittedKind[];

/** An object of `kind` as the API server sends it. */
export function corpusObject(kind: AdmittedKind, name: string, spec: unknown): object {
  const apiVersion = kind === "BGPPeer" ? "metallb.io/v1beta2" : "metallb.io/v1beta1";
  const metadata = {
    name,
    namespace: corpusNamespace,
    uid: "7f0b2891-916f-4ed6-b7cd-27bff1815a8c",
    generation: 1,
    creationTimestamp: "2026-01-01T00:00:00Z",
    labels: { tier: "gold" },
  };
  return { apiVersion, kind, metadata, spec };
}

/** What is stored meanwhile: one valid object of each kind, and two nodes. */
export const corpusStored: Resources = {
  ...emptyResources,
  pools: [corpusObject("IPAddressPool", "stored", { addresses: ["10.9.0.0/24"] })],
  l2Advertisements: [corpusObject("L2Advertisement", "stored", {})],
  bgpAdvertisements: [corpusObject("BGPAdvertisement", "stored", { localPref: 100 })],
  bgpPeers: [corpusObject("BGPPeer", "stored", { myASN: 64512, peerASN: 64513, peerAddress: "192.0.2.1" })],
  bfdProfiles: [corpusObject("BFDProfile", "stored", {})],
  communities: [corpusObject("Community", "stored", { communities: [{ name: "known", value: "1:2" }] })],
  nodes: ["n1", "n2"].map((name) => ({ metadata: { name, labels: { role: "edge" } } })),
};

/** An AdmissionReview about `object`; `changes` are of its request. */
export function corpusReview(kind: AdmittedKind, operation: string, object: unknown, changes: object = {}): string {
  const request = {
    uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
    kind: { group: "metallb.io", version: kind === "BGPPeer" ? "v1beta2" : "v1beta1", kind },
    name: "fresh",
    namespace: corpusNamespace,
    operation,
    object: operation === "DELETE" ? null : object,
    oldObject: operation === "CREATE" ? null : object,
    dryRun: false,
    ...changes,
  };
  return JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request });
}
