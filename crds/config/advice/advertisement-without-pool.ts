import { compileSelectors } from "../../selector.ts";
import { poolFilter } from "../advertisement-selectors.ts";
import type { Finding } from "../finding.ts";
import { listOf, property } from "../identity.ts";
import { advice, type Situation } from "./situation.ts";

/** An advertisement that selects no pool. One that names pools which are not there is pending, and no matter of this rule. */
export function advertisementsWithoutPool({ advertisements, snapshot }: Situation): readonly Finding[] {
  return advertisements.flatMap(({ ref, spec }) => {
    if (listOf(property(spec, "ipAddressPools")).length > 0) return [];
    const { selectors } = compileSelectors(property(spec, "ipAddressPoolSelectors"));
    if (snapshot.pools.some(poolFilter({ names: [], selectors }))) return [];
    return [
      selectors.length === 0
        ? advice(ref, "AdvertisementWithoutPool", undefined, "there is no IPAddressPool in force yet: it announces nothing")
        : advice(
            ref,
            "AdvertisementWithoutPool",
            "spec.ipAddressPoolSelectors",
            "no IPAddressPool has such labels yet: it announces nothing",
          ),
    ];
  });
}
