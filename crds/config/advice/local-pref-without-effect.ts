import type { Finding } from "../finding.ts";
import { listOf, property } from "../identity.ts";
import type { Peer } from "../snapshot.ts";
import { advice, type Situation, someNames } from "./situation.ts";

/** A BGPAdvertisement with a local preference and external peers only: LOCAL_PREF is not sent to them. RFC 4271 §5.1.5. */
export function localPrefsWithoutEffect({ advertisements, snapshot }: Situation): readonly Finding[] {
  return advertisements.flatMap(({ ref, spec }) => {
    const localPref = property(spec, "localPref");
    if (ref.kind !== "BGPAdvertisement" || localPref === undefined || localPref === 0) return [];
    const named = new Set(listOf(property(spec, "peers")));
    const targets = named.size === 0 ? snapshot.peers : snapshot.peers.filter(({ name }) => named.has(name));
    if (targets.length === 0 || !targets.every(isExternal)) return [];
    const names = someNames(targets.map(({ name }) => name));
    const are = targets.length === 1 ? "is one" : "are external";
    const what = `it is not sent to external peers, and ${names} ${are}: set asPathPrepend or communities instead`;
    return [advice(ref, "LocalPrefWithoutEffect", "spec.localPref", what)];
  });
}

/** Whether the session is between two autonomous systems, as the other side sees it. */
function isExternal({ myASN, localASN, remoteAS }: Peer): boolean {
  return typeof remoteAS === "number" ? remoteAS !== (localASN ?? myASN) : remoteAS === "external";
}
