import fc from "fast-check";
import { pool, snapshot } from "../../../crds/config/fixture/pools.ts";
import type { Pool } from "../../../crds/config/snapshot.ts";
import { compileSelectors } from "../../../crds/selector.ts";
import type { Service } from "../../../crds/types/kubernetes.ts";
import { dualStack, service } from "./services.ts";
import type { Configuration, World } from "./world.ts";

const minute = 60_000;
const of = (...pools: readonly Pool[]): Configuration => ({ pools: snapshot(...pools), unreadable: new Set() });
const gold = compileSelectors([{ matchLabels: { tier: "gold" } }]).selectors;

/** Pools that are put in force one after the other: their addresses are few, and change hands. */
export const configurations: readonly Configuration[] = [
  of(pool("p", ["10.0.0.0/30", "fd00::/126"])),
  of(pool("p", ["10.0.0.0/31", "fd00::/127"])),
  of(pool("p", ["10.0.0.0/30", "fd00::/126"], { reserveForMs: 10 * minute })),
  of(pool("p", ["10.0.0.0/31"], { reserveForMs: minute }), pool("q", ["10.0.0.2/31", "fd00::/127"])),
  of(pool("p", ["10.0.0.2/31", "10.0.0.0/31"], { avoidBuggyIPs: true }), pool("q", ["fd00::1/128"], { autoAssign: false })),
  of(pool("q", ["10.0.0.1-10.0.0.5", "fd00::/125"], { scope: { priority: 1, serviceSelectors: [] } })),
  of(
    pool("p", ["10.0.0.0/30"], { scope: { priority: 1, serviceSelectors: gold } }),
    pool("q", ["fd00::/126"], { scope: { priority: 2, namespaces: new Set(["default"]), serviceSelectors: [] } }),
  ),
  of(pool("p", ["10.0.0.0/30", "fd00::/126"], { draining: true }), pool("q", ["10.0.0.4/31"])),
  { pools: snapshot(pool("q", ["10.0.0.4/31"])), unreadable: new Set(["p"]) },
  { pools: snapshot(), unreadable: new Set(["p", "q"]) },
  of(),
];

const names = ["a", "b", "c", "d", "e", "f"] as const;
const annotation = fc.constantFrom<Record<string, string>>(
  {},
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
  { externalTrafficPolicy: "Local", selector: { app: "x" } },
  { clusterIPs: ["None"] },
  {},
  {},
);
const kind = fc.oneof(
  { weight: 8, arbitrary: fc.constant<NonNullable<Service["spec"]>>({}) },
  { weight: 1, arbitrary: fc.constant<NonNullable<Service["spec"]>>({ type: "ClusterIP" }) },
  { weight: 1, arbitrary: fc.constant<NonNullable<Service["spec"]>>({ loadBalancerClass: "other" }) },
);

/** A Service as its user writes it. */
export const asking = fc
  .record({
    name: fc.constantFrom(...names),
    annotation,
    sharing,
    stack,
    kind,
    port: fc.constantFrom(80, 443, 8443),
    labels: fc.constantFrom<Record<string, string>>({}, { tier: "gold" }),
    created: fc.constantFrom("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
  })
  .map(({ name, annotation, sharing, stack, kind, port, labels, created }) =>
    service(name, {
      annotations: { ...annotation, ...sharing },
      labels,
      created,
      spec: { ...stack, ...kind, ports: [{ port }] },
    }),
  );

/** Key of a Service that may be there. */
export const key = fc.constantFrom(...names).map((name) => `default/${name}`);

/** One thing that happens to the world. */
export type Step = { readonly text: string; readonly run: (world: World) => void; readonly [fc.toStringMethod]?: () => string };

const step = (text: string, run: (world: World) => void): Step => ({ text, run, [fc.toStringMethod]: () => text });

const put = asking.map((each) =>
  step(`put ${each.metadata.name} ${JSON.stringify([each.metadata.annotations, each.spec])}`, (world) => world.put(each)),
);
const decide = fc
  .tuple(key, fc.constantFrom(true, true, true, false))
  .map(([of, written]) => step(`decide ${of} ${written}`, (world) => void world.decide(of, written)));
const remove = key.map((of) => step(`delete ${of}`, (world) => world.delete(of)));
const configure = fc.nat(configurations.length - 1).map((index) =>
  step(`configure ${index}`, (world) => {
    const next = configurations[index];
    if (next !== undefined) world.configure(next);
  }),
);
const restore = fc
  .tuple(fc.nat(), fc.nat())
  .map(([from, to]) => step(`restore ${to} with the status of ${from}`, (world) => world.restore(from, to)));
const restart = fc.constant(step("restart", (world) => world.restart()));
const wait = fc.constantFrom(1_000, minute, 9 * minute).map((ms) => step(`wait ${ms}`, (world) => world.wait(ms)));
const settle = fc.constant(step("settle", (world) => world.settle()));
const arrive = fc.constant(step("late writes arrive", (world) => world.arrive()));

/** Everything that can happen. */
export const history = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: put },
    { weight: 8, arbitrary: decide },
    { weight: 2, arbitrary: remove },
    { weight: 1, arbitrary: configure },
    { weight: 1, arbitrary: restart },
    { weight: 2, arbitrary: restore },
    { weight: 1, arbitrary: wait },
    { weight: 1, arbitrary: settle },
    { weight: 1, arbitrary: arrive },
  ),
  { minLength: 5, maxLength: 50, size: "max" },
);
