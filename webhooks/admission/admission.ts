import { type Finding, textOfFinding } from "../../crds/config/finding.ts";
import type { Resources } from "../../crds/config/resources.ts";
import { member, textMember } from "./json.ts";
import { lostFields } from "./lost-fields.ts";
import { newFindings, participants } from "./novelty.ts";
import { nameOf } from "./placement.ts";
import type { AdmissionRequest, Verdict } from "./request.ts";
import { findingsOf, type Scene } from "./scene.ts";
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
 */
export function verdict(request: AdmissionRequest, scene: Scene): Verdict {
  const { kind, operation, object } = request;
  const { namespace, without, withRequest } = scene;
  const undecodable = operation === "DELETE" ? [] : decodeErrors(kind, object);
  if (undecodable.length > 0) return { allowed: false, code: 400, reasons: undecodable, warnings: [] };
  const foreign = request.namespace !== namespace;
  if (foreign && operation !== "CREATE") return { allowed: true, warnings: foreignWarnings(request, namespace) };
  const after = findingsOf(withRequest, scene);
  const before = after.length === 0 ? [] : findingsOf(without, scene);
  const fresh = newFindings({ without, before, withRequest, after });
  const denying = new Set(operation === "DELETE" ? [] : fresh.filter((finding) => isDenied(finding, request)));
  const reasons = [
    ...misplacement(request, namespace),
    ...usage(request, without),
    ...[...denying].map((finding) => sentence(finding, request)),
  ];
  // Of an object that nobody would read, or that stays, nothing follows for the others.
  const idle = foreign || (operation === "DELETE" && reasons.length > 0);
  const notable = idle ? [] : fresh.filter((finding) => !denying.has(finding));
  const warnings = [
    ...deprecations(request),
    ...lostFields(request, without),
    ...notable.map((finding) => sentence(finding, request)),
  ];
  return reasons.length === 0 ? { allowed: true, warnings } : { allowed: false, code: 403, reasons, warnings };
}

function misplacement({ operation, namespace: own }: AdmissionRequest, namespace: string): readonly string[] {
  return operation === "CREATE" && own !== namespace ? [`resource must be created in ${namespace} namespace`] : [];
}

/** Nothing but a BFDProfile in use is kept from deletion. */
function usage({ kind, operation, name }: AdmissionRequest, stored: Resources): readonly string[] {
  if (operation !== "DELETE" || kind !== "BFDProfile") return [];
  const users = stored.bgpPeers.filter((peer) => textMember(member(peer, "spec"), "bfdProfile") === name).map(nameOf);
  if (users.length === 0) return [];
  const peers = users.map((user) => `"${user}"`).join(", ");
  return [`failed to delete BFDProfile "${name}": used by BGPPeer ${peers}. Remove spec.bfdProfile there first.`];
}

function involves(finding: Finding, { kind, name }: AdmissionRequest): boolean {
  return participants(finding).some((object) => object.kind === kind && object.name === name);
}

function isDenied(finding: Finding, request: AdmissionRequest): boolean {
  const kinds = compared[request.kind] ?? [];
  const comparable = participants(finding).every((object) => kinds.includes(object.kind));
  return finding.severity === "error" && comparable && involves(finding, request) && !isLeftForLater(finding);
}

/** Of passwords and BFD profiles MetalLB's webhooks see nothing: a warning is said here, and the conditions tell. */
function isLeftForLater({ code, object, field }: Finding): boolean {
  if (code === "PasswordConflict") return true;
  return code === "NativeUnsupported" && (object.kind === "BFDProfile" || field === "spec.bfdProfile");
}

function deprecations({ kind, operation, object }: AdmissionRequest): readonly string[] {
  if (kind !== "BGPPeer" || operation !== "CREATE" || member(member(object, "spec"), "disableMP") !== true) return [];
  return ["spec.disableMP: deprecated and without effect; leave it out"];
}

function foreignWarnings({ kind, name, operation, namespace: own }: AdmissionRequest, namespace: string): readonly string[] {
  if (operation === "DELETE") return [];
  return [`${kind} "${name}" has no effect in namespace ${own}: only objects in namespace ${namespace} are read`];
}

/** A field's path says something only about the object that its author has at hand. */
function sentence(finding: Finding, { kind, name }: AdmissionRequest): string {
  const { object, field } = finding;
  const message = textOfFinding(finding);
  const own = object.kind === kind && object.name === name;
  return own && field !== undefined && !message.includes(field) ? `${field}: ${message}` : message;
}
