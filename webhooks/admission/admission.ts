import { compile } from "../../crds/config/compile.ts";
import { type Finding, textOfFinding } from "../../crds/config/finding.ts";
import type { Resources } from "../../crds/config/resources.ts";
import { member, textMember } from "./json.ts";
import { newFindings, participants } from "./novelty.ts";
import { nameOf } from "./placement.ts";
import type { AdmissionRequest, Verdict } from "./request.ts";
import { decodeErrors } from "./wire-types.ts";

/** Kinds between which admission compares, by the kind that is written; what is wrong with others is only a warning here. */
const compared: { readonly [kind: string]: readonly string[] } = {
  IPAddressPool: ["IPAddressPool"],
  L2Advertisement: ["L2Advertisement", "IPAddressPool"],
  BGPAdvertisement: ["BGPAdvertisement", "IPAddressPool"],
  BGPPeer: ["BGPPeer"],
  Community: ["Community"],
  BFDProfile: ["BFDProfile"],
};

/**
 * Whether a write may be stored. Denied are exactly the errors that the write brings, in which the written object takes part
 * on either side, and that concern only kinds which admission compares; every reason is given. Whatever else is new is a
 * warning. What was wrong before never stands in the way: a broken object can be mended, and others beside it be written.
 * @param namespace the only one whose objects count.
 * @param without the objects as they are stored.
 * @param withRequest the same with the request's object in its place.
 */
export function verdict(request: AdmissionRequest, namespace: string, without: Resources, withRequest: Resources): Verdict {
  if (request.operation === "DELETE") return deletionVerdict(request, namespace, without);
  const undecodable = decodeErrors(request.kind, request.object);
  if (undecodable.length > 0) return { allowed: false, code: 400, reasons: undecodable, warnings: [] };
  const foreign = request.namespace !== namespace;
  if (foreign && request.operation === "UPDATE") return { allowed: true, warnings: [foreignWarning(request, namespace)] };
  const after = compile(withRequest).findings.filter((finding) => involves(finding, request));
  const before = after.length === 0 ? [] : compile(without).findings;
  const fresh = newFindings({ without, before, withRequest, after });
  const said = (finding: Finding) => sentence(finding, request);
  const denying = fresh.filter((finding) => isDenied(finding, request.kind));
  const warnings = [...deprecations(request), ...fresh.filter((finding) => !denying.includes(finding)).map(said)];
  const reasons = denying.map(said);
  if (foreign) reasons.unshift(`resource must be created in ${namespace} namespace`);
  return reasons.length === 0 ? { allowed: true, warnings } : { allowed: false, code: 403, reasons, warnings };
}

/** Nothing but a BFDProfile in use is kept from deletion. */
function deletionVerdict(request: AdmissionRequest, namespace: string, stored: Resources): Verdict {
  if (request.kind !== "BFDProfile" || request.namespace !== namespace) return { allowed: true, warnings: [] };
  const users = stored.bgpPeers.filter((peer) => textMember(member(peer, "spec"), "bfdProfile") === request.name).map(nameOf);
  if (users.length === 0) return { allowed: true, warnings: [] };
  const reason =
    `failed to delete BFDProfile "${request.name}": used by BGPPeer ${users.map((name) => `"${name}"`).join(", ")}. ` +
    "Remove spec.bfdProfile there first.";
  return { allowed: false, code: 403, reasons: [reason], warnings: [] };
}

function involves(finding: Finding, { kind, name }: AdmissionRequest): boolean {
  return participants(finding).some((object) => object.kind === kind && object.name === name);
}

function isDenied(finding: Finding, kind: string): boolean {
  const kinds = compared[kind] ?? [];
  return finding.severity === "error" && participants(finding).every((object) => kinds.includes(object.kind));
}

function deprecations({ kind, operation, object }: AdmissionRequest): readonly string[] {
  if (kind !== "BGPPeer" || operation !== "CREATE" || member(member(object, "spec"), "disableMP") !== true) return [];
  return ["spec.disableMP: deprecated and without effect; leave it out"];
}

function foreignWarning({ kind, name, namespace: own }: AdmissionRequest, namespace: string): string {
  return `${kind} "${name}" has no effect in namespace ${own}: only objects in namespace ${namespace} are read`;
}

/** A field's path says something only about the object that its author has at hand. */
function sentence(finding: Finding, { kind, name }: AdmissionRequest): string {
  const { object, field } = finding;
  const message = textOfFinding(finding);
  const own = object.kind === kind && object.name === name;
  return own && field !== undefined && !message.includes(field) ? `${field}: ${message}` : message;
}
