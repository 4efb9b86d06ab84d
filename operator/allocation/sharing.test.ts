import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { Allocator } from "./allocator.ts";
import { type ServiceChanges, service, summary, withVerdict } from "./fake/services.ts";
import { clashOf, type Tenant } from "./sharing.ts";

const tenant = (name: string, changes: Partial<Tenant> = {}): Tenant => ({
  service: name,
  sharingKey: "key",
  backendKey: "",
  ports: ["TCP/80"],
  ...changes,
});
const web = { sharingKey: "key", backendKey: "", ports: ["TCP/443"] };

describe("an address can be shared", () => {
  test("with nobody on it", () => equal(clashOf("a", { ...web, sharingKey: "" }, []), undefined));
  test("by the same key, the same backend and other ports", () => equal(clashOf("a", web, [tenant("b")]), undefined));
  test("by its only user on any terms", () => equal(clashOf("a", { ...web, sharingKey: "new" }, [tenant("a")]), undefined));
  test("by the same port of another protocol", () => {
    equal(clashOf("a", { ...web, ports: ["UDP/80"] }, [tenant("b")]), undefined);
  });
});

describe("an address cannot be shared", () => {
  test("without a key", () => {
    deepEqual(clashOf("a", { ...web, sharingKey: "" }, [tenant("b", { sharingKey: "" })]), { kind: "key", tenants: ["b"] });
  });
  test("under another key", () => {
    deepEqual(clashOf("a", web, [tenant("b"), tenant("c", { sharingKey: "x" })]), { kind: "key", tenants: ["c"] });
  });
  test("with another backend", () => {
    deepEqual(clashOf("a", web, [tenant("b", { backendKey: "app=x" })]), { kind: "backend", tenants: ["b"] });
  });
  test("on a port that is taken", () => {
    deepEqual(clashOf("a", { ...web, ports: ["TCP/80"] }, [tenant("b")]), { kind: "port", port: "TCP/80", tenant: "b" });
  });
});

describe("sharing Services", () => {
  const key = { "metallb.io/allow-shared-ip": "key" };
  const onPort = (name: string, port: number, changes: ServiceChanges = {}): Service =>
    service(name, { annotations: key, ...changes, spec: { ports: [{ port }], ...changes.spec } });

  function allocatorWith(...addresses: readonly string[]): Allocator {
    const allocator = new Allocator("");
    allocator.usePools(snapshot(pool("p", addresses)), new Set());
    return allocator;
  }

  test("take the first of several addresses that they may share", () => {
    const allocator = allocatorWith("10.0.0.0/29");
    for (const [name, octet] of [
      ["a", 0],
      ["b", 1],
      ["c", 2],
    ] as const)
      equal(summary(allocator.decide(onPort(name, 80))), `assign 10.0.0.${octet} from p`);
    equal(summary(allocator.decide(onPort("d", 443))), "assign 10.0.0.0 from p");
  });

  test("take the first address that passes, in use or free, across namespaces", () => {
    const allocator = allocatorWith("10.0.0.0/30");
    equal(summary(allocator.decide(service("alone"))), "assign 10.0.0.0 from p");
    equal(summary(allocator.decide(onPort("a", 80))), "assign 10.0.0.1 from p");
    equal(summary(allocator.decide(onPort("b", 443, { namespace: "other" }))), "assign 10.0.0.1 from p");
    allocator.forget("default/alone", 0);
    equal(summary(allocator.decide(onPort("c", 8443))), "assign 10.0.0.0 from p");
    equal(allocator.counters("p")?.assignedIPv4, 2n, "a shared address counts once");
  });

  test("do not join an address that the pool has begun to avoid", () => {
    const allocator = allocatorWith("10.0.0.0/30");
    allocator.decide(onPort("a", 80));
    allocator.usePools(snapshot(pool("p", ["10.0.0.0/30"], { avoidBuggyIPs: true })), new Set());
    equal(summary(allocator.decide(onPort("b", 443))), "assign 10.0.0.1 from p");
  });

  test("free the address when the last one goes", () => {
    const allocator = allocatorWith("10.0.0.1/32");
    allocator.decide(onPort("a", 80));
    allocator.decide(onPort("b", 443));
    allocator.forget("default/a", 0);
    equal(summary(allocator.decide(service("c"))), "pending unmet:NoAvailableIPs");
    allocator.forget("default/b", 0);
    equal(summary(allocator.decide(service("c"))), "assign 10.0.0.1 from p");
  });

  test("the second user that changes its key loses the address, the only user does not", () => {
    const allocator = allocatorWith("10.0.0.0/31");
    const a = withVerdict(onPort("a", 80), allocator.decide(onPort("a", 80)));
    const rekeyed = (of: Service): Service => ({
      ...of,
      metadata: { ...of.metadata, annotations: { ...of.metadata.annotations, "metallb.io/allow-shared-ip": "new" } },
    });
    equal(summary(allocator.decide(rekeyed(a))), "keep 10.0.0.0 from p");
    equal(summary(allocator.decide(a)), "keep 10.0.0.0 from p");
    const b = withVerdict(onPort("b", 443), allocator.decide(onPort("b", 443)));
    equal(summary(allocator.decide(rekeyed(b))), "assign 10.0.0.1 from p lost:AddressTaken");
  });

  test("under traffic policy Local share only with the same selector", () => {
    const allocator = allocatorWith("10.0.0.0/30");
    const local = (app: string): Service["spec"] => ({ externalTrafficPolicy: "Local", selector: { app } });
    const place = (name: string, port: number, app: string): string =>
      summary(allocator.decide(onPort(name, port, { spec: { ...local(app), ports: [{ port }] } })));
    equal(place("a", 80, "x"), "assign 10.0.0.0 from p");
    equal(place("b", 81, "x"), "assign 10.0.0.0 from p");
    equal(place("c", 82, "y"), "assign 10.0.0.1 from p");
    equal(summary(allocator.decide(onPort("d", 83))), "assign 10.0.0.2 from p");
  });

  test("keep their address while another one that changed its key, and has to leave, is not written yet", () => {
    const allocator = new Allocator("");
    allocator.usePools(snapshot(pool("p", ["10.0.0.0/31"])), new Set());
    const with_ = (name: string, port: number, value = "key"): Service =>
      service(name, { annotations: { "metallb.io/allow-shared-ip": value }, spec: { ports: [{ port }] } });
    const a = withVerdict(with_("a", 80), allocator.decide(with_("a", 80)));
    const b = withVerdict(with_("b", 443), allocator.decide(with_("b", 443)));
    const changed = { ...b, metadata: { ...b.metadata, annotations: { "metallb.io/allow-shared-ip": "new" } } };
    equal(summary(allocator.decide(changed)), "assign 10.0.0.1 from p lost:AddressTaken");
    equal(summary(allocator.decide(a)), "keep 10.0.0.0 from p");
    equal(summary(allocator.decide(with_("c", 443))), "pending unmet:NoAvailableIPs");
    allocator.commit("default/b", 0);
    equal(summary(allocator.decide(with_("c", 443))), "assign 10.0.0.0 from p");
  });

  test("that wait are woken when another one leaves a shared address, or changes its ports", () => {
    const allocator = allocatorWith("10.0.0.1/32");
    for (const [name, port] of [
      ["a", 80],
      ["b", 443],
    ] as const)
      allocator.decide(onPort(name, port));
    equal(summary(allocator.decide(onPort("c", 80))), "pending unmet:NoAvailableIPs");
    allocator.takeChanges();
    allocator.decide(onPort("a", 8080));
    deepEqual(allocator.takeChanges().woken, ["default/c"], "port 80 is free now");
    allocator.decide(onPort("a", 8080));
    deepEqual(allocator.takeChanges().woken, [], "nothing changed");
    allocator.forget("default/a", 0);
    deepEqual(allocator.takeChanges().woken, [], "it was woken and is not decided since");
    equal(summary(allocator.decide(onPort("c", 80))), "assign 10.0.0.1 from p");
  });
});
