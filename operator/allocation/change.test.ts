import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import type { Pool } from "../../crds/config/snapshot.ts";
import { compileSelectors } from "../../crds/selector.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { Allocator } from "./allocator.ts";
import { service, summary, withVerdict } from "./fake/services.ts";
import { serviceKey } from "./request.ts";

type Changes = {
  readonly annotations?: Record<string, string>;
  readonly labels?: Record<string, string>;
  readonly spec?: Service["spec"];
};

/** Pools and Services that are decided and written one after the other. */
class Scene {
  readonly allocator = new Allocator("");

  constructor(...pools: readonly Pool[]) {
    this.usePools(...pools);
  }

  usePools(...pools: readonly Pool[]): void {
    this.allocator.usePools(snapshot(...pools), new Set());
  }

  settle(of: Service): Service {
    const written = withVerdict(of, this.allocator.decide(of));
    this.allocator.commit(serviceKey(of), 0);
    return written;
  }

  /** What becomes of a Service that has settled, when it changes. */
  after(of: Service, { annotations, labels, spec }: Changes = {}): string {
    const metadata = { ...of.metadata, annotations: { ...of.metadata.annotations, ...annotations }, ...(labels && { labels }) };
    return summary(this.allocator.decide({ ...of, metadata, spec: { ...of.spec, ...spec } }));
  }
}

const p = pool("p", ["10.0.0.0/30"]);
const key = (value: string): Record<string, string> => ({ "metallb.io/allow-shared-ip": value });
const ask = (value: string): Record<string, string> => ({ "metallb.io/loadBalancerIPs": value });
const onPort = (name: string, port: number): Service => service(name, { annotations: key("k"), spec: { ports: [{ port }] } });

describe("when the request changes", () => {
  test("to another address, that one is given", () => {
    const scene = new Scene(p);
    equal(scene.after(scene.settle(service("a")), { annotations: ask("10.0.0.3") }), "assign 10.0.0.3 from p");
  });

  test("to another pool, an address of that one is given", () => {
    const scene = new Scene(p, pool("q", ["10.1.0.0/30"], { autoAssign: false }));
    equal(scene.after(scene.settle(service("a")), { annotations: { "metallb.io/address-pool": "q" } }), "assign 10.1.0.0 from q");
  });

  test("and is taken back, the address stays", () => {
    const scene = new Scene(p);
    const settled = scene.settle(service("a", { annotations: ask("10.0.0.3") }));
    equal(scene.after(settled, { annotations: ask("") }), "keep 10.0.0.3 from p");
  });

  test("to the same addresses in another order, they stay as they are", () => {
    const scene = new Scene(pool("p", ["10.0.0.0/30", "fd00::/126"]));
    const spec = { clusterIPs: ["10.96.0.1", "fd00:96::1"], ipFamilyPolicy: "RequireDualStack" } as const;
    const settled = scene.settle(service("a", { spec, annotations: ask("fd00::1,10.0.0.1") }));
    equal(scene.after(settled, { annotations: ask("10.0.0.1,fd00::1") }), "keep fd00::1,10.0.0.1 from p");
  });

  test("to a pool that the address is in already, it stays", () => {
    const scene = new Scene(p);
    equal(scene.after(scene.settle(service("a")), { annotations: { "metallb.io/address-pool": "p" } }), "keep 10.0.0.0 from p");
  });

  test("to the address that it has, in a pool that does not hold it, it stays and says so", () => {
    const scene = new Scene(p, pool("q", ["10.1.0.0/30"]));
    const wrong = { ...ask("10.0.0.0"), "metallb.io/address-pool": "q" };
    equal(scene.after(scene.settle(service("a")), { annotations: wrong }), "keep 10.0.0.0 from p unmet:AddressOutsidePool");
  });

  test("to something invalid, or to what cannot be had, the address stays", () => {
    const scene = new Scene(p, { ...pool("drained", ["10.9.0.0/30"]), draining: true });
    const settled = scene.settle(service("a"));
    equal(scene.after(settled, { annotations: ask("x") }), "keep 10.0.0.0 from p unmet:RequestInvalid");
    equal(scene.after(settled, { spec: { loadBalancerIP: "203.0.113.1" } }), "keep 10.0.0.0 from p unmet:AddressInNoPool");
    equal(scene.after(settled, { annotations: ask("10.9.0.1") }), "keep 10.0.0.0 from p unmet:PoolDraining");
    equal(scene.after(settled, { annotations: { "metallb.io/address-pool": "nope" } }), "keep 10.0.0.0 from p unmet:PoolUnknown");
  });
});

describe("when the terms of sharing change", () => {
  test("the only user of an address keeps it under any key, policy and ports", () => {
    const scene = new Scene(p);
    const settled = scene.settle(onPort("a", 80));
    const local = { externalTrafficPolicy: "Local", selector: { app: "x" }, ports: [{ port: 443 }] } as const;
    equal(scene.after(settled, { annotations: key("new"), spec: local }), "keep 10.0.0.0 from p");
  });

  test("one of several users gets another address", () => {
    const scene = new Scene(p);
    scene.settle(onPort("a", 80));
    const second = scene.settle(onPort("b", 443));
    equal(scene.after(second), "keep 10.0.0.0 from p");
    equal(
      scene.after(second, { spec: { externalTrafficPolicy: "Local", selector: { app: "x" } } }),
      "assign 10.0.0.1 from p lost:AddressTaken",
    );
  });

  test("ports that collide with another user's do the same", () => {
    const scene = new Scene(p);
    scene.settle(onPort("a", 80));
    equal(
      scene.after(scene.settle(onPort("b", 443)), { spec: { ports: [{ port: 80 }] } }),
      "assign 10.0.0.1 from p lost:AddressTaken",
    );
  });

  test("of one of several users, to the key that another one has elsewhere, it joins that one", () => {
    const scene = new Scene(p);
    const keyed = (name: string, port: number, value: string): Service => ({
      ...onPort(name, port),
      metadata: { ...onPort(name, port).metadata, annotations: key(value) },
    });
    scene.settle(keyed("a", 80, "k"));
    const second = scene.settle(keyed("b", 443, "k"));
    scene.settle(keyed("c", 80, "other"));
    equal(scene.after(second, { annotations: key("other") }), "assign 10.0.0.1 from p lost:AddressTaken");
  });

  test("one of several users that asks for this very address waits for it", () => {
    const scene = new Scene(p);
    scene.settle(onPort("a", 80));
    const second = scene.settle({
      ...onPort("b", 443),
      metadata: { ...onPort("b", 443).metadata, annotations: { ...key("k"), ...ask("10.0.0.0") } },
    });
    equal(scene.after(second, { annotations: key("other") }), "pending lost:AddressTaken unmet:AddressTaken");
  });
});

describe("when a pool changes", () => {
  const gold = compileSelectors([{ matchLabels: { tier: "gold" } }]).selectors;
  const scoped: Pool = { ...p, scope: { priority: 1, serviceSelectors: gold } };

  test("or the Service's labels do, so that the pool no longer serves it, it gets another address", () => {
    const scene = new Scene(scoped, pool("q", ["10.1.0.0/30"]));
    const settled = scene.settle(service("a", { labels: { tier: "gold" } }));
    equal(scene.after(settled), "keep 10.0.0.0 from p");
    equal(scene.after(settled, { labels: { tier: "tin" } }), "assign 10.1.0.0 from q lost:ScopeExcludes");
  });

  test("its name, or an address moves to another pool, the address stays and the new name is published", () => {
    const scene = new Scene(pool("p", ["10.0.0.0/31"]));
    const settled = scene.settle(service("a"));
    scene.usePools(pool("p", ["10.0.0.1/32"]), pool("q", ["10.0.0.0/32"]));
    equal(scene.after(settled), "keep 10.0.0.0 from q");
  });

  test("its priority, its autoAssign, or a better pool appears, nothing moves", () => {
    const scene = new Scene(p);
    const settled = scene.settle(service("a"));
    scene.usePools(
      { ...p, autoAssign: false },
      pool("better", ["10.1.0.0/30"], { scope: { priority: 1, serviceSelectors: [] } }),
    );
    equal(scene.after(settled), "keep 10.0.0.0 from p");
    scene.usePools({ ...p, scope: { priority: 99, serviceSelectors: [] } }, pool("better", ["10.1.0.0/30"]));
    equal(scene.after(settled), "keep 10.0.0.0 from p");
  });

  test("so that a better one than that of a single address of PreferDualStack appears, nothing moves", () => {
    const scene = new Scene(p);
    const spec = { clusterIPs: ["10.96.0.1", "fd00:96::1"], ipFamilyPolicy: "PreferDualStack" } as const;
    const settled = scene.settle(service("a", { spec }));
    scene.usePools(p, pool("both", ["10.1.0.0/30", "fd00::/126"]));
    equal(scene.after(settled), "keep 10.0.0.0 from p unmet:SecondFamilyUnavailable");
  });

  test("to nothing, with all others, its Services lose their addresses", () => {
    const scene = new Scene(p);
    const settled = scene.settle(service("a"));
    scene.usePools();
    equal(scene.after(settled), "pending lost:AddressInNoPool unmet:NoPools");
  });

  test("and holds only one family of a pair, the other address stays", () => {
    const scene = new Scene(pool("p", ["10.0.0.0/30", "fd00::/126"]));
    const spec = { clusterIPs: ["10.96.0.1", "fd00:96::1"], ipFamilyPolicy: "PreferDualStack" } as const;
    const settled = scene.settle(service("a", { spec }));
    scene.usePools(p);
    equal(scene.after(settled), "keep 10.0.0.0 from p lost:AddressInNoPool unmet:SecondFamilyUnavailable");
  });

  test("so that a pair lies in two pools, the first address stays and a second one joins it", () => {
    const scene = new Scene(pool("p", ["10.0.0.0/30", "fd00::/126"]));
    const spec = { clusterIPs: ["10.96.0.1", "fd00:96::1"], ipFamilyPolicy: "RequireDualStack" } as const;
    const settled = scene.settle(service("a", { spec }));
    scene.usePools(pool("p", ["10.0.0.0/30", "fd01::/126"]), pool("q", ["fd00::/126"]));
    equal(scene.after(settled), "assign 10.0.0.0,fd01:: from p lost:AddressesInTwoPools");
  });

  test("so that a required pair lies in two pools, of which only the second has both, its address of that one stays", () => {
    const scene = new Scene(pool("p", ["10.0.0.0/30", "fd00::/126"]));
    const spec = { clusterIPs: ["10.96.0.1", "fd00:96::1"], ipFamilyPolicy: "RequireDualStack" } as const;
    const settled = scene.settle(service("a", { spec }));
    scene.usePools(pool("p", ["10.0.0.0/31"]), pool("q", ["10.0.0.2/31", "fd00::/127"]));
    for (let attempt = 0; attempt < 3; attempt++) {
      equal(scene.after(settled), "assign 10.0.0.2,fd00:: from q lost:AddressesInTwoPools");
    }
  });
});

describe("when the family of the cluster IPs changes", () => {
  test("the address of the other family goes and one of the new family comes", () => {
    const scene = new Scene(pool("p", ["10.0.0.0/30", "fd00::/126"]));
    const settled = scene.settle(service("a"));
    equal(scene.after(settled, { spec: { clusterIPs: ["fd00:96::1"] } }), "assign fd00:: from p lost:FamilyNotAsked");
  });

  test("to two, the second address joins the first, from the same pool", () => {
    const scene = new Scene(pool("p", ["10.0.0.0/30", "fd00::/126"]), pool("a", ["fd0a::/126"]));
    const settled = scene.settle(service("a"));
    const dual = { clusterIPs: ["10.96.0.1", "fd00:96::1"], ipFamilyPolicy: "PreferDualStack" } as const;
    equal(scene.after(settled, { spec: dual }), "assign 10.0.0.0,fd00:: from p");
  });

  test("to two, and it requests the one address that it has, it keeps that one and is told to request two", () => {
    const scene = new Scene(pool("p", ["10.0.0.0/30", "fd00::/126"]));
    const settled = scene.settle(service("a", { annotations: ask("10.0.0.1") }));
    const dual = { clusterIPs: ["10.96.0.1", "fd00:96::1"], ipFamilyPolicy: "PreferDualStack" } as const;
    equal(scene.after(settled, { spec: dual }), "keep 10.0.0.1 from p unmet:FamilyMismatch");
  });

  test("to two that are both required, a pair of another pool replaces an address whose pool has no second one", () => {
    const scene = new Scene(p, pool("q", ["10.1.0.0/30", "fd01::/126"]));
    const settled = scene.settle(service("a"));
    const dual = { clusterIPs: ["10.96.0.1", "fd00:96::1"], ipFamilyPolicy: "RequireDualStack" } as const;
    equal(scene.after(settled, { spec: dual }), "assign 10.1.0.0,fd01:: from q");
    scene.usePools(p);
    equal(scene.after(settled, { spec: dual }), "keep 10.0.0.0 from p unmet:SecondFamilyUnavailable");
  });
});

test("an address that somebody wrote in another spelling is kept", () => {
  const scene = new Scene(pool("p", ["fd00::/126"]));
  const odd = service("a", { published: ["fd00:0:0::2"], spec: { clusterIPs: ["fd00:96::1"] } });
  equal(scene.after(odd), "keep fd00::2 from p");
});

test("a Service that lost its address to an earlier holder gets another one, and the event says to whom", () => {
  const scene = new Scene(p);
  scene.settle(service("a"));
  const late = service("b", { published: ["10.0.0.0"], annotations: { "metallb.io/ip-allocated-from-pool": "p" } });
  const verdict = scene.allocator.decide(late);
  equal(summary(verdict), "assign 10.0.0.1 from p lost:AddressTaken");
  const [lost] = verdict.outcome === "assign" ? verdict.lost : [];
  deepEqual(lost?.code === "AddressTaken" && lost.clash, { kind: "key", tenants: ["default/a"] });
});
