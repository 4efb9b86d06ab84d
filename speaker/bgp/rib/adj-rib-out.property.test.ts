import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatPrefix } from "../../../crds/net/prefix.ts";
import { PeerView, textOf } from "../fixture/peer-view.ts";
import { announcementOf, dualStackSession } from "../fixture/sample-routes.ts";
import type { BgpAnnouncement } from "../route.ts";
import { AdjRibOut } from "./adj-rib-out.ts";
import { outgoingAttributes } from "./outgoing-attributes.ts";
import { prefixOfKey } from "./prefix-key.ts";
import { type Routes, RouteTable } from "./route-table.ts";

const prefixes = ["10.0.0.1/32", "10.0.0.2/32", "10.0.0.0/24", "10.1.0.0/16", "fd00::1/128", "fd00::2/128", "fd00::/64"];
const services = ["a", "b", "c", "d"];
const announcement = fc
  .record({
    prefix: fc.constantFrom(...prefixes),
    peers: fc.constantFrom([], ["router"], ["other"], ["other", "router"]),
    localPref: fc.constantFrom(0, 100, 200),
    communities: fc.subarray(["1:1", "2:2", "large:1:2:3"]),
  })
  .map(({ prefix, ...said }): BgpAnnouncement => announcementOf(prefix, said));

type Step =
  | { readonly type: "set"; readonly service: string; readonly announcements: readonly BgpAnnouncement[] }
  | { readonly type: "send"; readonly limit: number }
  | { readonly type: "refresh"; readonly family: "IPv4" | "IPv6" }
  | { readonly type: "reconnect" }
  | { readonly type: "complete" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("set" as const),
      service: fc.constantFrom(...services),
      announcements: fc.array(announcement, { maxLength: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("send" as const), limit: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("refresh" as const), family: fc.constantFrom("IPv4", "IPv6") }) },
  { weight: 1, arbitrary: fc.constant({ type: "reconnect" as const }) },
  { weight: 1, arbitrary: fc.constant({ type: "complete" as const }) },
);

function wantedOf(routes: Routes): Map<string, string> {
  const wanted = new Map<string, string>();
  for (const key of routes.keys()) {
    const set = routes.attributesOf(key);
    if (set === undefined) continue;
    const prefix = prefixOfKey(key);
    const hops = prefix.family === "IPv4" ? ["10.0.0.1"] : ["fd00::1", "fe80::1"];
    wanted.set(formatPrefix(prefix), textOf(outgoingAttributes(set.attributes, dualStackSession), hops));
  }
  return wanted;
}

function drain(out: AdjRibOut, peer: PeerView, limit = 100): void {
  for (let calls = 0; !out.idle; calls += 1) {
    ok(calls < 10_000, "it comes to an end");
    peer.hear(out.next(limit));
  }
}

const sorted = (map: ReadonlyMap<string, string>) => [...map].sort();

test("after whatever happened the peer's view is the table, and nothing is left to say", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const table = new RouteTable();
      const routes = table.routesFor("router");
      const out = new AdjRibOut(routes);
      let peer = new PeerView();
      out.open(dualStackSession);
      for (const one of steps) {
        if (one.type === "set") out.changed(table.set(one.service, one.announcements));
        else if (one.type === "send") peer.hear(out.next(one.limit));
        else if (one.type === "refresh") out.refresh(one.family);
        else if (one.type === "complete") table.setComplete();
        else {
          out.open(dualStackSession);
          peer = new PeerView();
        }
      }
      table.setComplete();
      drain(out, peer, 1);
      deepEqual(sorted(peer.routes), sorted(wantedOf(routes)));
      equal(out.size, peer.routes.size);
      deepEqual(out.next(100), []);
    }),
    { numRuns: 500 },
  );
});

test("however much changes between two sends, no more UPDATEs follow than prefixes were touched", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...services), fc.array(announcement, { maxLength: 4 })), { maxLength: 60 }),
      (sets) => {
        const table = new RouteTable();
        const out = new AdjRibOut(table.routesFor("router"));
        const peer = new PeerView();
        out.open(dualStackSession);
        for (const [service, announcements] of sets) out.changed(table.set(service, announcements));
        drain(out, peer);
        ok(peer.messages <= prefixes.length);
      },
    ),
  );
});

test("withdrawing all leaves the peer nothing, whatever it was told", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), fc.integer({ min: 1, max: 3 }), (steps, limit) => {
      const table = new RouteTable();
      const out = new AdjRibOut(table.routesFor("router"));
      const peer = new PeerView();
      out.open(dualStackSession);
      for (const one of steps) {
        if (one.type === "set") out.changed(table.set(one.service, one.announcements));
        if (one.type === "send") peer.hear(out.next(one.limit));
        if (one.type === "complete") table.setComplete();
      }
      out.withdrawAll();
      drain(out, peer, limit);
      equal(peer.routes.size, 0);
    }),
  );
});
