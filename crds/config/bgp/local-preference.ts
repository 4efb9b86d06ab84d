import type { Family } from "../../net/address.ts";
import type { Finding } from "../finding.ts";
import type { Identity } from "../identity.ts";
import { errorIn } from "../problem.ts";
import type { BgpAdvertisement } from "../snapshot.ts";
import type { PoolGrain } from "./aggregation.ts";

/** An advertisement and whose it is. */
export type Owned = { readonly identity: Identity; readonly advertisement: BgpAdvertisement };

/**
 * Whether two advertisements on one pool would announce the same prefix with two local preferences from one node to one
 * peer. Those for some Services only are not compared: which Services they meet on is not known here.
 */
export function contradict(a: BgpAdvertisement, b: BgpAdvertisement, grain: PoolGrain): boolean {
  if (a.serviceSelectors.length > 0 || b.serviceSelectors.length > 0) return false;
  return contradictFor(a, b, (family) => grain.holds(family));
}

/** The same for a Service that both select. @param holds whether the pool holds addresses of the family. */
export function contradictFor(a: BgpAdvertisement, b: BgpAdvertisement, holds: (family: Family) => boolean): boolean {
  if (a.localPref === b.localPref) return false;
  return sameLength(a, b, holds) && meet(a.peers, b.peers) && shareOne(a.nodes, b.nodes);
}

/** An error of `later`. */
export function localPrefConflict(later: Owned, earlier: Owned, { pool }: PoolGrain): Finding {
  const { ref } = later.identity;
  const other = earlier.identity.ref;
  const what =
    `local preference ${later.advertisement.localPref} on pool "${pool.name}" conflicts with ` +
    `${earlier.advertisement.localPref} of ${other.kind} "${other.name}": both announce the same prefixes from the same nodes to ` +
    "the same peers. Give both one localPref, or other peers, nodes, pools or aggregation lengths";
  const others = [other, { ...ref, kind: "IPAddressPool", name: pool.name }];
  return { ...errorIn(ref, "LocalPrefConflict", "spec.localPref", what), others };
}

/** In a pool of both families MetalLB wants both lengths to differ, so that no Service has one prefix in common. */
function sameLength(a: BgpAdvertisement, b: BgpAdvertisement, holds: (family: Family) => boolean): boolean {
  const families = (["IPv4", "IPv6"] as const).filter(holds);
  return families.some((family) => a.aggregationLength[family] === b.aggregationLength[family]);
}

function meet(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 0 || b.length === 0) return true;
  const names = new Set(b);
  return a.some((name) => names.has(name));
}

function shareOne(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  for (const name of small) if (large.has(name)) return true;
  return false;
}
