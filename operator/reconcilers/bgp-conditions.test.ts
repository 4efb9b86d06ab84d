import { deepEqual, match } from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type Condition, resourceTypes, type Secret } from "../../crds/types/kubernetes.ts";
import type { KubeObject, ResourceType } from "../framework/api/kube-object.ts";
import type { Conditioned } from "./conditions-reconciler.ts";
import { FakeCluster, namespace } from "./fake/cluster.ts";

let cluster: FakeCluster;
beforeEach(() => {
  cluster = new FakeCluster();
});
afterEach(() => cluster.close());

const { bgppeers, bgpadvertisements, bfdprofiles, communities, secrets } = resourceTypes;
const put = (type: ResourceType, name: string, spec: object): KubeObject =>
  cluster.api.put(type, { metadata: { namespace, name }, spec } as KubeObject);
const peer = (name: string, spec: object = {}): KubeObject =>
  put(bgppeers, name, { myASN: 64512, peerASN: 64513, peerAddress: "192.0.2.1", ...spec });
const conditions = (type: ResourceType, name: string): readonly Condition[] =>
  cluster.api.peek<Conditioned>(type, { namespace, name })?.status?.conditions ?? [];
const brief = (type: ResourceType, name: string): readonly string[] =>
  conditions(type, name).map(({ type: of, status, reason }) => `${of}=${status} ${reason}`);
const messages = (type: ResourceType, name: string): string =>
  conditions(type, name)
    .map(({ message }) => message)
    .join("\n");

test("a BGPPeer that is in force says what it uses, and that no session is up yet", async () => {
  put(bfdprofiles, "fast", {});
  peer("p", { bfdProfile: "fast" });
  await cluster.start();
  deepEqual(brief(bgppeers, "p"), ["Accepted=True Valid", "Referenced=True Resolved", "SessionsUp=False NoNodeSelected"]);
  match(messages(bgppeers, "p"), /It uses BFDProfile fast\./);
});

test("a BGPPeer with an error is not in force, and says why", async () => {
  peer("p", { peerAddress: "router" });
  await cluster.start();
  deepEqual(brief(bgppeers, "p"), [
    "Accepted=False PeerAddressInvalid",
    "Referenced=Unknown NotInForce",
    "SessionsUp=Unknown NotInForce",
  ]);
});

test("a BGPPeer whose profile or Secret is not there waits for it, with MetalLB's words and the remedy", async () => {
  peer("p", { bfdProfile: "fast", passwordSecret: { name: "s" } });
  await cluster.start();
  deepEqual(brief(bgppeers, "p"), [
    "Accepted=True Valid",
    "Referenced=False ReferenceUnresolved",
    "SessionsUp=False NoNodeSelected",
  ]);
  match(messages(bgppeers, "p"), /peer p referencing non existing bfd profile fast\nCreate BFDProfile "fast"/);
  match(messages(bgppeers, "p"), /secret ref not found for peer config .*kubectl create secret generic s -n metallb-system/s);
  put(bfdprofiles, "fast", {});
  cluster.api.put<Secret>(secrets, {
    metadata: { namespace, name: "s" },
    type: "kubernetes.io/basic-auth",
    data: { password: "eA==" },
  });
  await cluster.run();
  deepEqual(brief(bgppeers, "p"), ["Accepted=True Valid", "Referenced=True Resolved", "SessionsUp=False NoNodeSelected"]);
  match(messages(bgppeers, "p"), /It uses Secret s and BFDProfile fast\./);
});

test("a Secret of the wrong type is an error of its BGPPeer alone", async () => {
  cluster.api.put<Secret>(secrets, { metadata: { namespace, name: "s" }, type: "Opaque", data: { password: "eA==" } });
  peer("p", { passwordSecret: { name: "s" } });
  peer("q", { peerAddress: "192.0.2.2" });
  await cluster.start();
  deepEqual(brief(bgppeers, "p"), [
    "Accepted=False SecretTypeMismatch",
    "Referenced=Unknown NotInForce",
    "SessionsUp=Unknown NotInForce",
  ]);
  match(messages(bgppeers, "p"), /--type=kubernetes\.io\/basic-auth/);
  deepEqual(brief(bgppeers, "q")[0], "Accepted=True Valid");
});

test("a password that TCP MD5 does not take is an error of its BGPPeer, in the peer or in a Secret", async () => {
  const password = Buffer.alloc(81, "x").toString("base64");
  cluster.api.put<Secret>(secrets, { metadata: { namespace, name: "s" }, type: "kubernetes.io/basic-auth", data: { password } });
  peer("p", { passwordSecret: { name: "s" } });
  peer("q", { peerAddress: "192.0.2.2", password: "x".repeat(81) });
  await cluster.start();
  for (const name of ["p", "q"]) {
    deepEqual(brief(bgppeers, name)[0], "Accepted=False PasswordTooLong");
    match(messages(bgppeers, name), /the password has 81 octets: TCP MD5 takes at most 80.*Choose a shorter one/s);
  }
});

test("a BGPAdvertisement says which pools it announces, that it announces none, or what it names in vain", async () => {
  cluster.putPool("p", ["10.0.0.0/29"]);
  put(bgpadvertisements, "good", { ipAddressPools: ["p"] });
  put(bgpadvertisements, "none", { ipAddressPoolSelectors: [{ matchLabels: { a: "b" } }] });
  put(bgpadvertisements, "vain", { peers: ["nobody"], communities: ["later"] });
  put(bgpadvertisements, "bad", { aggregationLength: 24 });
  await cluster.start();
  deepEqual(brief(bgpadvertisements, "good"), ["Accepted=True Valid", "Referenced=True Resolved"]);
  match(messages(bgpadvertisements, "good"), /Announces p\./);
  deepEqual(brief(bgpadvertisements, "none"), ["Accepted=True Valid", "Referenced=False NoPool"]);
  deepEqual(brief(bgpadvertisements, "vain"), ["Accepted=True Valid", "Referenced=False ReferenceUnresolved"]);
  match(messages(bgpadvertisements, "vain"), /invalid community "later" in BGP advertisement\n.*BGPPeer "nobody"/s);
  deepEqual(brief(bgpadvertisements, "bad"), ["Accepted=False AggregationMisfit", "Referenced=False NoPool"]);
});

test("a pool names the advertisements of both kinds that announce it", async () => {
  cluster.putPool("p", ["10.0.0.0/29"]);
  put(bgpadvertisements, "ad", {});
  await cluster.start();
  match(messages(resourceTypes.ipaddresspools, "p"), /Announced by BGPAdvertisement ad\./);
  put(resourceTypes.l2advertisements, "l2", {});
  await cluster.run();
  match(messages(resourceTypes.ipaddresspools, "p"), /Announced by L2Advertisement l2 and BGPAdvertisement ad\./);
});

test("a BFDProfile names its peers, a Community the advertisements that write one of its names", async () => {
  put(bfdprofiles, "fast", {});
  put(bfdprofiles, "idle", {});
  peer("p", { bfdProfile: "fast" });
  put(communities, "used", { communities: [{ name: "slow", value: "1:1" }] });
  put(communities, "idle", { communities: [{ name: "quick", value: "1:2" }] });
  put(communities, "bad", { communities: [{ name: "odd", value: "x" }] });
  put(bgpadvertisements, "ad", { communities: ["slow"] });
  await cluster.start();
  deepEqual(brief(bfdprofiles, "fast"), ["Accepted=True Valid", "Referenced=True Used"]);
  match(messages(bfdprofiles, "fast"), /Used by BGPPeer p\./);
  deepEqual(brief(bfdprofiles, "idle"), ["Accepted=True Valid", "Referenced=False NotUsed"]);
  deepEqual(brief(communities, "used"), ["Accepted=True Valid", "Referenced=True Used"]);
  match(messages(communities, "used"), /Used by BGPAdvertisement ad\./);
  deepEqual(brief(communities, "idle"), ["Accepted=True Valid", "Referenced=False NotUsed"]);
  deepEqual(brief(communities, "bad"), ["Accepted=False CommunityInvalid", "Referenced=False NotUsed"]);
});

test("what stays in force of a faulty peer, profile or Community is said", async () => {
  put(bfdprofiles, "fast", {});
  put(communities, "c", { communities: [{ name: "slow", value: "1:1" }] });
  peer("p");
  await cluster.start();
  put(bfdprofiles, "fast", { minimumTtl: 0 });
  put(communities, "c", { communities: [{ name: "slow", value: "x" }] });
  peer("p", { myASN: 0 });
  await cluster.run();
  for (const [type, name] of [
    [bfdprofiles, "fast"],
    [communities, "c"],
    [bgppeers, "p"],
  ] as const)
    match(messages(type, name), /The last valid version stays in force/, name);
});
