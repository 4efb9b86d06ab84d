import { parseAddress } from "../../crds/net/address.ts";
import { announceable } from "../intent/announceable.ts";
import type { Context } from "../intent/context.ts";
import { ownerOf } from "../intent/owner.ts";
import type { ClusterReader } from "./intent-engine.ts";
import type { AnnouncedBy } from "./messages.ts";

/** The clock is looked at once for so many Services. */
const servicesPerLook = 32;

/**
 * For each silent node one address that it announces if its speaker lives, as far as they are found in time.
 * @param mayGoOn asked now and then: false ends the search.
 */
export function sampleOwners(
  silent: readonly string[],
  cluster: ClusterReader,
  context: Context,
  mayGoOn: () => boolean,
): readonly AnnouncedBy[] {
  const wanted = new Set(silent.filter((node) => macsOf(node, context).length > 0));
  const alive = new Set([...context.members.alive, ...silent]);
  const before: Context = { ...context, members: { ...context.members, alive, conduct: "member" } };
  const samples: AnnouncedBy[] = [];
  let looked = 0;
  for (const key of cluster.serviceKeys()) {
    if (wanted.size === 0 || (looked % servicesPerLook === 0 && looked > 0 && !mayGoOn())) break;
    looked += 1;
    const subject = announceable(cluster.service(key), cluster.endpoints(key), before);
    if (typeof subject === "string") continue;
    const owner = ownerOf(subject, before);
    const address = parseAddress(subject.ip);
    if (owner.by !== "herald" || address === undefined || !wanted.delete(owner.node)) continue;
    samples.push({ node: owner.node, address, macs: macsOf(owner.node, context) });
  }
  return samples;
}

function macsOf(node: string, { members }: Context): readonly Uint8Array[] {
  return (members.facts.get(node)?.interfaces ?? []).map(({ mac }) => mac);
}
