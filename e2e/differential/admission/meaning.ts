import { isDeepStrictEqual } from "node:util";
import { compileSelectors, matchesAny } from "../../../crds/selector.ts";
import { listIn, type Manifest } from "../manifest/manifest.ts";
import type { AdmissionDifference } from "./admission-difference.ts";

/** What the rules of known-admission.ts ask about a difference. */

/** True when the refusal speaks of an error that the stored objects have without this write. */
export function isAboutAnother({ manifest, stored, refusal }: AdmissionDifference): boolean {
  if (manifest.kind !== "BGPAdvertisement" || !stored.some(({ metadata }) => metadata.name === "wide")) return false;
  if (manifest.metadata.name === "narrow") return true; // written as it stood
  const selectsIt = listIn(manifest, "ipAddressPools").includes("wide");
  if (/pool "wide" has ipv6 CIDR/.test(refusal)) return !selectsIt;
  return /invalid aggregation length 28: prefix 30 /.test(refusal) && manifest.spec["aggregationLength"] !== 28;
}

/** What Herald refuses and MetalLB admits, by the words of the reason. */
const admittedByMetallb = {
  "a range between the families": /it starts with IPv4 and ends with IPv6|it starts with IPv6 and ends with IPv4/,
  "IPv4-mapped addresses": /an IPv4-mapped prefix is ambiguous/,
  "a router ID that is none": /spec\.routerID: "(0\.0\.0\.0|[0-9a-fA-F]*:.*)" is no router ID/,
  "a negative IPv6 aggregation length": /spec\.aggregationLengthV6: invalid aggregation length -/,
  "an alias twice": /duplicate definition of community "[^":]+": remove one/,
} as const;

/** True when Herald alone refuses, for this reason and no other than those that MetalLB admits. */
export function refusedFor({ kind, refusal }: AdmissionDifference, reason: keyof typeof admittedByMetallb): boolean {
  const said = refusal.slice(refusal.indexOf("denied the request: ")).split("\n");
  const isMeant = (line: string): boolean => Object.values(admittedByMetallb).some((form) => form.test(line));
  return kind === "only MetalLB accepts" && said.every(isMeant) && said.some((line) => admittedByMetallb[reason].test(line));
}

/** True when the stored object of that name has the same in this field. */
export function isAsStored(field: string, { kind, metadata, spec }: Manifest, stored: readonly Manifest[]): boolean {
  const former = stored.find((other) => other.kind === kind && other.metadata.name === metadata.name);
  return former !== undefined && isDeepStrictEqual(former.spec[field], spec[field]);
}

/** The lab's nodes, by the labels that selectors of manifests name. */
const nodes: readonly Readonly<Record<string, string>>[] = [
  { "kubernetes.io/hostname": "n1", zone: "a" },
  { "kubernetes.io/hostname": "n2", zone: "b" },
  { "kubernetes.io/hostname": "n3", zone: "b" },
];

/** True when no node has both the peer and a stored one that contradicts it. */
export function sharesNoNodeWithRivals({ manifest, stored }: AdmissionDifference): boolean {
  const rivals = stored.filter((other) => other.metadata.name !== manifest.metadata.name && contradict(manifest, other));
  return rivals.length > 0 && rivals.every((other) => nodes.every((node) => !(runsOn(manifest, node) && runsOn(other, node))));
}

/** As MetalLB's check for FRR has it. */
function contradict(a: Manifest, b: Manifest): boolean {
  const alike = (field: string): boolean => a.spec[field] === b.spec[field];
  if (b.kind !== "BGPPeer") return false;
  return !alike("routerID") || (alike("vrf") && (!alike("myASN") || (alike("peerAddress") && alike("interface"))));
}

function runsOn({ spec }: Manifest, labels: Readonly<Record<string, string>>): boolean {
  const { selectors } = compileSelectors(spec["nodeSelectors"]);
  return selectors.length === 0 || matchesAny(selectors, labels);
}
