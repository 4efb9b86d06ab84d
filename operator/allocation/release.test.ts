import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { Allocator } from "./allocator.ts";
import { adoptAll, dualStack, service, summary, withVerdict } from "./fake/services.ts";

const nothing = new Set<string>();
const p = pool("p", ["10.0.0.0/30"]);
const from = (name: string): Record<string, string> => ({ "metallb.io/ip-allocated-from-pool": name });
const settled = service("a", { published: ["10.0.0.1"], annotations: from("p") });

function adopted(...services: readonly Service[]): Allocator {
  const allocator = new Allocator("");
  allocator.usePools(snapshot(p), nothing);
  adoptAll(allocator, services);
  return allocator;
}

describe("an address is released when", () => {
  test("its pool no longer holds it", () => {
    const allocator = adopted(settled);
    allocator.usePools(snapshot(pool("p", ["10.0.1.0/30"])), nothing);
    deepEqual(allocator.concernedBy(new Set(["p"])), ["default/a"]);
    equal(summary(allocator.decide(settled)), "assign 10.0.1.0 from p lost:AddressInNoPool");
  });

  test("its pool is deleted", () => {
    const allocator = adopted(settled);
    allocator.usePools(snapshot(), nothing);
    equal(summary(allocator.decide(settled)), "pending lost:AddressInNoPool unmet:NoPools");
  });

  test("its pool starts to avoid it", () => {
    const buggy = service("a", { published: ["10.0.0.0"], annotations: from("p") });
    const allocator = adopted(buggy);
    allocator.usePools(snapshot({ ...p, avoidBuggyIPs: true }), nothing);
    equal(summary(allocator.decide(buggy)), "assign 10.0.0.1 from p lost:AddressBuggy");
  });

  test("its pool's scope leaves the Service out", () => {
    const allocator = adopted(settled);
    const scope = { priority: 1, namespaces: new Set(["team"]), serviceSelectors: [] };
    allocator.usePools(snapshot({ ...p, scope }), nothing);
    equal(summary(allocator.decide(settled)), "pending lost:ScopeExcludes unmet:NoAvailableIPs");
  });

  test("the Service is no longer of type LoadBalancer", () => {
    const allocator = adopted(settled);
    const changed = { ...settled, spec: { ...settled.spec, type: "ClusterIP" as const } };
    equal(summary(allocator.decide(changed)), "clear lost:NotLoadBalancer");
    equal(allocator.counters("p")?.assignedIPv4, 1n, "held until the status is written");
    allocator.commit("default/a", 0);
    equal(allocator.counters("p")?.assignedIPv4, 0n);
    equal(summary(allocator.decide(withVerdict(changed, allocator.decide(changed)))), "ignore");
  });

  test("the Service is deleted, and those who wait for that pool are known", () => {
    const full = adopted(settled, ...["0", "2", "3"].map((octet) => service(octet, { published: [`10.0.0.${octet}`] })));
    equal(summary(full.decide(service("late"))), "pending unmet:NoAvailableIPs");
    equal(
      summary(full.decide(service("elsewhere", { annotations: { "metallb.io/address-pool": "q" } }))),
      "pending unmet:PoolUnknown",
    );
    full.takeChanges();
    full.forget("default/a", 0);
    deepEqual(full.takeChanges().woken, ["default/late"]);
  });
});

describe("an address that two show who may not share it", () => {
  const older = { ...service("a", { published: ["10.0.0.1"], annotations: from("p"), created: "2026-01-01T00:00:00Z" }) };
  const younger = service("b", { published: ["10.0.0.1"], annotations: from("p"), created: "2026-02-01T00:00:00Z" });
  const full = ["0", "2", "3"].map((octet) => service(octet, { published: [`10.0.0.${octet}`] }));
  const gone = { ...older, spec: { ...older.spec, type: "ClusterIP" as const }, status: {} };

  test("goes to nobody else when its holder leaves it before the other was written", () => {
    for (const isDecided of [false, true]) {
      const allocator = adopted(older, younger, ...full);
      if (isDecided) equal(summary(allocator.decide(younger)), "pending lost:AddressTaken unmet:NoAvailableIPs");
      allocator.decide(gone);
      allocator.commit("default/a", 0);
      equal(summary(allocator.decide(service("c"))), "pending unmet:NoAvailableIPs");
      equal(allocator.counters("p")?.assignedIPv4, 4n);
      equal(summary(allocator.decide(younger)), "keep 10.0.0.1 from p");
    }
  });

  test("is free when both have left it, and who waits is woken by the last one", () => {
    const allocator = adopted(older, younger, ...full);
    allocator.decide(younger);
    allocator.decide(service("c"));
    allocator.forget("default/a", 0);
    allocator.takeChanges();
    allocator.commit("default/b", 0);
    deepEqual(allocator.takeChanges().woken, ["default/b"]);
    allocator.forget("default/b", 0);
    deepEqual(allocator.takeChanges().woken, ["default/c"]);
    equal(summary(allocator.decide(service("c"))), "assign 10.0.0.1 from p");
    equal(allocator.counters("p")?.assignedIPv4, 4n);
  });

  test("is its holder's alone once the other is written", () => {
    const allocator = adopted(older, younger, ...full);
    allocator.decide(younger);
    allocator.commit("default/b", 0);
    allocator.decide(service("c"));
    allocator.takeChanges();
    allocator.forget("default/a", 0);
    deepEqual(allocator.takeChanges().woken, ["default/b"]);
    equal(allocator.counters("p")?.assignedIPv4, 3n);
  });

  test("is not joined by a third who may not share it with each of them", () => {
    const sharing = (name: string, port: number, app: string): Service =>
      service(name, {
        published: name === "c" ? [] : ["10.0.0.1"],
        annotations: {
          ...(name === "c" ? {} : from("p")),
          "metallb.io/allow-shared-ip": "k",
          "metallb.io/loadBalancerIPs": "10.0.0.1",
        },
        spec: { externalTrafficPolicy: "Local", selector: { app }, ports: [{ port }] },
      });
    const allocator = adopted(sharing("a", 80, "x"), sharing("b", 81, "y"));
    equal(summary(allocator.decide(sharing("c", 82, "x"))), "pending unmet:AddressTaken");
    equal(summary(allocator.decide(sharing("b", 81, "y"))), "pending lost:AddressTaken unmet:AddressTaken");
    allocator.takeChanges();
    allocator.commit("default/b", 0);
    deepEqual(allocator.takeChanges().woken, ["default/c", "default/b"]);
    equal(summary(allocator.decide(sharing("c", 82, "x"))), "assign 10.0.0.1 from p");
  });

  test("is held by each of the others that may share it", () => {
    const sharing = (name: string, port: number) =>
      service(name, {
        published: ["10.0.0.1", "fd00::1"],
        annotations: { ...from("p"), "metallb.io/allow-shared-ip": "k" },
        spec: { ...dualStack("PreferDualStack"), ports: [{ port }] },
      });
    const pair = service("a", { published: ["10.0.0.1", "fd00::1"], created: "2026-01-01T00:00:00Z" });
    const allocator = new Allocator("");
    allocator.usePools(snapshot(pool("p", ["10.0.0.1/32", "fd00::1/128"])), nothing);
    adoptAll(allocator, [pair, sharing("x", 80), sharing("y", 443)]);
    deepEqual(allocator.heldBy("default/x"), []);
    allocator.forget("default/a", 0);
    equal(allocator.heldBy("default/x").length, 2);
    equal(allocator.heldBy("default/y").length, 2);
    equal(summary(allocator.decide(service("c"))), "pending unmet:NoAvailableIPs");
  });
});

describe("an address is kept when", () => {
  test("its pool exists but cannot be read, and nobody else gets it", () => {
    const allocator = new Allocator("");
    adoptAll(allocator, [settled]);
    allocator.usePools(snapshot(pool("other", ["10.0.0.0/29"])), new Set(["p"]));
    equal(summary(allocator.decide(settled)), "keep 10.0.0.1 from other", "the address moved to a pool that can be read");
    allocator.usePools(snapshot(), new Set(["p"]));
    equal(summary(allocator.decide(settled)), "keep 10.0.0.1 from p unmet:PoolSetAside");
  });

  test("its pool cannot be read and the request for another cannot be met, but not longer", () => {
    const allocator = new Allocator("");
    const wishing = service("a", { published: ["10.0.0.1"], annotations: { ...from("p"), "metallb.io/address-pool": "q" } });
    adoptAll(allocator, [wishing]);
    allocator.usePools(snapshot(), new Set(["p"]));
    equal(summary(allocator.decide(wishing)), "keep 10.0.0.1 from p unmet:PoolSetAside");
    allocator.usePools(snapshot(pool("q", ["10.3.0.0/30"])), new Set(["p"]));
    equal(summary(allocator.decide(wishing)), "assign 10.3.0.0 from q");
    equal(summary(allocator.decide(wishing)), "assign 10.3.0.0 from q", "the same again while it is not written");
    equal(summary(allocator.decide(settled)), "keep 10.0.0.1 from p unmet:PoolSetAside", "it asks no longer");
  });

  test("its pool was not recorded and some pool cannot be read", () => {
    const allocator = new Allocator("");
    const unrecorded = service("a", { published: ["10.0.0.1"] });
    adoptAll(allocator, [unrecorded]);
    allocator.usePools(snapshot(), new Set(["x"]));
    equal(summary(allocator.decide(unrecorded)), "keep 10.0.0.1 from  unmet:PoolSetAside");
  });

  test("it moves to another pool, whose name is then published", () => {
    const allocator = adopted(settled);
    allocator.usePools(snapshot(pool("renamed", ["10.0.0.0/30"])), nothing);
    equal(summary(allocator.decide(settled)), "keep 10.0.0.1 from renamed");
  });

  test("autoAssign is turned off, or a better pool is added", () => {
    const allocator = adopted(settled);
    const scope = { priority: 1, serviceSelectors: [] };
    allocator.usePools(
      snapshot({ ...p, autoAssign: false, draining: true }, pool("better", ["10.2.0.1/32"], { scope })),
      nothing,
    );
    equal(summary(allocator.decide(settled)), "keep 10.0.0.1 from p");
  });

  test("somebody wiped the status", () => {
    const allocator = adopted(settled);
    equal(summary(allocator.decide(service("a"))), "assign 10.0.0.1 from p");
  });

  test("the family of the cluster IPs is unknown for a moment", () => {
    const unclear = { ...settled, spec: { ...settled.spec, clusterIPs: [] } };
    equal(summary(adopted(settled).decide(unclear)), "keep 10.0.0.1 from p unmet:ClusterIPFamilyUnknown");
  });

  test("the other of a pair is lost", () => {
    const pair = service("a", { published: ["10.0.0.1", "fd00::1"], annotations: from("p"), spec: dualStack("PreferDualStack") });
    equal(summary(adopted(pair).decide(pair)), "keep 10.0.0.1 from p lost:AddressInNoPool unmet:SecondFamilyUnavailable");
  });
});

describe("adoption", () => {
  test("comes before allocation: adopted addresses are not given out", () => {
    const allocator = adopted(service("x", { published: ["10.0.0.0"] }), service("y", { published: ["10.0.0.2"] }));
    equal(summary(allocator.decide(service("new"))), "assign 10.0.0.1 from p");
    equal(summary(allocator.decide(service("newer"))), "assign 10.0.0.3 from p");
  });

  test("leaves a contested address to the older Service, in whatever order they come", () => {
    const older = service("z", { published: ["10.0.0.1"], created: "2025-01-01T00:00:00Z" });
    const younger = service("a", { published: ["10.0.0.1"], created: "2025-01-02T00:00:00Z" });
    for (const order of [
      [older, younger],
      [younger, older],
    ]) {
      const allocator = adopted(...order);
      equal(summary(allocator.decide(younger)), "assign 10.0.0.0 from p lost:AddressTaken");
      equal(summary(allocator.decide(older)), "keep 10.0.0.1 from p");
    }
  });

  test("takes no Service of another type", () => {
    const allocator = adopted(service("b", { published: ["10.0.0.0"], spec: { type: "ClusterIP" } }));
    equal(summary(allocator.decide(service("new"))), "assign 10.0.0.0 from p");
  });

  test("leaves a contested address to the first by name of two that are equally old", () => {
    const [a, b] = ["a", "b"].map((name) => service(name, { published: ["10.0.0.1"] }));
    for (const order of [
      [a, b],
      [b, a],
    ].map((pair) => pair.filter((each) => each !== undefined))) {
      const allocator = adopted(...order);
      equal(b && summary(allocator.decide(b)), "assign 10.0.0.0 from p lost:AddressTaken");
      equal(a && summary(allocator.decide(a)), "keep 10.0.0.1 from p");
    }
  });

  test("lets those who may share an address share it, whoever else claims it", () => {
    const onPort = (name: string, port: number, created: string, annotations: Record<string, string>): Service =>
      service(name, { published: ["10.0.0.1"], created, annotations, spec: { ports: [{ port }] } });
    const key = { "metallb.io/allow-shared-ip": "k" };
    const [a, b, c] = [
      onPort("a", 80, "2025-01-01T00:00:00Z", key),
      onPort("b", 81, "2025-01-02T00:00:00Z", {}),
      onPort("c", 82, "2025-01-03T00:00:00Z", key),
    ] as const;
    const allocator = adopted(c, b, a);
    deepEqual(
      [a, b, c].map((each) => summary(allocator.decide(each))),
      ["keep 10.0.0.1 from p", "assign 10.0.0.0 from p lost:AddressTaken", "keep 10.0.0.1 from p"],
    );
  });

  test("takes one address of each family from a status that holds more", () => {
    const odd = service("a", { published: ["10.0.0.2", "10.0.0.3", "nonsense"] });
    const allocator = adopted(odd);
    equal(summary(allocator.decide(odd)), "keep 10.0.0.2 from p lost:StatusFamilyUnknown");
  });
});
