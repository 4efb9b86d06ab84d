import { ok } from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "../framework/metrics.ts";
import { PoolMetrics } from "./pool-metrics.ts";

const counters = { assignedIPv4: 2n, assignedIPv6: 1n, availableIPv4: 3n, availableIPv6: 9n };

async function text(use: (metrics: PoolMetrics) => void): Promise<string> {
  const registry = createMetrics();
  use(new PoolMetrics(registry));
  return registry.text();
}

test("each gauge has MetalLB's name and meaning", async () => {
  const shown = await text((metrics) => metrics.show("p", counters));
  for (const line of [
    'addresses_total{pool="p"} 15',
    'ipv4_addresses_total{pool="p"} 5',
    'ipv6_addresses_total{pool="p"} 10',
    'addresses_in_use_total{pool="p"} 3',
    'ipv4_addresses_in_use_total{pool="p"} 2',
    'ipv6_addresses_in_use_total{pool="p"} 1',
  ])
    ok(shown.includes(`metallb_allocator_${line}\n`), line);
});

test("the sum of a pool that is larger than an int64 stays at the largest int64", async () => {
  const huge = { ...counters, availableIPv4: 2n ** 32n, availableIPv6: 2n ** 63n - 2n };
  ok((await text((metrics) => metrics.show("p", huge))).includes(`metallb_allocator_addresses_total{pool="p"} ${2 ** 63}\n`));
});

test("the series of a pool that is gone go too, and all of them when another process allocates", async () => {
  const gone = await text((metrics) => {
    metrics.show("p", counters);
    metrics.show("q", counters);
    metrics.show("p", undefined);
  });
  ok(!gone.includes('pool="p"') && gone.includes('pool="q"'));
  const none = await text((metrics) => {
    metrics.show("p", counters);
    metrics.clear();
  });
  ok(!none.includes("pool="));
});
