import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatPrefix } from "../../../crds/net/prefix.ts";
import { announcementOf, attributesWith } from "../fixture/sample-routes.ts";
import type { BgpAnnouncement } from "../route.ts";
import { prefixOfKey } from "./prefix-key.ts";
import { RouteTable } from "./route-table.ts";

function routesOf(table: RouteTable, peer: string): Record<string, unknown> {
  const routes = table.routesFor(peer);
  return Object.fromEntries(
    [...routes.keys()].flatMap((key) => {
      const set = routes.attributesOf(key);
      return set === undefined ? [] : [[formatPrefix(prefixOfKey(key)), set.attributes]];
    }),
  );
}

test("a prefix stays until the last Service that announces it goes, and only then is it touched again", () => {
  const table = new RouteTable();
  const aggregate = announcementOf("10.0.0.0/24");
  equal(table.set("ns/a", [aggregate]).length, 1);
  deepEqual(table.set("ns/b", [aggregate]), []);
  deepEqual(table.set("ns/a", []), []);
  equal(table.size, 1);
  equal(table.set("ns/b", []).length, 1);
  equal(table.size, 0);
});

test("a peer gets what names it or names nobody", () => {
  const table = new RouteTable();
  table.set("ns/a", [announcementOf("10.0.0.1/32"), announcementOf("10.0.0.2/32", { peers: ["x"] })]);
  deepEqual(Object.keys(routesOf(table, "x")), ["10.0.0.1/32", "10.0.0.2/32"]);
  deepEqual(Object.keys(routesOf(table, "y")), ["10.0.0.1/32"]);
});

test("one prefix of several announcements has all their communities and what attracts most of the rest", () => {
  const table = new RouteTable();
  const prefix = "10.0.0.0/24";
  table.set("ns/a", [announcementOf(prefix, { localPref: 50, asPathPrepend: 2, communities: ["2:2", "1:1"], linkBandwidth: 5 })]);
  table.set("ns/b", [announcementOf(prefix, { localPref: 200, asPathPrepend: 3, communities: ["large:1:1:1", "1:1"] })]);
  table.set("ns/c", [announcementOf(prefix, { peers: ["x"], communities: ["9:9"] })]);
  deepEqual(routesOf(table, "y")[prefix], {
    ...attributesWith({ localPref: 200, asPathPrepend: 2, communities: ["large:1:1:1", "1:1", "2:2"] }),
    linkBandwidth: 5,
  });
  equal(table.routesFor("x").attributesOf("4a000000/24")?.attributes.communities.length, 4);
});

test("the merged route follows when one of its parts changes or goes", () => {
  const table = new RouteTable();
  table.set("ns/a", [announcementOf("10.0.0.0/24", { localPref: 50 })]);
  table.set("ns/b", [announcementOf("10.0.0.0/24", { localPref: 200 })]);
  equal(table.set("ns/b", [announcementOf("10.0.0.0/24", { localPref: 70 })]).length, 1);
  deepEqual(routesOf(table, "x")["10.0.0.0/24"], attributesWith({ localPref: 70 }));
  table.set("ns/b", []);
  deepEqual(routesOf(table, "x")["10.0.0.0/24"], attributesWith({ localPref: 50 }));
});

test("the order in which Services come, and come again, does not matter", () => {
  const said = fc.record({
    service: fc.constantFrom("a", "b", "c", "d"),
    prefix: fc.constantFrom("10.0.0.0/24", "fd00::/64"),
    localPref: fc.constantFrom(0, 1, 2),
    communities: fc.subarray(["1:1", "2:2", "large:1:1:1"]),
    peers: fc.constantFrom([], ["x"]),
  });
  fc.assert(
    fc.property(fc.uniqueArray(said, { selector: ({ service }) => service }), fc.infiniteStream(fc.nat()), (all, numbers) => {
      const filled = (list: typeof all): RouteTable => {
        const table = new RouteTable();
        for (const { service, prefix, ...rest } of list) table.set(service, [announcementOf(prefix, rest)]);
        return table;
      };
      const shuffled = all
        .map((one) => ({ one, at: numbers.next().value ?? 0 }))
        .sort((a, b) => a.at - b.at)
        .map(({ one }) => one);
      for (const peer of ["x", "y"]) deepEqual(routesOf(filled(shuffled), peer), routesOf(filled([...all, ...all]), peer));
    }),
  );
});

test("after any history the table is what it would be from the last word of each Service, and told every prefix that changed", () => {
  const said = fc.record({
    prefix: fc.constantFrom("10.0.0.0/24", "10.0.0.1/32", "fd00::/64"),
    localPref: fc.constantFrom(0, 1),
    communities: fc.subarray(["1:1", "large:1:1:1"]),
    peers: fc.constantFrom([], ["x"], ["x", "y"]),
  });
  const change = fc.tuple(fc.constantFrom("a", "b", "c"), fc.array(said, { maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (history) => {
      const table = new RouteTable();
      const last = new Map<string, BgpAnnouncement[]>();
      for (const [service, all] of history) {
        const before = { x: routesOf(table, "x"), y: routesOf(table, "y") };
        const announcements = all.map(({ prefix, ...rest }) => announcementOf(prefix, rest));
        last.set(service, announcements);
        const touched = new Set(table.set(service, announcements).map((key) => formatPrefix(prefixOfKey(key))));
        for (const peer of ["x", "y"] as const) {
          const after = routesOf(table, peer);
          const untouched = (routes: Record<string, unknown>) =>
            Object.entries(routes).filter(([prefix]) => !touched.has(prefix));
          deepEqual(Object.fromEntries(untouched(after)), Object.fromEntries(untouched(before[peer])));
        }
      }
      const fresh = new RouteTable();
      for (const [service, announcements] of last) fresh.set(service, announcements);
      for (const peer of ["x", "y"]) {
        const prefixes = Object.keys(routesOf(table, peer));
        deepEqual(routesOf(table, peer), routesOf(fresh, peer));
        equal(table.sizeFor([peer], ["IPv4", "IPv6"]), prefixes.length);
        equal(table.sizeFor([peer], ["IPv6"]), prefixes.filter((prefix) => prefix.includes(":")).length);
      }
      const either = new Set(["x", "y"].flatMap((peer) => Object.keys(routesOf(table, peer))));
      equal(table.sizeFor(["x", "y"], ["IPv4", "IPv6"]), either.size);
      equal(table.size, fresh.size);
    }),
  );
});

test("a change of one Service among 10,000 in one aggregate reads nobody else's announcement", () => {
  const table = new RouteTable();
  let reads = 0;
  const counted = announcementOf("10.0.0.0/8", { communities: ["1:1"] });
  for (let i = 0; i < 10_000; i += 1) {
    const announcement = {
      ...counted,
      get attributes() {
        reads += 1;
        return counted.attributes;
      },
    };
    table.set(`ns/s${i}`, [announcement]);
  }
  reads = 0;
  const touched = table.set("ns/s5000", [announcementOf("10.0.0.0/8", { communities: ["2:2"] })]);
  equal(touched.length, 1);
  equal(reads, 0);
  equal(table.routesFor("x").attributesOf(touched[0] ?? "")?.attributes.communities.length, 2);
});

test("routes with the same attributes share one value, however many Services announce them", () => {
  const table = new RouteTable();
  for (let i = 0; i < 100; i += 1) table.set(`ns/s${i}`, [announcementOf(`10.0.0.${i}/32`, { communities: ["1:1"] })]);
  const routes = table.routesFor("x");
  const values = () => new Set([...routes.keys()].map((key) => routes.attributesOf(key))).size;
  equal(values(), 1);
  for (let i = 0; i < 100; i += 1) table.set(`ns/t${i}`, [announcementOf(`10.0.0.${i}/32`, { communities: ["2:2"] })]);
  equal(values(), 1);
});

test("the routes become complete by being told so", () => {
  const table = new RouteTable();
  const routes = table.routesFor("x");
  ok(!routes.complete);
  table.setComplete();
  ok(routes.complete && table.complete);
});
