import { equal } from "node:assert/strict";
import { test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import { Allocator } from "./allocator.ts";
import { service, summary } from "./fake/services.ts";

const sharing = (name: string, key: string) => service(name, { annotations: { "metallb.io/allow-shared-ip": key } });

test("an address that was decided and never published is not given when nobody can read its pool any more", () => {
  const allocator = new Allocator("");
  allocator.usePools(snapshot(pool("p", ["10.0.0.0/32"])), new Set());
  allocator.decide({ ...sharing("a", "k"), spec: { ...service("a").spec, ports: [{ port: 443 }] } });
  allocator.decide(sharing("b", "k"));
  allocator.usePools(snapshot(), new Set(["p"]));
  equal(summary(allocator.decide(sharing("b", "another"))), "pending unmet:NoAvailableIPs");
});

test("an address that was published stays when nobody can read its pool any more", () => {
  const allocator = new Allocator("");
  const shown = service("a", { annotations: { "metallb.io/ip-allocated-from-pool": "p" }, published: ["10.0.0.0"] });
  allocator.adopt(shown);
  allocator.usePools(snapshot(), new Set(["p"]));
  equal(summary(allocator.decide(shown)), "keep 10.0.0.0 from p unmet:PoolSetAside");
});

/** It has 10.0.0.0 of a pool that nobody can read any more, and asks for something. Beside that there is pool q. */
function asking(annotations: Readonly<Record<string, string>>) {
  const allocator = new Allocator("");
  const own = { "metallb.io/ip-allocated-from-pool": "p", ...annotations };
  const shown = service("a", { annotations: own, published: ["10.0.0.0"] });
  allocator.adopt(shown);
  const other = pool("q", ["10.9.0.0/31"]);
  const follow = (changes: object) => allocator.usePools(snapshot({ ...other, ...changes }), new Set(["p"]));
  follow({});
  return { follow, decide: () => summary(allocator.decide(shown)) };
}

test("who has such an address and asks for it keeps it, and who asks for another address or pool gets that", () => {
  equal(asking({ "metallb.io/loadBalancerIPs": "10.0.0.0" }).decide(), "keep 10.0.0.0 from p unmet:PoolSetAside");
  equal(asking({ "metallb.io/loadBalancerIPs": "10.9.0.1" }).decide(), "assign 10.9.0.1 from q");
  equal(asking({ "metallb.io/address-pool": "p" }).decide(), "keep 10.0.0.0 from p unmet:PoolSetAside");
  equal(asking({ "metallb.io/address-pool": "q" }).decide(), "assign 10.9.0.0 from q");
});

test("what it was to get instead stays until it is written, though the pool gives no more by then", () => {
  const { follow, decide } = asking({ "metallb.io/address-pool": "q" });
  equal(decide(), "assign 10.9.0.0 from q");
  follow({ draining: true });
  equal(decide(), "assign 10.9.0.0 from q");
});
