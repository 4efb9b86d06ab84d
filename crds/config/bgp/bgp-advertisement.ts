import { type CommunityResult, compareCommunities, formatCommunity, parseCommunity } from "../../community.ts";
import { isBGPAdvertisement } from "../../schema.ts";
import type { BGPAdvertisementSpec } from "../../types/bgp-advertisement.ts";
import { heraldAnnotations } from "../../types/well-known.ts";
import { type PoolSelection, readSelectors } from "../advertisement-selectors.ts";
import { annotationText, annotationWarning } from "../annotation.ts";
import type { Backend } from "../backend.ts";
import { type Draft, draftOf, shapeFindings } from "../draft.ts";
import type { Finding, ObjectRef } from "../finding.ts";
import { type Identity, identityOf, withoutStatus } from "../identity.ts";
import type { NodeSets } from "../node-sets.ts";
import { duplicateFindings, errorIn } from "../problem.ts";
import { compareText } from "../seniority.ts";
import type { BgpAdvertisement, CommunityValue } from "../snapshot.ts";
import { fitMessage } from "./community-room.ts";
import { nativeFinding } from "./native-limits.ts";

/** One BGPAdvertisement by itself, before it is attached to pools. */
export type BgpDraft = Draft<BgpMeaning>;

export type BgpMeaning = {
  readonly advertisement: BgpAdvertisement;
  readonly pools: PoolSelection;
  /** In the order of the spec. */
  readonly peerNames: readonly string[];
};

/** What an advertisement is read with. */
export type BgpSurroundings = {
  readonly nodes: NodeSets;
  readonly aliases: ReadonlyMap<string, CommunityValue>;
  readonly backend: Backend;
};

const lengths = {
  IPv4: { field: "spec.aggregationLength", least: 1, most: 32 },
  IPv6: { field: "spec.aggregationLengthV6", least: 0, most: 128 },
} as const;
/** What MetalLB announces; more find room in our messages, and a router may still mind. */
const usualCommunities = 63;

/** Reads one BGPAdvertisement, whatever `raw` is. */
export function draftBgpAdvertisement(raw: unknown, surroundings: BgpSurroundings): BgpDraft {
  const identity = identityOf("BGPAdvertisement", raw);
  const object = withoutStatus(raw);
  if (!isBGPAdvertisement(object) || identity.name === "") {
    return { identity, meaning: undefined, findings: shapeFindings(identity, "v1beta1", object) };
  }
  return readAdvertisement(identity, object.spec ?? {}, surroundings);
}

function readAdvertisement(
  identity: Identity,
  spec: BGPAdvertisementSpec,
  { nodes, aliases, backend }: BgpSurroundings,
): BgpDraft {
  const { aggregationLength = lengths.IPv4.most, aggregationLengthV6 = lengths.IPv6.most, localPref = 0, peers = [] } = spec;
  const { ref } = identity;
  const { selected, findings: ofSelectors } = readSelectors(ref, spec, nodes);
  const bandwidth = readLinkBandwidth(identity);
  const communities = readCommunities(ref, spec.communities ?? [], aliases, backend);
  const advertisement: BgpAdvertisement = {
    name: identity.name,
    nodes: selected.nodes.names,
    peers: peers.toSorted(compareText),
    serviceSelectors: selected.serviceSelectors,
    aggregationLength: { IPv4: aggregationLength, IPv6: aggregationLengthV6 },
    localPref,
    asPathPrepend: spec.asPathPrepend ?? 0,
    communities: communities.values,
    ...(bandwidth.wanted && { linkBandwidth: true }),
    ...(communities.unknown.length > 0 && { notReady: communities.unknown.map(({ message }) => message).join("\n") }),
  };
  return draftOf(identity, { advertisement, pools: selected.pools, peerNames: peers }, [
    ...ofSelectors,
    ...duplicateFindings(ref, "spec.peers", peers),
    ...lengthFindings(ref, advertisement),
    ...communities.findings,
    ...communities.unknown,
    ...bandwidth.findings,
  ]);
}

function readLinkBandwidth(identity: Identity): { readonly wanted: boolean; readonly findings: readonly Finding[] } {
  const key = heraldAnnotations.linkBandwidth;
  const text = annotationText(identity, key);
  if (text === undefined || text === "true" || text === "false") return { wanted: text === "true", findings: [] };
  const what = `${JSON.stringify(text)} is neither true nor false, so that no bandwidth is announced: write one of them`;
  return { wanted: false, findings: [annotationWarning(identity, key, what)] };
}

function lengthFindings(ref: ObjectRef, { aggregationLength, serviceSelectors }: BgpAdvertisement): readonly Finding[] {
  const findings: Finding[] = [];
  for (const family of ["IPv4", "IPv6"] as const) {
    const length = aggregationLength[family];
    const { field, least, most } = lengths[family];
    if (length < least || length > most) {
      const what = `invalid aggregation length ${length}: write one from ${least} to ${most} for ${family}`;
      findings.push(errorIn(ref, "AggregationLengthInvalid", field, what));
    } else if (length !== most && serviceSelectors.length > 0) {
      const what = `serviceSelectors and aggregationLength are mutually exclusive: an aggregate is there for all Services. Remove one`;
      findings.push(errorIn(ref, "AggregationWithServiceSelectors", field, what));
    }
  }
  return findings;
}

type ReadCommunities = {
  readonly values: readonly CommunityValue[];
  readonly findings: readonly Finding[];
  readonly unknown: readonly Finding[];
};

/** Each text is the name of an alias, or else a community itself; what could be an alias to come is pending. */
function readCommunities(
  ref: ObjectRef,
  texts: readonly string[],
  aliases: ReadonlyMap<string, CommunityValue>,
  backend: Backend,
): ReadCommunities {
  const values = new Map<string, CommunityValue>();
  const findings: Finding[] = [...duplicateFindings(ref, "spec.communities", texts)];
  const unknown: Finding[] = [];
  for (const [index, text] of texts.entries()) {
    const field = `spec.communities[${index}]`;
    const alias = aliases.get(text);
    const read: CommunityResult = alias === undefined ? parseCommunity(text) : { ok: true, community: alias };
    if (read.ok) values.set(`${read.community.type} ${formatCommunity(read.community)}`, read.community);
    else if (read.code === "InvalidValue") findings.push(errorIn(ref, "CommunityInvalid", field, read.reason));
    else unknown.push(unknownCommunity(ref, field, text, read.reason));
    if (backend === "native" && alias === undefined && read.ok && read.community.type === "large") {
      findings.push(nativeFinding(ref, field, "large communities are not available"));
    }
  }
  const sorted = [...values.values()].sort(compareCommunities);
  if (sorted.length > usualCommunities) findings.push(tooManyCommunities(ref, sorted));
  return { values: sorted, findings, unknown };
}

function tooManyCommunities(ref: ObjectRef, communities: readonly CommunityValue[]): Finding {
  const count = communities.length;
  const what = fitMessage(communities)
    ? `${count} communities are more than the ${usualCommunities} that MetalLB announces: remove some, unless all routers take so many`
    : `${count} communities fit no BGP message of 4096 octets, and no route is announced with them: remove some`;
  return { ...errorIn(ref, "CommunitiesTooMany", "spec.communities", what), severity: "warning" };
}

function unknownCommunity(ref: ObjectRef, field: string, text: string, reason: string): Finding {
  return {
    code: "CommunityUnknown",
    severity: "pending",
    object: ref,
    others: [],
    field,
    message: `${reason}\ninvalid community "${text}" in BGP advertisement`,
    remedy: "No Community object defines this name: create one, or write the community itself, such as 65000:100.",
  };
}
