import { deepEqual, match } from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "../../../crds/net/address.ts";
import { service } from "../../allocation/fake/services.ts";
import type { Verdict } from "../../allocation/verdict.ts";
import { eventsOfChange, eventsOfNeed } from "./service-events.ts";

const addresses = ["10.0.0.1", "fd00::1"].map(parseAddress).filter((address) => address !== undefined);
const a = service("a");
const given = { outcome: "assign", addresses, pool: "p", added: undefined, lost: [], unmet: [] } as const satisfies Verdict;

test("a new pair of addresses is one event, in Go's quoting", () => {
  deepEqual(eventsOfChange(a, given, a), [
    { type: "Normal", reason: "IPAllocated", message: 'Assigned IP ["10.0.0.1" "fd00::1"]' },
  ]);
});

test("an address that joins another is told alone", () => {
  const [event] = eventsOfChange(a, { ...given, added: addresses[1] }, a);
  deepEqual(event?.message, 'Assigned additional IP "fd00::1"');
});

const old = { "metallb.universe.tf/address-pool": "p" };

test("each deprecated annotation is named when the Service comes to show something else", () => {
  const before = service("a", { annotations: old });
  const after = service("a", { annotations: old, published: ["10.0.0.1", "fd00::1"] });
  deepEqual(
    eventsOfChange(before, given, after).map(({ reason }) => reason),
    ["deprecatedAnnotation", "IPAllocated"],
  );
});

test("of any annotation with the deprecated prefix the key is named, in a Warning of its own", () => {
  const keys = ["metallb.universe.tf/allow-shared-ip", "metallb.universe.tf/ip-allocated-from-pool"];
  const annotations = Object.fromEntries([...keys, "metallb.io/address-pool"].map((key) => [key, "x"]));
  const before = service("a", { annotations });
  const after = service("a", { annotations, published: ["10.0.0.1"] });
  const told = eventsOfChange(before, { ...given, outcome: "keep" }, after);
  deepEqual(
    told.map(({ type, message }) => [type, message.split('"')[1]]),
    keys.map((key) => ["Warning", key]),
  );
});

test("what took an address is told as a Normal event, in MetalLB's words", () => {
  const [address] = addresses;
  const lost = [{ code: "AddressInNoPool", address }] as Verdict["unmet"];
  deepEqual(eventsOfChange(a, { outcome: "pending", lost, unmet: [] }, a), [
    {
      type: "Normal",
      reason: "ClearAssignment",
      message:
        'current IP for "default/a" no longer allowed by config, will try again: "10.0.0.1" belongs to no IPAddressPool: ' +
        "add it to one, or request another address",
    },
  ]);
});

test("a status whose addresses have no IP family is a Warning", () => {
  const lost = [{ code: "StatusFamilyUnknown", published: ["nonsense"] }] as const;
  deepEqual(
    eventsOfChange(a, { ...given, outcome: "keep", lost }, a).map(({ type, reason }) => [type, reason]),
    [["Warning", "nolbIPsIPFamily"]],
  );
});

test("an invalid request is told in MetalLB's words, with the address that stays", () => {
  const unmet = [{ code: "RequestInvalid", text: "x", why: "y" }] as const;
  const [beside] = eventsOfNeed(a, { ...given, outcome: "keep", unmet });
  match(beside?.message ?? "", /^invalid requested IPs: .*; it keeps \["10\.0\.0\.1" "fd00::1"\]$/);
  const [alone] = eventsOfNeed(a, { outcome: "pending", lost: [], unmet });
  deepEqual([alone?.type, alone?.reason], ["Warning", "AllocationFailed"]);
  match(alone?.message ?? "", /^Failed to allocate IP for "default\/a": /);
});

test("a deprecated annotation is not named when a condition alone was written", () => {
  const before = service("a", { annotations: old });
  deepEqual(eventsOfChange(before, { outcome: "pending", lost: [], unmet: [{ code: "NoPools" }] }, before), []);
});

const needs: readonly [string, Verdict, string, string][] = [
  ["no pool", { outcome: "pending", lost: [], unmet: [{ code: "NoPools" }] }, "Warning", "AllocationFailed"],
  [
    "too few cluster IPs",
    { outcome: "pending", lost: [], unmet: [{ code: "NotEnoughClusterIPs", clusterIPs: ["10.96.0.1"] }] },
    "Warning",
    "not enough clusterips",
  ],
  [
    "unclear cluster IPs",
    { outcome: "pending", lost: [], unmet: [{ code: "ClusterIPFamilyUnknown", clusterIPs: [] }] },
    "Warning",
    "noclusterIPsIPFamily",
  ],
  [
    "an invalid request beside an address",
    { ...given, outcome: "keep", unmet: [{ code: "RequestInvalid", text: "x", why: "y" }] },
    "Warning",
    "LoadBalancerFailed",
  ],
  [
    "a missing second family",
    {
      ...given,
      outcome: "keep",
      unmet: [{ code: "SecondFamilyUnavailable", family: "IPv6", pool: "p", gap: { kind: "draining" } }],
    },
    "Normal",
    "AdditionalAssignFailed",
  ],
];
for (const [name, verdict, type, reason] of needs) {
  test(`${name} is told as ${reason}`, () => {
    deepEqual(
      eventsOfNeed(a, verdict).map((event) => [event.type, event.reason]),
      [[type, reason]],
    );
  });
}

test("a Service of a class that nobody serves is told so, though nothing is written to it", () => {
  const verdict: Verdict = { outcome: "ignore", unmet: [{ code: "ClassUnserved", loadBalancerClass: "metallb.io/x" }] };
  const [event] = eventsOfNeed(a, verdict);
  deepEqual([event?.type, event?.reason], ["Warning", "AllocationFailed"]);
  match(event?.message ?? "", /^Failed to allocate IP for "default\/a": loadBalancerClass "metallb\.io\/x" is served by nobody/);
  deepEqual(eventsOfChange(a, verdict, a), []);
});

test("an unreadable pool is not told to a Service that keeps its address", () => {
  deepEqual(eventsOfNeed(a, { ...given, outcome: "keep", unmet: [{ code: "PoolSetAside", pool: "p" }] }), []);
});

test("a Service that no longer asks is told nothing", () => {
  deepEqual(eventsOfChange(a, { outcome: "clear", lost: [{ code: "NotLoadBalancer" }], unmet: [] }, a), []);
});
