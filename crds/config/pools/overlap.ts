import { formatRange, intersectRanges } from "../../net/range.ts";
import type { Finding } from "../finding.ts";
import { compareSeniority, type Incumbents } from "../seniority.ts";
import { type Claim, ClaimedRanges } from "./claimed-ranges.ts";
import type { PoolDraft } from "./ip-address-pool.ts";

const pairsAtMost = 20;
/** A pool that claims one range a thousand times is mended by fewer sentences. */
const findingsAtMost = 100;

/**
 * Decides which pools stand where pools claim the same addresses, and reports every overlap.
 *
 * Pools are taken by seniority, those with an error of their own last; a pool stands when it overlaps neither itself nor
 * a pool that stands already. So a pool set aside never costs another one its place. Of two overlapping pools the one
 * set aside is blamed; when both are, the junior one.
 * @returns the drafts that stand, by seniority, and one finding for each pair of entries, or for several that read alike; at most
 *   20 pairs are reported for one entry against pools that stand, and as many against pools set aside, and at most 100 to the
 *   blame of one pool.
 */
export function settleOverlaps(
  drafts: readonly PoolDraft[],
  incumbents: Incumbents,
): { readonly standing: readonly PoolDraft[]; readonly findings: readonly Finding[] } {
  const ordered = drafts.toSorted(
    (a, b) => Number(a.pool === undefined) - Number(b.pool === undefined) || compareSeniority(a.identity, b.identity, incumbents),
  );
  const taken = new ClaimedRanges();
  const standing: PoolDraft[] = [];
  const aside: (readonly Claim[])[] = [];
  for (const [rank, draft] of ordered.entries()) {
    const claims = draft.entries.map((entry) => ({ owner: draft.identity, rank, entry }));
    if (draft.pool !== undefined && taken.addAll(claims)) standing.push(draft);
    else aside.push(claims);
  }
  const reported = new Map<number, Finding[]>();
  const report = (later: Claim, earlier: Claim): void => {
    const findings = reported.get(later.rank) ?? [];
    reported.set(later.rank, findings);
    if (findings.length === findingsAtMost) return;
    const finding = overlapFinding(later, earlier);
    // An entry that stands there twice gives the same sentence twice.
    if (!findings.some(({ field, message }) => field === finding.field && message === finding.message)) findings.push(finding);
  };
  for (const claim of aside.flat())
    for (const earlier of taken.overlapping(claim.entry.range, pairsAtMost)) report(claim, earlier);
  reportAmong(aside.flat(), report);
  return { standing, findings: [...reported.values()].flat() };
}

/** Overlaps among the claims of pools that are set aside, self-overlaps included: a sweep by first address. */
function reportAmong(claims: readonly Claim[], report: (later: Claim, earlier: Claim) => void): void {
  const swept = claims.toSorted(compareClaims);
  for (const [index, claim] of swept.entries()) {
    for (const other of swept.slice(index + 1, index + 1 + pairsAtMost)) {
      if (other.entry.range.family !== claim.entry.range.family) break;
      if (other.entry.range.first > claim.entry.range.last) break;
      if (isLater(claim, other)) report(claim, other);
      else report(other, claim);
    }
  }
}

function compareClaims(a: Claim, b: Claim): number {
  const [left, right] = [a.entry.range, b.entry.range];
  if (left.family !== right.family) return left.family < right.family ? -1 : 1;
  if (left.first !== right.first) return left.first < right.first ? -1 : 1;
  return a.rank - b.rank || a.entry.index - b.entry.index;
}

function isLater(a: Claim, b: Claim): boolean {
  return a.rank === b.rank ? a.entry.index > b.entry.index : a.rank > b.rank;
}

/** Two pools, or two entries of one pool, own the same addresses; `later` is blamed. */
function overlapFinding(later: Claim, earlier: Claim): Finding {
  const [pool, other] = [later.owner, earlier.owner];
  const self = later.rank === earlier.rank;
  const shared = intersectRanges(later.entry.range, earlier.entry.range);
  const sharedText = shared === undefined ? "nothing" : formatRange(shared);
  const conflict =
    `CIDR "${later.entry.text}" in pool "${pool.name}" overlaps with already defined CIDR "${earlier.entry.text}" ` +
    `in pool "${other.name}"`;
  const remedy = self
    ? `the pool would hold ${sharedText} twice. Shrink or remove one of the two entries.`
    : `both could assign ${sharedText}. Shrink one range or delete one pool.`;
  return {
    code: "PoolOverlap",
    severity: "error",
    object: pool.ref,
    others: self ? [] : [other.ref],
    field: `spec.addresses[${later.entry.index}]`,
    message: `${conflict}: ${remedy}`,
  };
}
