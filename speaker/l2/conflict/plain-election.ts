import type { Stand } from "../../codec/membership-stand.ts";
import { rank, type Sha256 } from "../../intent/l2-election.ts";

/** A node and what it says of the address. */
export type Standing = { readonly node: string; readonly stand: Stand };

/**
 * The loser of two nodes that stand for one address. Each brings its own score, so both compute the same, whatever
 * configuration each of them has read. One that is about to leave loses; else the order of elections decides, by the key
 * that both name, or by the address itself.
 */
export function loserOf(a: Standing, b: Standing, ip: string, sha256: Sha256): string {
  if (a.stand.lapsing !== b.stand.lapsing) return a.stand.lapsing ? a.node : b.node;
  const key = a.stand.key === b.stand.key ? a.stand.key : ip;
  const candidates = [a, b].map(({ node, stand }) => ({ node, score: stand.score }));
  return rank(candidates, key, sha256)[1]?.node ?? b.node;
}
