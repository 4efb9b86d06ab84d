import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import type { Kind, Manifest, Spec } from "../manifest/manifest.ts";
import { classify } from "../rule.ts";
import type { AdmissionDifference } from "./admission-difference.ts";
import { knownAdmission } from "./known-admission.ts";

function manifest(kind: Kind, name: string, spec: Spec): Manifest {
  return { apiVersion: "metallb.io/v1beta2", kind, metadata: { name, namespace: "metallb-system" }, spec };
}

type Case = Partial<AdmissionDifference> & Pick<AdmissionDifference, "kind" | "manifest">;

const denied = (...reasons: readonly string[]): string => `admission webhook "x" denied the request: ${reasons.join("\n")}`;

/** The rule that explains a difference. */
function ruleOf(given: Case): string | undefined {
  const difference: AdmissionDifference = {
    scenario: "x",
    mode: "frr",
    operation: "create",
    stored: [],
    refusal: "",
    heraldsRefusal: undefined,
    phrases: [],
    ...given,
  };
  return classify([difference], knownAdmission)[0]?.rule?.id;
}

/** Differences of which each rule is the reason. */
const explained: readonly (readonly [rule: string, given: Case])[] = [
  [
    "an error that was there before",
    {
      kind: "only Herald accepts",
      manifest: manifest("BGPAdvertisement", "a", { ipAddressPools: ["b"] }),
      stored: [manifest("IPAddressPool", "wide", {})],
      refusal: denied('pool "wide" has ipv6 CIDR fd00::/64, native bgp mode does not support ipv6'),
    },
  ],
  ["a range between the families", refused("IPAddressPool", "it starts with IPv6 and ends with IPv4: write one")],
  ["IPv4-mapped addresses", refused("IPAddressPool", "an IPv4-mapped prefix is ambiguous: write the IPv4 one")],
  ["a router ID that is none", refused("BGPPeer", 'spec.routerID: "fd00::1" is no router ID: write')],
  ["a negative IPv6 aggregation length", refused("BGPAdvertisement", "spec.aggregationLengthV6: invalid aggregation length -1")],
  ["disableMP unchecked", { ...refused("BGPPeer", "anything"), manifest: manifest("BGPPeer", "p", { disableMP: true }) }],
  ["an alias twice", refused("BGPAdvertisement", 'spec.communities[1]: duplicate definition of community "x": remove one')],
  [
    "a name with a colon",
    {
      kind: "only Herald accepts",
      manifest: manifest("BGPAdvertisement", "a", {}),
      refusal: denied("invalid community format: 1:2:3"),
    },
  ],
  [
    "a local preference of 32 bits",
    {
      kind: "only Herald accepts",
      manifest: manifest("BGPAdvertisement", "a", { localPref: 2 ** 31 }),
      refusal: 'The BGPAdvertisement "a" is invalid: Checked value must be of type integer with format int32 in spec.localPref',
    },
  ],
  ["selectors as they stood", replaced("Exists")],
  ["a twin on other nodes", twin("n1", "n2")],
];

/** A peer with a selector without values, written through the older version over one whose selector was this. */
function replaced(operator: string): Case {
  const selecting = (text: string) => ({ nodeSelectors: [{ matchExpressions: [{ key: "zone", operator: text }] }] });
  return {
    kind: "only Herald accepts",
    operation: "replace",
    manifest: { ...manifest("BGPPeer", "p", selecting("Exists")), apiVersion: "metallb.io/v1beta1" },
    stored: [manifest("BGPPeer", "q", selecting("Exists")), manifest("BGPPeer", "p", selecting(operator))],
    refusal: 'BGPPeer.metallb.io "p" is invalid: spec.nodeSelectors[0].matchExpressions[0].values: Required value',
  };
}

function refused(kind: Kind, reason: string): Case {
  return { kind: "only MetalLB accepts", manifest: manifest(kind, "new", {}), refusal: denied(`${kind} "new": ${reason}`) };
}

/** Two peers of one address, each on one node. */
function twin(node: string, other: string): Case {
  const on = (name: string) => ({ nodeSelectors: [{ matchLabels: { "kubernetes.io/hostname": name } }] });
  const peer = { myASN: 64512, peerAddress: "10.0.0.1" };
  return {
    kind: "only Herald accepts",
    manifest: manifest("BGPPeer", "new", { ...peer, ...on(node) }),
    stored: [manifest("BGPPeer", "stored", { ...peer, ...on(other) })],
    refusal: denied("peer 10.0.0.1 already exists, FRR mode doesn't support duplicate BGPPeers"),
  };
}

for (const [rule, given] of explained) test(`${rule} is a reason`, () => equal(ruleOf(given), rule));

test("selectors that were others are no reason", () => equal(ruleOf(replaced("DoesNotExist")), undefined));

test("every rule is tried", () => {
  deepEqual(
    explained.map(([rule]) => rule),
    knownAdmission.map(({ id }) => id),
  );
});

test("a refusal that gives any other reason too is not explained", () => {
  for (const [rule, given] of explained.filter(
    ([id, { kind }]) => kind === "only MetalLB accepts" && id !== "disableMP unchecked",
  ))
    equal(
      ruleOf({ ...given, refusal: `${given.refusal}\nIPAddressPool "new": spec.addresses[1]: it overlaps` }),
      undefined,
      rule,
    );
});

test("the reasons do not hold for the other side", () => {
  const turned = { "only Herald accepts": "only MetalLB accepts", "only MetalLB accepts": "only Herald accepts" } as const;
  for (const [rule, given] of explained) {
    ok(given.kind !== "a phrase is missing");
    equal(ruleOf({ ...given, kind: turned[given.kind] }), undefined, rule);
  }
});

test("an error of the write itself was not there before", () => {
  const [, before] = explained[0] ?? [];
  ok(before !== undefined);
  equal(ruleOf({ ...before, manifest: manifest("BGPAdvertisement", "a", { ipAddressPools: ["wide"] }) }), undefined);
  equal(ruleOf({ ...before, stored: [] }), undefined);
});

test("an update with disableMP is checked on both sides", () => {
  const given = refused("BGPPeer", "anything");
  equal(ruleOf({ ...given, operation: "replace", manifest: manifest("BGPPeer", "p", { disableMP: true }) }), undefined);
});

test("two peers that share a node are no twins on other nodes", () => {
  equal(ruleOf(twin("n1", "n1")), undefined);
  equal(ruleOf({ ...twin("n1", "n2"), mode: "native" }), undefined);
  equal(ruleOf({ ...twin("n1", "n2"), stored: [] }), undefined);
});
