import type { Pool } from "../../crds/config/snapshot.ts";
import type { Family } from "../../crds/net/address.ts";
import { lastNotAbove } from "../../crds/net/sorted-list.ts";

/**
 * The addresses of one family of one pool, numbered 0, 1, 2, … in the order in which they are handed out: spec order,
 * lowest first inside each entry.
 */
export type PoolLine = {
  readonly family: Family;
  readonly length: bigint;
  /** In the order of the numbers. */
  readonly spans: readonly Span[];
  /** The same spans, lowest address first. */
  readonly byAddress: readonly Span[];
};

/** One entry of the pool; `start` is the number of its first address. */
type Span = { readonly first: bigint; readonly last: bigint; readonly start: bigint };

/** Numbers the addresses of `family` in `pool`. */
export function lineOf(pool: Pool, family: Family): PoolLine {
  const spans: Span[] = [];
  let length = 0n;
  for (const { range } of pool.entries) {
    if (range.family !== family) continue;
    spans.push({ first: range.first, last: range.last, start: length });
    length += range.last - range.first + 1n;
  }
  const byAddress = [...spans].sort((a, b) => (a.first < b.first ? -1 : 1));
  return { family, length, spans, byAddress };
}

/** The address numbered `ordinal`; undefined outside the line. */
export function addressAt(line: PoolLine, ordinal: bigint): bigint | undefined {
  if (ordinal < 0n || ordinal >= line.length) return undefined;
  const span = lastNotAbove(line.spans, ordinal, (candidate) => candidate.start);
  return span === undefined ? undefined : span.first + (ordinal - span.start);
}

/** The number of an address; undefined when the line does not hold it. */
export function ordinalOf(line: PoolLine, bits: bigint): bigint | undefined {
  const span = lastNotAbove(line.byAddress, bits, (candidate) => candidate.first);
  if (span === undefined || bits > span.last) return undefined;
  return span.start + (bits - span.first);
}
