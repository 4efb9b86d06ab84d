import { type Counters, int64Max } from "../allocation/counters.ts";
import type { Gauge, Metrics } from "../framework/metrics.ts";

/** The allocator's gauges, under MetalLB's names. */
export class PoolMetrics {
  readonly #gauges: readonly { readonly gauge: Gauge<"pool">; readonly of: (counters: Counters) => bigint }[];
  readonly #pools = new Set<string>();

  constructor(metrics: Metrics) {
    const gauge = (name: string, help: string, of: (counters: Counters) => bigint) => ({
      gauge: metrics.gauge(`metallb_allocator_${name}`, help, ["pool"] as const),
      of,
    });
    this.#gauges = [
      gauge("addresses_total", "Usable addresses of a pool.", (each) => saturated(totalIPv4(each) + totalIPv6(each))),
      gauge("ipv4_addresses_total", "Usable IPv4 addresses of a pool.", totalIPv4),
      gauge("ipv6_addresses_total", "Usable IPv6 addresses of a pool.", totalIPv6),
      gauge("addresses_in_use_total", "Distinct addresses of a pool in use.", (each) => each.assignedIPv4 + each.assignedIPv6),
      gauge("ipv4_addresses_in_use_total", "Distinct IPv4 addresses of a pool in use.", (each) => each.assignedIPv4),
      gauge("ipv6_addresses_in_use_total", "Distinct IPv6 addresses of a pool in use.", (each) => each.assignedIPv6),
    ];
  }

  /** @param counters undefined: the pool is gone, and so are its series. */
  show(pool: string, counters: Counters | undefined): void {
    if (counters === undefined) this.#remove(pool);
    else {
      this.#pools.add(pool);
      for (const { gauge, of } of this.#gauges) gauge.setFor({ pool }, Number(of(counters)));
    }
  }

  /** Removes all series: another process allocates now. */
  clear(): void {
    for (const pool of this.#pools) this.#remove(pool);
  }

  #remove(pool: string): void {
    if (!this.#pools.delete(pool)) return;
    for (const { gauge } of this.#gauges) gauge.remove({ pool });
  }
}

function saturated(sum: bigint): bigint {
  return sum > int64Max ? int64Max : sum;
}

function totalIPv4({ assignedIPv4, availableIPv4 }: Counters): bigint {
  return assignedIPv4 + availableIPv4;
}

function totalIPv6({ assignedIPv6, availableIPv6 }: Counters): bigint {
  return assignedIPv6 + availableIPv6;
}
