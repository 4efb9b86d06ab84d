import { deepEqual, match } from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "../../crds/net/address.ts";
import { service } from "../allocation/fake/services.ts";
import type { Verdict } from "../allocation/verdict.ts";
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
