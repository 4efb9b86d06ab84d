import { deepEqual, equal, match } from "node:assert/strict";
import { after, before, test } from "node:test";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import { annotations } from "../../crds/types/well-known.ts";
import type { KubeObject } from "../../operator/framework/api/kube-object.ts";
import { FakeApi } from "../../operator/framework/fake/fake-api.ts";
import { FakeLog } from "../../operator/framework/fake/fake-log.ts";
import { selfSignedCertificate } from "../../operator/framework/http/certificates.ts";
import { systemClock as clock } from "../../operator/framework/system-clock.ts";
import type { Operation } from "../admission/request.ts";
import { Admitter } from "./admitter.ts";
import { ListeningWebhook } from "./fake/listening-webhook.ts";
import { LiveResources } from "./live-resources.ts";
import { PoolConsequences } from "./pool-consequences.ts";
import { PoolGate } from "./pool-gate.ts";
import { registrations } from "./registrations.ts";

const namespace = "metallb-system";
const stop = new AbortController();
let api = new FakeApi();
let webhook: ListeningWebhook;

before(async () => {
  webhook = await new ListeningWebhook({ admit: (request, deadline) => admitter().admit(request, deadline) }).start(
    await selfSignedCertificate(["localhost"]),
  );
});
after(async () => {
  stop.abort();
  await webhook.listener.close();
});

/** What the webhook's own answer comes from, on the API of this test. */
function admitter(): Admitter {
  const policy = { namespace, backend: "herald" } as const;
  const live = new LiveResources({ api, namespace, clock });
  const gate = new PoolGate({ api, live, policy, clock, log: new FakeLog(), signal: stop.signal });
  return new Admitter({ live, policy, gate, consequences: new PoolConsequences({ api, clock }), clock });
}

type Plural = keyof typeof resourceTypes;
type Stored = readonly [plural: Plural, name: string, rest?: object];

const node = (name: string, address: string): Stored => [
  "nodes",
  name,
  { metadata: { name, labels: { name } }, status: { addresses: [{ type: "InternalIP", address }] } },
];
const nodes = [node("n1", "10.0.0.5"), node("n2", "10.0.0.6")];
const poolSpec = (...addresses: readonly string[]) => ({ addresses, avoidBuggyIPs: true });
const aPool: Stored = ["ipaddresspools", "p", { spec: poolSpec("10.1.0.0/28") }];
const everything: Stored = ["l2advertisements", "all"];
const peerSpec = (spec: object = {}) => ({ myASN: 64512, peerASN: 64513, peerAddress: "192.0.2.1", ...spec });
const aPeer: Stored = ["bgppeers", "router", { spec: peerSpec({ peerAddress: "192.0.2.9" }) }];
/** Objects beside which nothing is odd. */
const sound = [...nodes, aPool, everything, aPeer];

const holder: Stored = [
  "services",
  "web",
  {
    metadata: { namespace: "shop", name: "web", annotations: { [annotations.ipAllocatedFromPool]: "p" } },
    spec: { type: "LoadBalancer", clusterIPs: ["10.96.0.1"] },
    status: { loadBalancer: { ingress: [{ ip: "10.1.0.9" }] } },
  },
];

/** The warnings of one write; it must be allowed. */
async function warningsOf(
  kind: string,
  spec: object,
  stored: readonly Stored[],
  operation: Operation,
): Promise<readonly string[]> {
  api = new FakeApi();
  for (const [plural, name, rest = {}] of stored)
    api.put(resourceTypes[plural], { metadata: { name, ...(plural === "nodes" ? {} : { namespace }) }, ...rest } as KubeObject);
  const registration = registrations.find((each) => each.kind === kind && each.operations.includes(operation));
  const name = operation === "CREATE" ? "new" : "p";
  const apiVersion = `metallb.io/${registration?.version}`;
  const object = { apiVersion, kind, metadata: { name, namespace, uid: "u", generation: 2 }, spec };
  const deletes = operation === "DELETE";
  const request = { uid: "q", kind: { kind }, operation, namespace, name, object: deletes ? null : object };
  const body = {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: { ...request, oldObject: deletes ? object : null },
  };
  const { text } = await webhook.send(registration?.path ?? "", JSON.stringify(body));
  const { response } = JSON.parse(text) as {
    readonly response: { readonly allowed: boolean; readonly warnings?: readonly string[] };
  };
  equal(response.allowed, true, text);
  return response.warnings ?? [];
}

const selecting = (labels: object) => [{ matchLabels: labels }];

type Odd = readonly [what: string, kind: string, spec: object, stored: readonly Stored[], says: RegExp, operation?: Operation];

const odd: readonly Odd[] = [
  [
    "a pool that no advertisement selects",
    "IPAddressPool",
    poolSpec("10.2.0.0/28"),
    nodes,
    /IPAddressPool "new": no advertisement selects this pool yet: .* Create an L2Advertisement or a BGPAdvertisement/,
  ],
  [
    "a layer-2 advertisement that selects no pool",
    "L2Advertisement",
    { ipAddressPoolSelectors: selecting({ tier: "x" }) },
    sound,
    /L2Advertisement "new": spec\.ipAddressPoolSelectors: no IPAddressPool has such labels yet/,
  ],
  [
    "a BGP advertisement that selects no pool",
    "BGPAdvertisement",
    { ipAddressPoolSelectors: selecting({ tier: "x" }) },
    sound,
    /BGPAdvertisement "new": spec\.ipAddressPoolSelectors: no IPAddressPool has such labels yet/,
  ],
  ["an advertisement while there is no pool", "L2Advertisement", {}, nodes, /there is no IPAddressPool in force yet/],
  [
    "a layer-2 advertisement that selects no node",
    "L2Advertisement",
    { nodeSelectors: selecting({ name: "n9" }) },
    sound,
    /L2Advertisement "new": spec\.nodeSelectors: no node has such labels yet/,
  ],
  [
    "a BGP advertisement that selects no node",
    "BGPAdvertisement",
    { nodeSelectors: selecting({ name: "n9" }) },
    sound,
    /BGPAdvertisement "new": spec\.nodeSelectors: no node has such labels yet/,
  ],
  [
    "a pool that holds a node's address",
    "IPAddressPool",
    poolSpec("10.0.0.4/30"),
    sound,
    /spec\.addresses\[0\]: it holds 10\.0\.0\.5, the address of node "n1", and 1 more .* Leave it out/,
  ],
  [
    "a pool to come",
    "L2Advertisement",
    { ipAddressPools: ["later"] },
    sound,
    /names IPAddressPool "later", which does not exist/,
  ],
  ["a peer to come", "BGPAdvertisement", { peers: ["later"] }, sound, /names BGPPeer "later", which does not exist/],
  ["an alias to come", "BGPAdvertisement", { communities: ["later"] }, sound, /invalid community format: later; .*create one/],
  ["a BFD profile to come", "BGPPeer", peerSpec({ bfdProfile: "later" }), sound, /Create BFDProfile "later"/],
  [
    "a Secret to come",
    "BGPPeer",
    peerSpec({ passwordSecret: { name: "later" } }),
    sound,
    /secret ref not found.*kubectl create secret/,
  ],
  [
    "a local preference for external peers alone",
    "BGPAdvertisement",
    { localPref: 200 },
    sound,
    /spec\.localPref: it is not sent to external peers, and "router" is one: set asPathPrepend or communities instead/,
  ],
  [
    "a source address that no node has",
    "BGPPeer",
    peerSpec({ sourceAddress: "10.0.0.77" }),
    sound,
    /spec\.sourceAddress: no node that this peer selects has 10\.0\.0\.77/,
  ],
  [
    "a source address that only some nodes have",
    "BGPPeer",
    peerSpec({ sourceAddress: "10.0.0.5" }),
    sound,
    /of 2 nodes that this peer selects only "n1" has 10\.0\.0\.5: .* Set nodeSelectors/,
  ],
  [
    "one router ID on several nodes",
    "BGPPeer",
    peerSpec({ routerID: "10.0.0.5" }),
    sound,
    /spec\.routerID: 10\.0\.0\.5 is the router ID of 2 nodes/,
  ],
  [
    "a change of a pool that drops addresses in use",
    "IPAddressPool",
    poolSpec("10.1.0.0/29"),
    [...sound, holder],
    /^1 Service loses an address by this, to get another where there is one: shop\/web \(10\.1\.0\.9\)/,
    "UPDATE",
  ],
  [
    "a change of a pool that closes it to those who have its addresses",
    "IPAddressPool",
    { ...poolSpec("10.1.0.0/28"), serviceAllocation: { namespaces: ["other"] } },
    [...sound, holder],
    /^1 Service loses an address by this, to get another where there is one: shop\/web \(10\.1\.0\.9\)/,
    "UPDATE",
  ],
  [
    "the deletion of a pool whose addresses are in use",
    "IPAddressPool",
    poolSpec("10.1.0.0/28"),
    [...sound, holder],
    /^1 Service loses an address by this, to get another where there is one: shop\/web \(10\.1\.0\.9\)/,
    "DELETE",
  ],
  [
    "a peer that selects no node",
    "BGPPeer",
    peerSpec({ nodeSelectors: selecting({ name: "n9" }) }),
    sound,
    /BGPPeer "new": spec\.nodeSelectors: no node has such labels yet: no session is opened/,
  ],
  [
    "a BGP advertisement without any peer",
    "BGPAdvertisement",
    {},
    [aPool, everything, ...nodes],
    /there is no BGPPeer in force yet/,
  ],
  [
    "addresses that end in .0 or .255",
    "IPAddressPool",
    { addresses: ["10.2.0.0/24"] },
    sound,
    /holds 10\.2\.0\.0.*\.0 or \.255.*avoidBuggyIPs/,
  ],
];
for (const [what, kind, spec, stored, says, operation = "CREATE"] of odd)
  test(`the API server is warned of ${what}, and the write goes on`, async () => {
    match((await warningsOf(kind, spec, stored, operation)).join("\n"), new RegExp(says.source, "m"));
  });

const usual: readonly (readonly [kind: string, spec: object])[] = [
  ["IPAddressPool", poolSpec("10.2.0.0/28")],
  ["L2Advertisement", { ipAddressPools: ["p"], nodeSelectors: selecting({ name: "n1" }) }],
  ["BGPAdvertisement", { ipAddressPools: ["p"], peers: ["router"], communities: ["64512:1"], asPathPrepend: 2 }],
  ["BFDProfile", {}],
  ["Community", { communities: [{ name: "a", value: "1:2" }] }],
];
for (const [kind, spec] of usual)
  test(`of a ${kind} that is as usual nothing is said`, async () => {
    deepEqual(await warningsOf(kind, spec, sound, "CREATE"), []);
  });

test("of a BGPPeer that is as usual nothing is said", async () => {
  const spec = peerSpec({ sourceAddress: "10.0.0.5", routerID: "10.0.0.5", nodeSelectors: selecting({ name: "n1" }) });
  deepEqual(await warningsOf("BGPPeer", spec, sound, "CREATE"), []);
});
