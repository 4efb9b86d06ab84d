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
