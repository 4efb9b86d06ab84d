import { compareCommunities, formatCommunity, parseCommunity } from "../../community.ts";
import { isCommunity } from "../../schema.ts";
import type { Backend } from "../backend.ts";
import { type Draft, draftOf, shapeFindings } from "../draft.ts";
import type { Finding, ObjectRef } from "../finding.ts";
import { type Identity, identityOf, withoutStatus } from "../identity.ts";
import { errorIn } from "../problem.ts";
import { compareSeniority, type Incumbents } from "../seniority.ts";
import type { CommunityValue } from "../snapshot.ts";
import { nativeFinding } from "./native-limits.ts";

/** One name for a community, and where in its object it stands. */
export type Alias = { readonly name: string; readonly value: CommunityValue; readonly index: number };

/** One Community object by itself. */
export type CommunityDraft = Draft<readonly Alias[]>;

/** Reads one Community, whatever `raw` is. */
export function draftCommunity(raw: unknown, backend: Backend): CommunityDraft {
  const identity = identityOf("Community", raw);
  const { ref } = identity;
  const object = withoutStatus(raw);
  if (!isCommunity(object) || identity.name === "") {
    return { identity, meaning: undefined, findings: shapeFindings(identity, "v1beta1", object) };
  }
  const aliases = new Map<string, Alias>();
  const findings: Finding[] = [];
  for (const [index, { name = "", value: text = "" }] of (object.spec?.communities ?? []).entries()) {
    const field = `spec.communities[${index}]`;
    const parsed = parseCommunity(text);
    if (aliases.has(name)) findings.push(duplicate(identity, index, name, "this object"));
    if (!parsed.ok) findings.push(errorIn(ref, "CommunityInvalid", `${field}.value`, parsed.reason));
    else if (backend === "native" && parsed.community.type === "large") {
      findings.push(nativeFinding(ref, `${field}.value`, "large communities are not available"));
    } else if (!aliases.has(name)) {
      aliases.set(name, { name, value: parsed.community, index });
      findings.push(...misleading(ref, `${field}.name`, name, parsed.community));
    }
  }
  return draftOf(identity, [...aliases.values()], findings);
}

/**
 * Decides which Community objects stand where two define one name: the senior one. The other is set aside as a whole, and
 * costs no third one its place.
 */
export function settleAliases(
  drafts: readonly CommunityDraft[],
  incumbents: Incumbents,
): { readonly aliases: ReadonlyMap<string, CommunityValue>; readonly findings: readonly Finding[] } {
  const owners = new Map<string, { readonly owner: Identity; readonly value: CommunityValue }>();
  const findings: Finding[] = [];
  for (const { identity, meaning } of drafts.toSorted((a, b) => compareSeniority(a.identity, b.identity, incumbents))) {
    const clashes = (meaning ?? []).flatMap(({ name, index }) => {
      const owner = owners.get(name)?.owner;
      return owner === undefined ? [] : [duplicate(identity, index, name, `Community "${owner.name}"`, owner)];
    });
    findings.push(...clashes);
    if (clashes.length > 0) continue;
    for (const { name, value } of meaning ?? []) owners.set(name, { owner: identity, value });
  }
  return { aliases: new Map([...owners].map(([name, { value }]) => [name, value])), findings };
}

/** A name that reads as a community is the name nevertheless. */
function misleading(ref: ObjectRef, field: string, name: string, value: CommunityValue): readonly Finding[] {
  const read = parseCommunity(name);
  if (!read.ok || compareCommunities(read.community, value) === 0) return [];
  const [says, means] = [JSON.stringify(name), formatCommunity(value)];
  const what = `${says} reads as a community, and stands for ${means} wherever it is written: choose another name`;
  return [{ ...errorIn(ref, "CommunityMisleading", field, what), severity: "warning" }];
}

function duplicate({ ref }: Identity, index: number, name: string, where: string, owner?: Identity): Finding {
  const what = `duplicate definition of community ${JSON.stringify(name)}: ${where} defines it already: remove or rename one`;
  const finding = errorIn(ref, "CommunityDuplicate", `spec.communities[${index}].name`, what);
  return owner === undefined ? finding : { ...finding, others: [owner.ref] };
}
