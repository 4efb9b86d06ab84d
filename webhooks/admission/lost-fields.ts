import type { Resources } from "../../crds/config/resources.ts";
import { fieldsWithoutV1beta1 } from "../../crds/convert/bgp-peer.ts";
import { member } from "./json.ts";
import { nameOf } from "./placement.ts";
import type { AdmissionRequest } from "./request.ts";

/**
 * What a change of a BGPPeer takes away only because it was written in a version that does not know it: one sentence, or none.
 * A field that says no more than its default is none to miss.
 * @param stored where the peer is looked for: the request's `oldObject` was read in that version too, and has lost the fields.
 */
export function lostFields({ kind, operation, writtenAs, name, object }: AdmissionRequest, stored: Resources): readonly string[] {
  if (kind !== "BGPPeer" || operation !== "UPDATE" || writtenAs !== "v1beta1") return [];
  const peer = stored.bgpPeers.find((each) => nameOf(each) === name);
  const [before, after] = [member(peer, "spec"), member(object, "spec")];
  const lost = fieldsWithoutV1beta1.filter((field) => says(member(before, field)) && !says(member(after, field)));
  if (lost.length === 0) return [];
  const named = lost.map((field) => `spec.${field}`).join(", ");
  const why = "metallb.io/v1beta1, as which this change is written, has no such field";
  return [`${named}: dropped: ${why}; write the BGPPeer as metallb.io/v1beta2 to set it again`];
}

function says(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}
