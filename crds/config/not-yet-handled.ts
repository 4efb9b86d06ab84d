import { validateObject } from "../schema.ts";
import type { Finding } from "./finding.ts";
import { identityOf, property, withoutStatus } from "./identity.ts";
import { schemaFindings } from "./problem.ts";

/** Kinds that are checked against their schema and not acted on so far. */
export type WaitingKind = "BGPAdvertisement" | "BGPPeer" | "BFDProfile" | "Community";

/** Errors of shape, or one warning that says that the object has no effect. Whatever `raw` is. */
export function findingsOfWaiting(kind: WaitingKind, raw: unknown): readonly Finding[] {
  const { ref, name } = identityOf(kind, raw);
  const errors = validateObject(kind, versionOf(kind, raw), withoutStatus(raw));
  if (errors.length > 0) return schemaFindings(ref, errors);
  const message =
    `${kind} "${name}" is valid but has no effect: this version of Herald does not speak BGP yet. ` +
    "Announce the addresses on layer 2 with an L2Advertisement meanwhile.";
  return [{ code: "NotYetHandled", severity: "warning", object: ref, others: [], message }];
}

function versionOf(kind: WaitingKind, raw: unknown): string {
  if (kind !== "BGPPeer") return "v1beta1";
  return property(raw, "apiVersion") === "metallb.io/v1beta1" ? "v1beta1" : "v1beta2";
}
