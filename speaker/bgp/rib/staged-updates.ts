import type { Family } from "../../../crds/net/address.ts";
import type { AttributeSet } from "./attribute-set.ts";
import { octetsOfKey, type PrefixKey } from "./prefix-key.ts";

/** Prefixes of one family and one fate: they go into one UPDATE. */
export type StagedGroup = {
  readonly family: Family;
  /** Undefined: to be withdrawn. */
  readonly set: AttributeSet | undefined;
  readonly keys: readonly PrefixKey[];
};

/** What is still to be staged. */
export type Remainder = { readonly changes: boolean; readonly sweep: boolean };

type Open = {
  readonly family: Family;
  readonly set: AttributeSet | undefined;
  readonly room: number;
  keys: PrefixKey[];
  octets: number;
};

/** Prefixes that wait for company. Routes of that many attribute sets at once still get full messages. */
const MOST_STAGED = 16_384;

/** Collects prefixes until they fill an UPDATE, or nothing more can come that would. Bounded. */
export class StagedUpdates {
  readonly #groups = new Map<string, Open>();
  #full: Open | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Nothing more is to be added before something is taken. */
  get satisfied(): boolean {
    return this.#full !== undefined || this.#size >= MOST_STAGED;
  }

  /** Not to be called once {@link satisfied}. @param room octets for prefixes in one message of the group. */
  add(key: PrefixKey, family: Family, set: AttributeSet | undefined, room: number): void {
    const id = idOf(family, set);
    const group = this.#groups.get(id) ?? { family, set, room, keys: [], octets: 0 };
    this.#groups.set(id, group);
    group.keys.push(key);
    group.octets += octetsOfKey(key);
    this.#size += 1;
    if (group.octets >= room) this.#full = group;
  }

  /**
   * One message's worth. First what is full; withdrawals wait for other changes only, as traffic is lost on them; the others
   * for whatever may come.
   */
  take(left: Remainder): StagedGroup | undefined {
    if (this.#full !== undefined) return this.#takeFrom(this.#full);
    for (const family of ["IPv4", "IPv6"] as const) {
      const withdrawn = left.changes ? undefined : this.#groups.get(idOf(family, undefined));
      if (withdrawn !== undefined) return this.#takeFrom(withdrawn);
    }
    if (this.#size < MOST_STAGED && (left.changes || left.sweep)) return undefined;
    for (const group of this.#groups.values()) return this.#takeFrom(group);
    return undefined;
  }

  clear(): void {
    this.#groups.clear();
    this.#full = undefined;
    this.#size = 0;
  }

  #takeFrom(group: Open): StagedGroup {
    const { family, set, room } = group;
    let octets = 0;
    let count = 0;
    for (const key of group.keys) {
      const more = octetsOfKey(key);
      if (octets + more > room) break;
      octets += more;
      count += 1;
    }
    const keys = group.keys.splice(0, count);
    group.octets -= octets;
    this.#size -= count;
    this.#full = undefined;
    if (group.keys.length === 0) this.#groups.delete(idOf(family, set));
    return { family, set, keys };
  }
}

function idOf(family: Family, set: AttributeSet | undefined): string {
  return `${family} ${set?.key ?? "withdrawn"}`;
}
