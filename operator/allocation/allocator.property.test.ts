import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { contains } from "../../crds/net/address-set.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { pool, snapshot } from "./fake/pools.ts";
import { dualStack, service, summary } from "./fake/services.ts";
import { World } from "./fake/world.ts";

const configurations = [
  snapshot(pool("p", ["10.0.0.0/30", "fd00::/126"])),
  snapshot(pool("p", ["10.0.0.0/31"]), pool("q", ["10.0.0.2/31", "fd00::/127"])),
  snapshot(pool("p", ["10.0.0.2/31", "10.0.0.0/31"], { avoidBuggyIPs: true }), pool("q", ["fd00::1/128"], { autoAssign: false })),
  snapshot(pool("q", ["10.0.0.1-10.0.0.5", "fd00::/125"], { scope: { priority: 1, serviceSelectors: [] } })),
  snapshot(),
];

const annotation = fc.constantFrom<Record<string, string>>(
  {},
  { "metallb.io/address-pool": "p" },
  { "metallb.io/address-pool": "q" },
  { "metallb.io/loadBalancerIPs": "10.0.0.1" },
  { "metallb.io/loadBalancerIPs": "10.0.0.2,fd00::1" },
  { "metallb.io/loadBalancerIPs": "nonsense" },
);
const sharing = fc.constantFrom<Record<string, string>>(
  {},
  { "metallb.io/allow-shared-ip": "k" },
  { "metallb.io/allow-shared-ip": "m" },
);
const stack = fc.constantFrom<NonNullable<Service["spec"]>>(
  {},
  { clusterIPs: ["fd00:96::1"] },
  dualStack("PreferDualStack"),
  dualStack("RequireDualStack"),
);
const asking = fc
  .record({
    name: fc.constantFrom("a", "b", "c", "d", "e", "f"),
    annotation,
    sharing,
    stack,
    port: fc.constantFrom(80, 443, 8443),
  })
  .map(({ name, annotation, sharing, stack, port }) =>
    service(name, { annotations: { ...annotation, ...sharing }, spec: { ...stack, ports: [{ port }] } }),
  );
const name = fc.constantFrom("a", "b", "c", "d", "e", "f").map((text) => `default/${text}`);

/** One thing that happens to the world. */
const step = fc.oneof(
  { weight: 4, arbitrary: asking.map((of) => (world: World) => world.put(of)) },
  {
    weight: 8,
    arbitrary: fc.tuple(name, fc.boolean()).map(
      ([key, written]) =>
        (world: World) =>
          void world.decide(key, written),
    ),
  },
  { weight: 2, arbitrary: name.map((key) => (world: World) => world.delete(key)) },
  { weight: 1, arbitrary: fc.constantFrom(...configurations).map((pools) => (world: World) => world.changePools(pools)) },
  { weight: 1, arbitrary: fc.constant((world: World) => world.restart((services) => services)) },
);
const history = fc.array(step, { maxLength: 40 });
const numRuns = 300;

function play(steps: readonly ((world: World) => void)[], check: (world: World) => void): World {
  const world = new World(configurations[0] ?? snapshot());
  for (const each of steps) {
    each(world);
    check(world);
  }
  return world;
}

test("no history publishes an address twice outside the rules of sharing", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const world = play(steps, () => {});
      world.settle();
      equal(world.conflict(), undefined);
    }),
    { numRuns },
  );
});

test("counters equal a recount after every step", () => {
  fc.assert(
    fc.property(history, (steps) => {
      play(steps, (world) => {
        const inUse = world.inUse();
        for (const each of world.pools.pools) {
          const counters = world.allocator.counters(each.name);
          const mine = inUse.filter((address) => contains(each.addresses, address));
          equal(counters?.assignedIPv4, BigInt(mine.filter(({ family }) => family === "IPv4").length));
          equal(counters?.assignedIPv6, BigInt(mine.filter(({ family }) => family === "IPv6").length));
        }
      });
    }),
    { numRuns },
  );
});

test("a decision is repeated, not changed, when nothing changed", () => {
  fc.assert(
    fc.property(history, name, (steps, key) => {
      const world = play(steps, () => {});
      const first = world.decide(key, false);
      const again = world.decide(key, false);
      equal(first && summary(first), again && summary(again));
    }),
    { numRuns },
  );
});

test("after a restart every settled Service keeps what it had, whatever the order of the list", () => {
  fc.assert(
    fc.property(history, fc.func(fc.nat()), (steps, rank) => {
      const world = play(steps, () => {});
      world.settle();
      const before = new Map(world.services);
      world.restart((services) => [...services].sort((a, b) => rank(a.metadata.name) - rank(b.metadata.name)));
      for (const key of before.keys()) world.decide(key, true);
      for (const [key, of] of before) if (of.status?.loadBalancer?.ingress?.length) deepEqual(world.services.get(key), of);
    }),
    { numRuns },
  );
});

test("an automatic address is the first free one of its pool", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const world = play(steps, () => {});
      const used = new Set(world.inUse().map(({ family, bits }) => `${family} ${bits}`));
      world.put(service("new"));
      const verdict = world.decide("default/new", false);
      if (verdict?.outcome !== "assign") return;
      const [given] = verdict.addresses;
      const chosen = world.pools.poolByName.get(verdict.pool);
      ok(given !== undefined && chosen !== undefined);
      const order = chosen.entries
        .filter(({ range }) => range.family === "IPv4")
        .flatMap(({ range }) => walk(range.first, range.last));
      const free = order.filter((bits) => !used.has(`IPv4 ${bits}`) && !(chosen.avoidBuggyIPs && bits % 256n === 0n));
      equal(given.bits, free[0]);
    }),
    { numRuns },
  );
});

function walk(first: bigint, last: bigint): bigint[] {
  return Array.from({ length: Number(last - first) + 1 }, (_, index) => first + BigInt(index));
}
