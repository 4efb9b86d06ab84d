import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { compile } from "../../crds/config/compile.ts";
import { emptyResources } from "../../crds/config/resources.ts";
import type { IPAddressPoolSpec } from "../../crds/types/ip-address-pool.ts";
import { annotations } from "../../crds/types/well-known.ts";
import { displaced, type PoolsInForce } from "./displaced.ts";
import { dualStack, type ServiceChanges, service } from "./fake/services.ts";

type Pools = Readonly<Record<string, IPAddressPoolSpec>>;

let generation = 0;

function inForce(pools: Pools, unreadable: readonly string[] = []): PoolsInForce {
  generation += 1;
  const objects = Object.entries(pools).map(([name, spec]) => ({ metadata: { name, generation }, spec }));
  return { snapshot: compile({ ...emptyResources, pools: objects }).snapshot, unreadable: new Set(unreadable) };
}

function holder(name: string, published: readonly string[], changes: ServiceChanges = {}) {
  return service(name, {
    published,
    ...changes,
    annotations: { [annotations.ipAllocatedFromPool]: "a", ...changes.annotations },
  });
}

const lost = (before: Pools, after: Pools, ...services: Parameters<typeof displaced>[2][]) =>
  displaced(
    inForce(before),
    inForce(after),
    services.flatMap((each) => [...each]),
  ).map(({ service: name, loses }) => `${name} ${loses.join(",")}`);

const web = holder("web", ["10.0.0.5"]);
const mail = holder("mail", ["10.0.0.200"]);

test("a pool that shrinks takes the addresses that it no longer holds", () => {
  deepEqual(lost({ a: { addresses: ["10.0.0.0/24"] } }, { a: { addresses: ["10.0.0.0/25"] } }, [web, mail]), [
    "default/mail 10.0.0.200",
  ]);
});

test("a pool that goes takes all of its addresses, by name of the Service", () => {
  deepEqual(lost({ a: { addresses: ["10.0.0.0/24"] } }, {}, [web, mail]), ["default/mail 10.0.0.200", "default/web 10.0.0.5"]);
});

test("a pool that grows, is cut differently or changes nothing that concerns those who have addresses takes none", () => {
  const addresses = ["10.0.0.0/24"];
  deepEqual(lost({ a: { addresses } }, { a: { addresses: ["10.0.0.0/23"] } }, [web, mail]), []);
  deepEqual(lost({ a: { addresses } }, { a: { addresses: ["10.0.0.0/25", "10.0.0.128/25"] } }, [web, mail]), []);
  deepEqual(lost({ a: { addresses } }, { a: { addresses, autoAssign: false } }, [web, mail]), []);
});

test("addresses that go over to another pool are not lost", () => {
  const before = { a: { addresses: ["10.0.0.0/24"] } };
  deepEqual(lost(before, { a: { addresses: ["10.0.0.0/25"] }, b: { addresses: ["10.0.0.128/25"] } }, [web, mail]), []);
});

test("avoidBuggyIPs takes addresses ending in .0 and .255", () => {
  const addresses = ["10.0.0.0/24"];
  const zero = holder("zero", ["10.0.0.0"]);
  deepEqual(lost({ a: { addresses } }, { a: { addresses, avoidBuggyIPs: true } }, [web, zero]), ["default/zero 10.0.0.0"]);
});

test("a pool that is closed to a Service takes its address", () => {
  const addresses = ["10.0.0.0/24"];
  const serviceAllocation = { namespaces: ["other"] };
  deepEqual(
    lost({ a: { addresses } }, { a: { addresses, serviceAllocation } }, [web, holder("x", ["10.0.0.6"], { namespace: "other" })]),
    ["default/web 10.0.0.5"],
  );
});

test("of two addresses only the lost one is named", () => {
  const both = holder("both", ["10.0.0.5", "fc00::5"], { spec: dualStack("PreferDualStack") });
  const before = { a: { addresses: ["10.0.0.0/24", "fc00::/120"] } };
  deepEqual(lost(before, { a: { addresses: ["10.0.0.0/24"] } }, [both]), ["default/both fc00::5"]);
});

test("Services of any class count, those without an address of ours do not", () => {
  const before = { a: { addresses: ["10.0.0.0/24"] } };
  const classed = holder("classed", ["10.0.0.7"], { spec: { loadBalancerClass: "example.org/x" } });
  const foreign = service("foreign", { published: ["10.0.0.8"] });
  const internal = holder("internal", ["10.0.0.9"], { spec: { type: "ClusterIP" } });
  deepEqual(lost(before, {}, [classed, foreign, internal, holder("elsewhere", ["10.9.9.9"]), holder("none", [])]), [
    "default/classed 10.0.0.7",
  ]);
});

test("a Service that has no right to its address anyhow is not lost by the change", () => {
  const serviceAllocation = { namespaces: ["other"] };
  const before = { a: { addresses: ["10.0.0.0/24"], serviceAllocation } };
  deepEqual(lost(before, { a: { addresses: ["10.0.0.0/25"], serviceAllocation } }, [mail]), []);
});

test("of two Services with one address the older has it, and loses it, in whatever order they come", () => {
  const before = { a: { addresses: ["10.0.0.0/24"] } };
  const old = holder("old", ["10.0.0.5"], { created: "2026-01-01T00:00:00Z" });
  const young = holder("young", ["10.0.0.5"], { created: "2026-02-01T00:00:00Z" });
  for (const services of [
    [old, young],
    [young, old],
  ])
    deepEqual(lost(before, {}, services), ["default/old 10.0.0.5"]);
});

test("while a pool cannot be read nobody loses anything to it", () => {
  const before = inForce({ a: { addresses: ["10.0.0.0/24"] } });
  deepEqual(displaced(before, inForce({}, ["a"]), [web]), []);
});
