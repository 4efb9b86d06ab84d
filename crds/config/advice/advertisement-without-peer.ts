import type { Finding } from "../finding.ts";
import { listOf, property } from "../identity.ts";
import { advice, type Situation } from "./situation.ts";

/** A BGPAdvertisement while there is nobody to tell. One that names peers which are not there is pending, and no matter of this rule. */
export function advertisementsWithoutPeer({ advertisements, snapshot }: Situation): readonly Finding[] {
  if (snapshot.peers.length > 0) return [];
  return advertisements.flatMap(({ ref, spec }) => {
    if (ref.kind !== "BGPAdvertisement" || listOf(property(spec, "peers")).length > 0) return [];
    const what = "there is no BGPPeer in force yet: it announces nothing. Create one, or use an L2Advertisement";
    return [advice(ref, "AdvertisementWithoutPeer", undefined, what)];
  });
}
