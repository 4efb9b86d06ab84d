import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import type { Pool } from "../../crds/config/snapshot.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { Allocator } from "./allocator.ts";
import { adoptAll, service, summary, withVerdict } from "./fake/services.ts";
import { describe as text } from "./reason.ts";

const p = pool("p", ["10.0.0.0/30"]);
const from = (name: string): Record<string, string> => ({ "metallb.io/ip-allocated-from-pool": name });
const classed = (loadBalancerClass: string, published: readonly string[] = []): Service =>
  service("a", { spec: { loadBalancerClass }, published });

function allocatorWith(classFlag: string, pools: readonly Pool[], adopted: readonly Service[] = []): Allocator {
  const allocator = new Allocator(classFlag);
  adoptAll(allocator, adopted);
  allocator.usePools(snapshot(...pools), new Set());
  return allocator;
}

describe("of classes", () => {
  const cases: readonly [string, string, Service, string][] = [
    ["without the flag, a Service without a class is served", "", service("a"), "assign 10.0.0.0 from p"],
    ["without the flag, a Service with a class is not", "", classed("other"), "ignore"],
    ["with the flag, the class that it names is served", "x", classed("x"), "assign 10.0.0.0 from p"],
    ["with the flag, a Service without a class is not", "x", service("a"), "ignore"],
    ["with a list, each of its classes is served", "metallb.io/*,", classed("metallb.io/internal"), "assign 10.0.0.0 from p"],
    ["with an empty item, a Service without a class is served", "metallb.io/*,", service("a"), "assign 10.0.0.0 from p"],
    ["one of MetalLB's that nobody serves is told", "", classed("metallb.io/internal"), "ignore unmet:ClassUnserved"],
    ["one of somebody else's is told nothing", "", classed("metallb.iox/internal"), "ignore"],
  ];
  for (const [name, flag, asking, expected] of cases) {
    test(name, () => equal(summary(allocatorWith(flag, [p]).decide(asking)), expected));
  }

  test("the way out of an unserved one is told", () => {
    const verdict = allocatorWith("", [p]).decide(classed("metallb.io/internal"));
    equal(
      verdict.unmet.map(text).join(),
      'loadBalancerClass "metallb.io/internal" is served by nobody: start the controller and the speakers with ' +
        "--lb-class=metallb.io/internal, which takes a list too, or leave the class out",
    );
  });

  test("an address that a Service of another class shows is nobody else's, and is free when it no longer does", () => {
    const theirs = classed("other", ["10.0.0.0"]);
    const allocator = allocatorWith("", [p], [theirs]);
    equal(summary(allocator.decide(theirs)), "ignore");
    equal(summary(allocator.decide(service("b"))), "assign 10.0.0.1 from p");
    equal(allocator.counters("p")?.assignedIPv4, 2n);
    equal(summary(allocator.decide(classed("other"))), "ignore");
    equal(summary(allocator.decide(service("c"))), "assign 10.0.0.0 from p");
  });

  test("nothing is taken from one of ours by a Service of another class", () => {
    const allocator = allocatorWith("", [p]);
    const ours = withVerdict(service("b"), allocator.decide(service("b")));
    equal(summary(allocator.decide(classed("other", ["10.0.0.0"]))), "ignore");
    equal(summary(allocator.decide(ours)), "keep 10.0.0.0 from p");
  });

  test("an address that a Service of another class shows beside its holder is in use still when the holder goes", () => {
    const allocator = allocatorWith("", [p]);
    allocator.decide(service("b"));
    const theirs = classed("other", ["10.0.0.0"]);
    allocator.decide(theirs);
    allocator.forget("default/b", 0);
    equal(summary(allocator.decide(service("c"))), "assign 10.0.0.1 from p");
    equal(allocator.counters("p")?.assignedIPv4, 2n);
    allocator.decide(theirs);
    allocator.commit("default/a", 0);
    equal(allocator.counters("p")?.assignedIPv4, 2n);
    allocator.decide(classed("other"));
    equal(allocator.counters("p")?.assignedIPv4, 1n);
  });

  test("the same when its pool goes and comes back", () => {
    const allocator = allocatorWith("", [p]);
    const ours = service("b");
    const theirs = classed("other", ["10.0.0.0"]);
    allocator.decide(ours);
    allocator.decide(theirs);
    allocator.usePools(snapshot(), new Set());
    allocator.decide(ours);
    allocator.commit("default/b", 0);
    allocator.usePools(snapshot(p), new Set());
    deepEqual([...allocator.concernedBy(new Set(["p"]))].sort(), ["default/a", "default/b"]);
  });

  test("a Service that stops being a LoadBalancer, and loses its class by that, frees its address", () => {
    const allocator = allocatorWith("x", [p]);
    const settled = withVerdict(classed("x"), allocator.decide(classed("x")));
    const { loadBalancerClass: _, ...spec } = settled.spec ?? {};
    const changed: Service = { ...settled, spec: { ...spec, type: "ClusterIP" }, status: {} };
    equal(summary(allocator.decide(changed)), "clear lost:NotLoadBalancer");
    allocator.commit("default/a", 0);
    equal(allocator.counters("p")?.assignedIPv4, 0n);
    equal(summary(allocator.decide(withVerdict(changed, { outcome: "clear", lost: [], unmet: [] }))), "ignore");
  });

  test("a Service of another type is never touched when this program never gave it anything", () => {
    const allocator = allocatorWith("x", [p]);
    const foreign = service("a", { spec: { type: "NodePort" }, annotations: from("p") });
    equal(summary(allocator.decide(foreign)), "ignore");
    equal(summary(allocatorWith("", [p]).decide(foreign)), "clear lost:NotLoadBalancer", "its annotation is ours to remove");
  });
});

describe("a status that somebody else wrote", () => {
  const foreign = service("a", { published: ["203.0.113.7"] });

  test("is left alone, without a word while there are no pools", () => {
    const allocator = allocatorWith("", [], [foreign]);
    equal(summary(allocator.decide(foreign)), "ignore");
  });

  test("is left alone when no pool holds it, and the Service is told so", () => {
    const allocator = allocatorWith("", [p], [foreign]);
    const verdict = allocator.decide(foreign);
    equal(summary(verdict), "ignore unmet:StatusForeign");
    equal(
      verdict.unmet.map(text).join(),
      `the addresses ["203.0.113.7"] in the Service's status belong to no IPAddressPool and were not given by this ` +
        "controller, so that they are left alone: name a pool in the annotation metallb.io/address-pool to replace them",
    );
    equal(summary(allocator.decide(foreign)), "ignore unmet:StatusForeign", "repeating gives the same");
  });

  test("is nobody else's as soon as a pool holds it, and is then ours", () => {
    const allocator = allocatorWith("", [p], [foreign]);
    allocator.decide(foreign);
    allocator.usePools(snapshot(p, pool("q", ["203.0.113.7/32"])), new Set());
    deepEqual(allocator.concernedBy(new Set(["q"])), ["default/a"]);
    const asking = service("b", { annotations: { "metallb.io/address-pool": "q" } });
    equal(summary(allocator.decide(asking)), "pending unmet:PoolExhausted");
    equal(summary(allocator.decide(foreign)), "keep 203.0.113.7 from q");
  });

  test("gives way to an address that the Service asks for, and to nothing when that cannot be had", () => {
    const asking = (annotations: Record<string, string>): Service => service("a", { published: ["203.0.113.7"], annotations });
    const allocator = allocatorWith("", [p], [foreign]);
    equal(summary(allocator.decide(asking({ "metallb.io/address-pool": "nope" }))), "ignore unmet:PoolUnknown");
    equal(summary(allocator.decide(asking({ "metallb.io/address-pool": "p" }))), "assign 10.0.0.0 from p lost:AddressInNoPool");
  });

  test("is waited with when the address that the Service asks for is taken", () => {
    const asking = service("a", { published: ["203.0.113.7"], annotations: { "metallb.io/loadBalancerIPs": "10.0.0.0" } });
    const allocator = allocatorWith("", [p], [asking]);
    allocator.decide(service("b"));
    equal(summary(allocator.decide(asking)), "ignore unmet:AddressTaken");
    allocator.forget("default/b", 0);
    deepEqual(allocator.takeChanges().woken, ["default/a"]);
  });

  const ours: readonly [string, Service, string][] = [
    [
      "the annotation says who gave it",
      service("a", { published: ["203.0.113.7"], annotations: from("gone") }),
      "lost:AddressInNoPool",
    ],
    [
      "its class is one that is served",
      { ...foreign, spec: { ...foreign.spec, loadBalancerClass: "x" } },
      "lost:AddressInNoPool",
    ],
    [
      "one of its addresses is in a pool",
      service("a", { published: ["203.0.113.7", "10.0.0.2"] }),
      "lost:StatusFamilyUnknown lost:AddressInNoPool",
    ],
  ];
  for (const [name, of, lost] of ours) {
    test(`is not somebody else's when ${name}`, () => {
      equal(summary(allocatorWith("x,", [p], [of]).decide(of)), `assign 10.0.0.0 from p ${lost}`);
    });
  }

  test("is not somebody else's once this program has decided to replace it", () => {
    const allocator = allocatorWith("", [p], [foreign]);
    const asking = service("a", { published: ["203.0.113.7"], annotations: { "metallb.io/address-pool": "p" } });
    equal(summary(allocator.decide(asking)), "assign 10.0.0.0 from p lost:AddressInNoPool");
    equal(summary(allocator.decide(foreign)), "assign 10.0.0.0 from p lost:AddressInNoPool", "the write is still to come");
  });
});
