import type { IPAddressPool } from "../../crds/types/ip-address-pool.ts";
import { clashes, couldHave } from "./claims.ts";
import type { HistoryWorld } from "./history-world.ts";
import { familyOf, isOurs, type PoolTruth, permits, recordedPool, shownBy, type Truth } from "./truth.ts";

/** What is wrong while all is at rest and nothing stands in the way. */
export async function breaches(world: HistoryWorld): Promise<readonly string[]> {
  if (!world.isHealthy) return [];
  const truth = world.truth();
  const text = (await world.leader?.metrics.text()) ?? "";
  const ours = [...truth.services].filter(([, service]) => isOurs(service, truth));
  return [
    ...ours.flatMap(([key, service]) => {
      const could = shownBy(service).length === 0 ? couldHave(service, truth) : undefined;
      return could === undefined ? [] : [`${key} has no address, and could have ${could}`];
    }),
    ...ours.flatMap(([key, service]) => {
      const others = clashes(key, service, truth).filter((other) => ours.some(([name]) => name === other));
      const isJudged = shownBy(service).every((address) => truth.pools.some((pool) => pool.addresses.has(address)));
      const isDoubtful = !truth.pools.every(({ state }) => state === "clean") || truth.lost.size > 0;
      return others.length === 0 || isDoubtful || !isJudged ? [] : [`${key} is on the address of ${others}`];
    }),
    ...ours.flatMap(([key, service]) => unlawful(key, service, truth, world.isHistoryOfPoolsKnown)),
    ...truth.pools.flatMap((pool) => miscounted(pool, truth, text)),
    ...strayGauges(truth, text),
  ];
}

/** Addresses that a Service shows and may not. */
function unlawful(
  key: string,
  service: Parameters<typeof shownBy>[0],
  truth: Truth,
  isHistoryOfPoolsKnown: boolean,
): readonly string[] {
  return shownBy(service).flatMap((address) => {
    const holders = truth.pools.filter(({ addresses }) => addresses.has(address));
    if (holders.some(({ state }) => state !== "clean")) return [];
    const [holder] = holders;
    if (holder !== undefined)
      return permits(holder, address, service, truth) ? [] : [`${key} shows ${address} of a pool that excludes it`];
    const recorded = recordedPool(service);
    const isJudged = truth.pools.every(({ state }) => state === "clean") && isHistoryOfPoolsKnown && recorded !== undefined;
    return isJudged ? [`${key} shows ${address}, which is in no pool`] : [];
  });
}

/** Compares a pool's counters, in its status and in the metrics, with a recount. */
function miscounted({ pool, name, addresses, state }: PoolTruth, { services }: Truth, text: string): readonly string[] {
  if (state !== "clean") return [];
  const balanced = [...services.values()].filter(({ spec }) => spec?.type === "LoadBalancer");
  const shown = [...new Set(balanced.flatMap(shownBy))].filter((address) => addresses.has(address));
  const usable = [...addresses].filter((address) => !(pool.spec.avoidBuggyIPs && /\.(0|255)$/.test(address)));
  return (["IPv4", "IPv6"] as const).flatMap((family) => {
    const assigned = shown.filter((address) => familyOf(address) === family).length;
    const capacity = usable.filter((address) => familyOf(address) === family).length;
    const available = Math.max(0, capacity - assigned);
    const status: IPAddressPool["status"] = pool.status;
    const inStatus = status && [status[`assigned${family}`], status[`available${family}`]];
    const gauges = ["in_use_total", "total"].map((end) => gauge(text, `${family.toLowerCase()}_addresses_${end}`, name));
    return [
      ...(inStatus?.join() === `${assigned},${available}`
        ? []
        : [`${name} counts ${family} ${inStatus}, not ${assigned},${available}`]),
      ...(gauges.join() === `${assigned},${assigned + available}`
        ? []
        : [`${name} gauges ${family} ${gauges}, not ${assigned},${assigned + available}`]),
    ];
  });
}

function gauge(text: string, name: string, pool: string): number | undefined {
  const line = text.split("\n").find((each) => each.startsWith(`metallb_allocator_${name}{pool="${pool}"} `));
  return line === undefined ? undefined : Number(line.split(" ")[1]);
}

/** Series of pools that are not there. */
function strayGauges({ pools }: Truth, text: string): readonly string[] {
  const names = [...text.matchAll(/^metallb_allocator_addresses_total\{pool="(.*)"\}/gm)].map(([, name = ""]) => name);
  return names.filter((name) => !pools.some((pool) => pool.name === name)).map((name) => `${name} is gone and has gauges`);
}
