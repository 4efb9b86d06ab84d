import type { Family } from "../../../crds/net/address.ts";

/** Peers that an offer is for; undefined: all. */
type Peers = ReadonlySet<string> | undefined;

type Group = { readonly family: Family; readonly peers: Peers; count: number };

/** How many prefixes are for whom. Prefixes that are for the same peers are counted together, and the kinds of peers are few. */
export class Coverage {
  readonly #groups = new Map<string, Group>();

  /** @param offers for whom the prefix is announced: by each of them to these peers; none: it is not announced. */
  change(family: Family, before: readonly Peers[], after: readonly Peers[]): void {
    this.#count(family, before, -1);
    this.#count(family, after, 1);
  }

  /** Prefixes of these families that are for any of these peers. */
  sizeFor(peers: readonly string[], families: readonly Family[]): number {
    let size = 0;
    for (const group of this.#groups.values()) {
      const isTold = group.peers === undefined || peers.some((peer) => group.peers?.has(peer));
      if (isTold && families.includes(group.family)) size += group.count;
    }
    return size;
  }

  #count(family: Family, offers: readonly Peers[], difference: 1 | -1): void {
    if (offers.length === 0) return;
    const peers = unionOf(offers);
    const key = peers === undefined ? family : `${family} ${[...peers].sort().join(" ")}`;
    const group = this.#groups.get(key) ?? { family, peers, count: 0 };
    group.count += difference;
    if (group.count === 0) this.#groups.delete(key);
    else this.#groups.set(key, group);
  }
}

function unionOf(offers: readonly Peers[]): Peers {
  const union = new Set<string>();
  for (const peers of offers) {
    if (peers === undefined) return undefined;
    for (const peer of peers) union.add(peer);
  }
  return union;
}
