import { fieldsWithoutV1beta1 } from "../../crds/convert/bgp-peer.ts";
import { member } from "./json.ts";
import type { AdmissionRequest } from "./request.ts";

/**
 * What a change of a BGPPeer takes away only because it was written in a version that does not know it: one sentence, or none.
 * A field that says no more than its default is none to miss.
 */
export function lostFields({ kind, operation, writtenAs, object, oldObject }: AdmissionRequest): readonly string[] {
  if (kind !== "BGPPeer" || operation !== "UPDATE" || writtenAs !== "v1beta1") return [];
  const [before, after] = [member(oldObject, "spec"), member(object, "spec")];
  const lost = fieldsWithoutV1beta1.filter((field) => says(member(before, field)) && !says(member(after, field)));
  if (lost.length === 0) return [];
  const named = lost.map((field) => `spec.${field}`).join(", ");
  const why = "metallb.io/v1beta1, as which this change is written, has no such field";
  return [`${named}: dropped: ${why}; write the BGPPeer as metallb.io/v1beta2 to set it again`];
}

function says(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}
