import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import { formatAddress } from "../../crds/net/address.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { Allocator } from "./allocator.ts";
import { publishedTexts } from "./decide.ts";
import { adoptAll, service, summary } from "./fake/services.ts";

const from = { "metallb.io/ip-allocated-from-pool": "p" };
const sharing = (name: string, port: number): Service =>
  service(name, {
    published: ["10.0.0.0"],
    annotations: { ...from, "metallb.io/allow-shared-ip": "k" },
    spec: { ports: [{ port }] },
  });
const { "metallb.io/allow-shared-ip": _, ...alone } = sharing("f", 80).metadata.annotations ?? {};
const selfish: Service = { ...sharing("f", 80), metadata: { ...sharing("f", 80).metadata, annotations: alone } };
const emptied = (of: Service): Service => ({ ...of, status: {} });

/** Two share an address; then one of them wants it for itself, and what the other is now is known and not decided on. */
function scene(now: Service) {
  const allocator = new Allocator("", (name, address) =>
    [now, selfish].some(
      (each) => `default/${each.metadata.name}` === name && publishedTexts(each).includes(formatAddress(address)),
    ),
  );
  adoptAll(allocator, [sharing("a", 443), sharing("f", 80)]);
  allocator.usePools(snapshot(pool("p", ["10.0.0.0/30"])), new Set());
  return allocator;
}

test("who shows an address keeps it before one whose status no longer does, who is decided anew", () => {
  const now = emptied(sharing("a", 443));
  const allocator = scene(now);
  equal(summary(allocator.decide(selfish)), "keep 10.0.0.0 from p");
  deepEqual(allocator.takeChanges().woken, ["default/a"]);
  equal(summary(allocator.decide(now)), "assign 10.0.0.1 from p");
  equal(allocator.counters("p")?.assignedIPv4, 2n);
});

test("one that shows it still is in the way", () => {
  equal(summary(scene(sharing("a", 443)).decide(selfish)), "assign 10.0.0.1 from p lost:AddressTaken");
});

test("one whose address is on its way into its status is in the way", () => {
  const now = emptied(sharing("a", 443));
  const allocator = scene(now);
  equal(summary(allocator.decide(now)), "assign 10.0.0.0 from p");
  equal(summary(allocator.decide(selfish)), "assign 10.0.0.1 from p lost:AddressTaken");
  allocator.commit("default/a", 0);
  equal(summary(allocator.decide(selfish)), "keep 10.0.0.0 from p", "it was written, and emptied once more");
});

test("nobody is overtaken in vain: while one of them shows it, the others keep their claims", () => {
  const now = emptied(sharing("a", 443));
  const third = sharing("z", 8443);
  const allocator = new Allocator("", (name) => name === "default/z");
  adoptAll(allocator, [sharing("a", 443), sharing("f", 80), third]);
  allocator.usePools(snapshot(pool("p", ["10.0.0.0/30"])), new Set());
  equal(summary(allocator.decide(selfish)), "assign 10.0.0.1 from p lost:AddressTaken");
  equal(summary(allocator.decide(now)), "assign 10.0.0.0 from p");
});
