import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import type { Pool } from "../../crds/config/snapshot.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { Allocator } from "./allocator.ts";
import { dualStack, service, summary, withVerdict } from "./fake/services.ts";

const nothing = new Set<string>();
const pool4 = pool("p4", ["10.0.0.1-10.0.0.3"]);
const both = pool("both", ["10.1.0.0/30", "fd00:1::/126"]);

function allocatorWith(...pools: readonly Pool[]): Allocator {
  const allocator = new Allocator("");
  allocator.usePools(snapshot(...pools), nothing);
  return allocator;
}

/** Decides, writes, commits. */
function settle(allocator: Allocator, of: Service): Service {
  const written = withVerdict(of, allocator.decide(of));
  allocator.commit(`${of.metadata.namespace}/${of.metadata.name}`, 0);
  return written;
}

function edit(of: Service, change: { annotations?: Record<string, string>; spec?: Service["spec"] }): Service {
  return {
    ...of,
    metadata: { ...of.metadata, annotations: { ...of.metadata.annotations, ...change.annotations } },
    spec: { ...of.spec, ...change.spec },
  };
}

describe("allocation", () => {
  test("gives the lowest free address, and a released one again", () => {
    const allocator = allocatorWith(pool4);
    equal(summary(allocator.decide(service("a"))), "assign 10.0.0.1 from p4");
    equal(summary(allocator.decide(service("b"))), "assign 10.0.0.2 from p4");
    allocator.forget("default/a", 0);
    equal(summary(allocator.decide(service("c"))), "assign 10.0.0.1 from p4");
    equal(summary(allocator.decide(service("d"))), "assign 10.0.0.3 from p4");
    const verdict = allocator.decide(service("e"));
    equal(summary(verdict), "pending unmet:NoAvailableIPs");
    const stock = [{ family: "IPv4", size: 3n, reserved: 0n, isFull: true }];
    deepEqual(verdict.outcome === "pending" && verdict.unmet, [
      {
        code: "NoAvailableIPs",
        needsBoth: false,
        reports: { pools: [{ pool: "p4", gap: { kind: "stock", stock } }], more: 0 },
      },
    ]);
  });

  test("walks the entries of a pool in the order of its spec", () => {
    const allocator = allocatorWith(pool("p", ["10.0.9.0/32", "10.0.1.0/32"]));
    equal(summary(allocator.decide(service("a"))), "assign 10.0.9.0 from p");
    equal(summary(allocator.decide(service("b"))), "assign 10.0.1.0 from p");
  });

  test("skips .0 and .255 when the pool avoids them", () => {
    const allocator = allocatorWith(pool("p", ["10.0.0.254-10.0.1.1"], { avoidBuggyIPs: true }));
    equal(summary(allocator.decide(service("a"))), "assign 10.0.0.254 from p");
    equal(summary(allocator.decide(service("b"))), "assign 10.0.1.1 from p");
  });

  test("gives the same again when the write is repeated, without using up addresses", () => {
    const allocator = allocatorWith(pool4);
    const moving = service("a", { published: ["10.9.9.9"], annotations: { "metallb.io/ip-allocated-from-pool": "gone" } });
    for (let attempt = 0; attempt < 5; attempt++) {
      equal(summary(allocator.decide(moving)), "assign 10.0.0.1 from p4 lost:AddressInNoPool");
    }
    equal(allocator.counters("p4")?.assignedIPv4, 1n);
  });

  test("keeps to what it decided until that is written, though an earlier pool has room by then", () => {
    const allocator = allocatorWith(pool("a", ["10.0.0.1/32"]), pool("b", ["10.0.1.1/32"]));
    allocator.decide(service("first"));
    const moving = service("x", { published: ["10.9.9.9"], annotations: { "metallb.io/ip-allocated-from-pool": "gone" } });
    equal(summary(allocator.decide(moving)), "assign 10.0.1.1 from b lost:AddressInNoPool");
    allocator.forget("default/first", 0);
    equal(summary(allocator.decide(moving)), "assign 10.0.1.1 from b lost:AddressInNoPool");
  });

  test("leaves out pools without autoAssign and draining pools, unless they are asked for", () => {
    const manual = pool("manual", ["10.5.0.1/32"], { autoAssign: false });
    const drained = pool("drained", ["10.6.0.1/32"], { draining: true });
    const allocator = allocatorWith(manual, drained);
    equal(summary(allocator.decide(service("a"))), "pending unmet:NoAvailableIPs");
    const named = service("b", { annotations: { "metallb.io/address-pool": "manual" } });
    equal(summary(allocator.decide(named)), "assign 10.5.0.1 from manual");
    const asked = service("d", { annotations: { "metallb.io/loadBalancerIPs": "10.5.0.1" } });
    allocator.forget("default/b", 0);
    equal(summary(allocator.decide(asked)), "assign 10.5.0.1 from manual");
    const wantsDrained = service("c", { annotations: { "metallb.io/address-pool": "drained" } });
    equal(summary(allocator.decide(wantsDrained)), "pending unmet:PoolDraining");
  });

  test("tries scoped pools by priority and then by name before general ones", () => {
    const scope = (priority: number): Pick<Pool, "scope"> => ({ scope: { priority, serviceSelectors: [] } });
    const allocator = allocatorWith(
      pool("general", ["10.0.0.1/32"]),
      pool("late", ["10.0.1.1/32"], scope(20)),
      pool("early", ["10.0.2.1/32"], scope(10)),
      pool("unset", ["10.0.3.1/32"], scope(Number.POSITIVE_INFINITY)),
      pool("also-unset", ["10.0.4.1/32"], scope(Number.POSITIVE_INFINITY)),
    );
    const given = ["a", "b", "c", "d", "e"].map((name) =>
      summary(allocator.decide(service(name)))
        .split(" ")
        .at(-1),
    );
    deepEqual(given, ["early", "late", "also-unset", "unset", "general"]);
  });

  test("serves only the namespaces of a scope, and nobody when it resolves to none", () => {
    const scope = { priority: 1, namespaces: new Set(["team"]), serviceSelectors: [] };
    const none = { priority: 1, namespaces: nothing, serviceSelectors: [] };
    const allocator = allocatorWith(pool("team", ["10.0.0.1/32"], { scope }), pool("none", ["10.0.1.1/32"], { scope: none }));
    equal(summary(allocator.decide(service("a"))), "pending unmet:NoAvailableIPs");
    equal(summary(allocator.decide(service("a", { namespace: "team" }))), "assign 10.0.0.1 from team");
    const named = service("b", { annotations: { "metallb.io/address-pool": "none" } });
    equal(summary(allocator.decide(named)), "pending unmet:ScopeExcludes");
  });
});

describe("dual stack", () => {
  test("takes both families from one pool, IPv4 first", () => {
    const spec = { ...dualStack("RequireDualStack"), ipFamilies: ["IPv6", "IPv4"] as const };
    equal(summary(allocatorWith(pool4, both).decide(service("a", { spec }))), "assign 10.1.0.0,fd00:1:: from both");
  });

  test("RequireDualStack waits when no pool has both", () => {
    const asking = service("a", { spec: dualStack("RequireDualStack") });
    equal(summary(allocatorWith(pool4).decide(asking)), "pending unmet:NoAvailableIPs");
  });

  test("PreferDualStack takes the primary family, and the second from the same pool once it is there", () => {
    const allocator = allocatorWith(pool4, pool("p6", ["fd00:2::1/128"]));
    const spec = { ...dualStack("PreferDualStack"), ipFamilies: ["IPv6", "IPv4"] as const };
    const settled = settle(allocator, service("a", { spec }));
    equal(summary(allocator.decide(settled)), "keep fd00:2::1 from p6 unmet:SecondFamilyUnavailable");
    allocator.usePools(snapshot(pool4, pool("p6", ["fd00:2::1/128", "10.7.0.1/32"])), nothing);
    equal(summary(allocator.decide(settled)), "assign fd00:2::1,10.7.0.1 from p6");
  });

  test("an address that joins a published one is told alone, a pair is told together", () => {
    const dual = dualStack("PreferDualStack");
    const joining = allocatorWith(both).decide(service("a", { published: ["fd00:1::1"], spec: dual }));
    deepEqual(joining.outcome === "assign" && joining.added, { family: "IPv4", bits: 0x0a010000n });
    equal(summary(joining), "assign fd00:1::1,10.1.0.0 from both");
    const pair = allocatorWith(both).decide(service("a", { spec: dual }));
    deepEqual(pair.outcome === "assign" && pair.added, undefined);
    const wish = { "metallb.io/loadBalancerIPs": "10.0.0.3" };
    const replaced = allocatorWith(pool4).decide(service("a", { published: ["10.0.0.1"], annotations: wish }));
    equal(summary(replaced), "assign 10.0.0.3 from p4");
    deepEqual(replaced.outcome === "assign" && replaced.added, undefined);
  });

  test("a second address that is not written yet stays the same", () => {
    const allocator = allocatorWith(both);
    const single = service("a", { published: ["10.1.0.0"], spec: dualStack("PreferDualStack") });
    for (let attempt = 0; attempt < 3; attempt++) {
      equal(summary(allocator.decide(single)), "assign 10.1.0.0,fd00:1:: from both");
    }
  });

  test("a draining pool gives no second address", () => {
    const single = service("a", { published: ["10.1.0.0"], spec: dualStack("PreferDualStack") });
    const allocator = allocatorWith({ ...both, draining: true });
    equal(summary(allocator.decide(single)), "keep 10.1.0.0 from both unmet:SecondFamilyUnavailable");
  });

  test("PreferDualStack in a single-stack cluster does not flap", () => {
    const allocator = allocatorWith(both);
    let current = service("a", { spec: { ipFamilyPolicy: "PreferDualStack" } });
    for (let pass = 0; pass < 4; pass++) {
      current = settle(allocator, current);
      deepEqual(current.status?.loadBalancer?.ingress, [{ ip: "10.1.0.0" }]);
    }
  });

  test("a Service that becomes single-stack keeps the address of its family", () => {
    const allocator = allocatorWith(both);
    const settled = settle(allocator, service("a", { spec: dualStack("PreferDualStack") }));
    const single = edit(settled, { spec: { clusterIPs: ["10.96.0.1"], ipFamilyPolicy: "SingleStack" } });
    equal(summary(allocator.decide(single)), "keep 10.1.0.0 from both lost:FamilyNotAsked");
  });

  test("RequireDualStack with one cluster IP is told why", () => {
    const asking = service("a", { spec: { ipFamilyPolicy: "RequireDualStack" } });
    equal(summary(allocatorWith(both).decide(asking)), "pending unmet:NotEnoughClusterIPs");
  });
});

describe("requests", () => {
  const request = (ips: string, more: Record<string, string> = {}): Service =>
    service("a", { annotations: { "metallb.io/loadBalancerIPs": ips, ...more } });

  test("a free address of a pool is given", () => {
    equal(summary(allocatorWith(pool4).decide(request("10.0.0.3"))), "assign 10.0.0.3 from p4");
    const old = service("a", { annotations: { "metallb.universe.tf/loadBalancerIPs": "10.0.0.2" } });
    equal(summary(allocatorWith(pool4).decide(old)), "assign 10.0.0.2 from p4");
    const field = service("a", { spec: { loadBalancerIP: "10.0.0.2" } });
    equal(summary(allocatorWith(pool4).decide(field)), "assign 10.0.0.2 from p4");
  });

  const refusals: readonly [string, Service, string][] = [
    ["an address outside every pool", request("192.0.2.1"), "AddressInNoPool"],
    ["an address of another pool", request("10.0.0.1", { "metallb.io/address-pool": "both" }), "AddressOutsidePool"],
    ["the wrong family", request("fd00:1::1"), "FamilyMismatch"],
    ["text that is no address", request("10.0.0"), "RequestInvalid"],
    ["two addresses of one family", request("10.0.0.1,10.0.0.2"), "RequestInvalid"],
    ["an unknown pool", service("a", { annotations: { "metallb.io/address-pool": "nope" } }), "PoolUnknown"],
    [
      "a request by both annotation and field",
      edit(request("10.0.0.1"), { spec: { loadBalancerIP: "10.0.0.1" } }),
      "TwoRequests",
    ],
    ["cluster IPs that tell no family", service("a", { spec: { clusterIPs: ["None"] } }), "ClusterIPFamilyUnknown"],
  ];
  for (const [name, asking, code] of refusals) {
    test(`${name} is refused`, () => equal(summary(allocatorWith(pool4, both).decide(asking)), `pending unmet:${code}`));
  }

  test("a changed request that cannot be met keeps the old address", () => {
    const allocator = allocatorWith(pool4);
    settle(allocator, service("other"));
    const settled = settle(allocator, service("a"));
    const taken = edit(settled, { annotations: { "metallb.io/loadBalancerIPs": "10.0.0.1" } });
    equal(summary(allocator.decide(taken)), "keep 10.0.0.2 from p4 unmet:AddressTaken");
    allocator.forget("default/other", 0);
    equal(summary(allocator.decide(taken)), "assign 10.0.0.1 from p4");
  });

  test("the old address is nobody's until the new one is written", () => {
    const allocator = allocatorWith(pool4);
    const settled = settle(allocator, service("a"));
    allocator.decide(edit(settled, { annotations: { "metallb.io/loadBalancerIPs": "10.0.0.3" } }));
    equal(summary(allocator.decide(service("b"))), "assign 10.0.0.2 from p4");
    equal(summary(allocator.decide(service("c"))), "pending unmet:NoAvailableIPs");
    allocator.commit("default/a", 0);
    deepEqual(allocator.takeChanges().woken, ["default/c"]);
    equal(summary(allocator.decide(service("c"))), "assign 10.0.0.1 from p4");
  });

  test("an address of another program's Service is free when that Service asks no longer", () => {
    const allocator = allocatorWith(pool4);
    const theirs = service("theirs", { published: ["10.0.0.1"], spec: { loadBalancerClass: "other" } });
    equal(summary(allocator.decide(theirs)), "ignore");
    equal(summary(allocator.decide(service("a"))), "assign 10.0.0.2 from p4");
    equal(summary(allocator.decide(edit(theirs, { spec: { type: "ClusterIP" } }))), "ignore");
    equal(summary(allocator.decide(service("b"))), "assign 10.0.0.1 from p4");
  });

  test("entries of a status without an address are passed over", () => {
    const allocator = allocatorWith(pool4);
    const ingress = [{ hostname: "web.example" }, { ip: "" }, { ip: "10.0.0.2" }];
    const settled = { ...service("a"), status: { loadBalancer: { ingress } } };
    equal(summary(allocator.decide(settled)), "keep 10.0.0.2 from p4");
    const named = { ...service("b"), status: { loadBalancer: { ingress: ingress.slice(0, 2) } } };
    equal(summary(allocator.decide(named)), "assign 10.0.0.1 from p4");
  });

  test("what is no address in a status of somebody else is no matter", () => {
    const allocator = allocatorWith(pool4);
    const foreign = service("a", { published: ["203.0.113.1", "nonsense"] });
    equal(summary(allocator.decide(foreign)), "ignore unmet:StatusForeign");
  });

  test("pools are named whose counters changed since the last time, and no others", () => {
    const allocator = allocatorWith(pool4, both);
    const counted = (): readonly string[] => [...allocator.takeChanges().counted].sort();
    deepEqual(counted(), ["both", "p4"], "they are new");
    deepEqual(counted(), []);
    settle(allocator, service("a"));
    deepEqual(counted(), ["both"]);
    deepEqual(counted(), []);
    allocator.decide(service("a", { published: ["10.1.0.0"] }));
    deepEqual(counted(), [], "nothing changed");
    allocator.forget("default/a", 0);
    deepEqual(counted(), ["both"]);
    allocator.usePools(snapshot(both), nothing);
    deepEqual(counted(), ["p4"], "it is gone");
  });

  test("a pair that is asked for is given, kept, and lacks nothing", () => {
    const pair = service("a", {
      annotations: { "metallb.io/loadBalancerIPs": "10.1.0.1,fd00:1::1" },
      spec: dualStack("PreferDualStack"),
    });
    const allocator = allocatorWith(both);
    equal(summary(allocator.decide(settle(allocator, pair))), "keep 10.1.0.1,fd00:1::1 from both");
  });

  test("an address asked for twice goes to the first", () => {
    const allocator = allocatorWith(pool4);
    allocator.decide(request("10.0.0.3"));
    const second = service("b", { annotations: { "metallb.io/loadBalancerIPs": "10.0.0.3" } });
    equal(summary(allocator.decide(second)), "pending unmet:AddressTaken");
  });
});
