import type { Finding } from "../finding.ts";
import { advice, type Situation } from "./situation.ts";

/** A pool that no advertisement selects: its addresses are assigned, and nobody is told where they are. */
export function unadvertisedPools({ pools, snapshot }: Situation): readonly Finding[] {
  return pools.flatMap(({ ref }) => {
    const pool = snapshot.poolByName.get(ref.name);
    if (pool === undefined || pool.l2.length > 0 || pool.bgp.length > 0) return [];
    const what =
      "no advertisement selects this pool yet: its addresses are assigned, but nobody answers for them. " +
      "Create an L2Advertisement or a BGPAdvertisement";
    return [advice(ref, "PoolNotAdvertised", undefined, what)];
  });
}
