import { type Address, parseAddress } from "../../../crds/net/address.ts";
import { announceable } from "../../intent/announceable.ts";
import type { Context } from "../../intent/context.ts";
import { ownerOf } from "../../intent/owner.ts";
import type { ClusterReader } from "../intent/intent-engine.ts";

/** The clock is looked at once for so many Services. */
const servicesPerLook = 32;
/** Addresses that are asked for beside one of each silent node: who owns an address may be known here no longer. */
const furtherSamples = 16;

/**
 * Addresses that silent nodes announce if their speakers live: one that each of them would be elected for, as far as they are found
 * in time, and some others. Whoever of them answers is told by its MAC.
 * @param isOurs whether this node announces the Service itself.
 * @param mayGoOn asked now and then: false ends the search.
 */
export function sampleOwners(
  silent: readonly string[],
  cluster: ClusterReader,
  context: Context,
  isOurs: (service: string) => boolean,
  mayGoOn: () => boolean,
): readonly Address[] {
  const wanted = new Set(silent);
  const alive = new Set([...context.members.alive, ...wanted]);
  const before: Context = { ...context, members: { ...context.members, alive, conduct: "member" } };
  const addresses: Address[] = [];
  let further = 0;
  let looked = 0;
  for (const key of cluster.serviceKeys()) {
    if ((wanted.size === 0 && further >= furtherSamples) || (looked > 0 && looked % servicesPerLook === 0 && !mayGoOn())) break;
    looked += 1;
    const subject = announceable(cluster.service(key), cluster.endpoints(key), before);
    if (typeof subject === "string" || isOurs(key)) continue;
    const address = parseAddress(subject.ip);
    const owner = ownerOf(subject, before);
    const isNew = owner.by === "herald" && wanted.delete(owner.node);
    if (!isNew) further += 1;
    if (address !== undefined && (isNew || further <= furtherSamples)) addresses.push(address);
  }
  return addresses;
}
