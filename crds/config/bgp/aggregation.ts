import type { Family } from "../../net/address.ts";
import { prefixesOfRange } from "../../net/range.ts";
import type { Finding, ObjectRef } from "../finding.ts";
import { errorIn } from "../problem.ts";
import type { BgpAdvertisement, Pool } from "../snapshot.ts";

const fields = { IPv4: "spec.aggregationLength", IPv6: "spec.aggregationLengthV6" } as const;

/** How finely the entries of a pool are cut, worked out once for all advertisements. */
export class PoolGrain {
  readonly pool: Pool;
  /** By entry: the length of the largest prefix in it. */
  readonly #lengths: readonly number[];
  /** The longest of those in each family; absent: no entry of that family. */
  readonly #longest: { readonly [family in Family]?: number };

  constructor(pool: Pool) {
    this.pool = pool;
    this.#lengths = pool.entries.map(({ range }) => Math.min(...prefixesOfRange(range).map(({ length }) => length)));
    const longest: { [family in Family]?: number } = {};
    for (const [index, { range }] of pool.entries.entries()) {
      longest[range.family] = Math.max(longest[range.family] ?? 0, this.#lengths[index] ?? 0);
    }
    this.#longest = longest;
  }

  /** The pool has an entry of this family. */
  holds(family: Family): boolean {
    return this.#longest[family] !== undefined;
  }

  /**
   * One error of the advertisement for each entry that its aggregates would reach beyond: an entry must hold a prefix of
   * the aggregation length, a range at least one.
   */
  misfits(ref: ObjectRef, { aggregationLength }: BgpAdvertisement): readonly Finding[] {
    const families = (["IPv4", "IPv6"] as const).filter((family) => aggregationLength[family] < (this.#longest[family] ?? 0));
    if (families.length === 0) return [];
    const { name, entries } = this.pool;
    return entries.flatMap(({ text, range: { family } }, index) => {
      const [length, shortest] = [aggregationLength[family], this.#lengths[index] ?? 0];
      if (length >= shortest) return [];
      const what =
        `invalid aggregation length ${length}: prefix ${shortest} in this pool is more specific than the aggregation length ` +
        `for addresses ${text} (pool "${name}"): write ${shortest} or more, or leave that pool out`;
      const finding = errorIn(ref, "AggregationMisfit", fields[family], what);
      return [{ ...finding, others: [{ ...ref, kind: "IPAddressPool", name }] }];
    });
  }
}
