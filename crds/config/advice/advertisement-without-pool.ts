import { compileSelectors, matchesAny } from "../../selector.ts";
import type { Finding } from "../finding.ts";
import { listOf, property } from "../identity.ts";
import { advice, type Situation, type Stated } from "./situation.ts";

/** An advertisement that selects no pool. One that names pools which are not there is pending, and no matter of this rule. */
export function advertisementsWithoutPool({ advertisements, snapshot }: Situation): readonly Finding[] {
  return advertisements.flatMap(({ ref, spec }) => {
    if (listOf(property(spec, "ipAddressPools")).length > 0 || selectsAny(spec, snapshot)) return [];
    const selectors = property(spec, "ipAddressPoolSelectors");
    if (listOf(selectors).length === 0)
      return [advice(ref, "AdvertisementWithoutPool", undefined, "there is no IPAddressPool in force yet: it announces nothing")];
    const what = "no IPAddressPool has such labels yet: it announces nothing";
    return [advice(ref, "AdvertisementWithoutPool", "spec.ipAddressPoolSelectors", what)];
  });
}

function selectsAny(spec: Stated["spec"], { pools }: Situation["snapshot"]): boolean {
  const { selectors } = compileSelectors(property(spec, "ipAddressPoolSelectors"));
  return selectors.length === 0 ? pools.length > 0 : pools.some(({ labels }) => matchesAny(selectors, labels));
}
