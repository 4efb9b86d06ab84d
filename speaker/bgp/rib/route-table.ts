import type { Family } from "../../../crds/net/address.ts";
import type { BgpAnnouncement, RouteAttributes } from "../route.ts";
import { type AttributeSet, attributeSetOf, mergeAttributes } from "./attribute-set.ts";
import { Coverage } from "./coverage.ts";
import { familyOfKey, keyOfPrefix, type PrefixKey } from "./prefix-key.ts";

/** The routes for one peer. */
export interface Routes {
  /** Prefixes that somebody announces, to this peer or another. Live: what is added behind it is still visited. */
  keys(): IterableIterator<PrefixKey>;
  /** Undefined: the peer gets no such route. */
  attributesOf(key: PrefixKey): AttributeSet | undefined;
  /** Every Service has been decided on since this process began: what is not here is not announced. */
  readonly complete: boolean;
}

/** Attributes offered to certain peers; one value for however many prefixes. */
type Offer = {
  readonly id: string;
  /** Undefined: all. */
  readonly peers: ReadonlySet<string> | undefined;
  readonly set: AttributeSet;
};

/** An offer of a prefix, and how many times Services make it. */
type Use = { readonly offer: Offer; readonly count: number };

type Contribution = { readonly key: PrefixKey; readonly offer: Offer };

/**
 * What all Services together announce by BGP. A prefix is there as long as one of them announces it. A change of one Service
 * costs what that Service announces, however many there are.
 */
export class RouteTable {
  readonly #byService = new Map<string, readonly Contribution[]>();
  readonly #uses = new Map<PrefixKey, readonly Use[]>();
  readonly #offers = new Map<string, { readonly offer: Offer; readonly count: number }>();
  /** Merged attributes by the offers that they come of; forgotten with any of these. */
  #merged = new Map<string, AttributeSet>();
  readonly #coverage = new Coverage();
  #complete = false;

  /** Number of prefixes. */
  get size(): number {
    return this.#uses.size;
  }

  get complete(): boolean {
    return this.#complete;
  }

  /** Prefixes of these families that any of these BGPPeers is to be told. */
  sizeFor(peers: readonly string[], families: readonly Family[]): number {
    return this.#coverage.sizeFor(peers, families);
  }

  /** Every Service has been decided on once. */
  setComplete(): void {
    this.#complete = true;
  }

  /**
   * Replaces what the Service announces; an empty list: nothing.
   * @returns the prefixes whose route may have changed for some peer.
   */
  set(service: string, announcements: readonly BgpAnnouncement[]): readonly PrefixKey[] {
    const before = this.#byService.get(service) ?? [];
    const touched = new Set<PrefixKey>();
    const after = announcements.map(({ prefix, peers, attributes }) => {
      const contribution = { key: keyOfPrefix(prefix), offer: this.#acquire(peers, attributes) };
      this.#count(contribution, 1, touched);
      return contribution;
    });
    for (const contribution of before) {
      this.#count(contribution, -1, touched);
      this.#release(contribution.offer);
    }
    if (after.length === 0) this.#byService.delete(service);
    else this.#byService.set(service, after);
    return [...touched];
  }

  /** The routes for the BGPPeer of that name. */
  routesFor(peer: string): Routes {
    const table = this;
    return {
      keys: () => this.#uses.keys(),
      attributesOf: (key) => this.#attributesOf(key, peer),
      get complete() {
        return table.#complete;
      },
    };
  }

  #attributesOf(key: PrefixKey, peer: string): AttributeSet | undefined {
    const offers: Offer[] = [];
    for (const { offer } of this.#uses.get(key) ?? []) if (isFor(offer, peer)) offers.push(offer);
    const [first] = offers;
    return first === undefined || offers.length === 1 ? first?.set : this.#mergedOf(offers);
  }

  #mergedOf(offers: readonly Offer[]): AttributeSet {
    const id = offers
      .map((offer) => offer.set.key)
      .sort()
      .join("|");
    const known = this.#merged.get(id);
    if (known !== undefined) return known;
    const merged = attributeSetOf(mergeAttributes(offers.map(({ set }) => set.attributes)));
    this.#merged.set(id, merged);
    return merged;
  }

  #acquire(peers: readonly string[], attributes: RouteAttributes): Offer {
    const set = attributeSetOf(attributes);
    const id = `${set.key} > ${peers.join(" ")}`;
    const known = this.#offers.get(id);
    const offer = known?.offer ?? { id, peers: peers.length === 0 ? undefined : new Set(peers), set };
    this.#offers.set(id, { offer, count: (known?.count ?? 0) + 1 });
    return offer;
  }

  #release({ id }: Offer): void {
    const known = this.#offers.get(id);
    if (known === undefined) return;
    if (known.count > 1) {
      this.#offers.set(id, { ...known, count: known.count - 1 });
      return;
    }
    this.#offers.delete(id);
    this.#merged = new Map();
  }

  /** Notes the prefix as touched where an offer of it begins or ends. */
  #count({ key, offer }: Contribution, difference: 1 | -1, touched: Set<PrefixKey>): void {
    const uses = this.#uses.get(key) ?? [];
    const count = (uses.find((use) => use.offer === offer)?.count ?? 0) + difference;
    const others = uses.filter((use) => use.offer !== offer);
    const after = count > 0 ? [...others, { offer, count }] : others;
    if (after.length > 0) this.#uses.set(key, after);
    else this.#uses.delete(key);
    const began = difference === 1 && count === 1;
    if (!began && count !== 0) return;
    touched.add(key);
    this.#coverage.change(familyOfKey(key), uses.map(peersOfUse), after.map(peersOfUse));
  }
}

function peersOfUse({ offer }: Use): Offer["peers"] {
  return offer.peers;
}

function isFor({ peers }: Offer, peer: string): boolean {
  return peers === undefined || peers.has(peer);
}
