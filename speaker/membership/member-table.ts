import { bucketCount } from "../codec/membership-limit.ts";
import { equalOctets } from "../codec/octets.ts";
import { hashText, hashWith } from "./hash.ts";
import type { Entry, MemberRecord } from "./member-record.ts";

type Slot = { entry: Entry; readonly hash: number };

/**
 * What a node holds of all nodes, itself included, and the ring on which they stand: by the hash of their names, then by
 * their names. Bounded: when it is full, a node that ended makes room, or the new one is not taken in.
 */
export class MemberTable {
  readonly #limit: number;
  readonly #slots = new Map<string, Slot>();
  readonly #ring: string[] = [];
  readonly #digests: number[] = new Array<number>(bucketCount).fill(0);
  #digest: number | undefined;
  #alive = 0;
  #ringVersion = 0;
  #viewVersion = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Nodes that live, own node included. */
  get alive(): number {
    return this.#alive;
  }

  /** Changes whenever a node begins or ceases to live. */
  get ringVersion(): number {
    return this.#ringVersion;
  }

  /** Changes whenever something changes that a view shows. */
  get viewVersion(): number {
    return this.#viewVersion;
  }

  get(name: string): Entry | undefined {
    return this.#slots.get(name)?.entry;
  }

  isAlive(name: string): boolean {
    return this.#slots.get(name)?.entry.status === "alive";
  }

  /** @returns false when there is no room. */
  put(entry: Entry): boolean {
    const { name } = entry.record;
    const slot = this.#slots.get(name);
    if (slot === undefined && this.#slots.size >= this.#limit && !this.#makeRoom()) return false;
    const before = slot?.entry;
    const hash = slot?.hash ?? hashText(name);
    if (before !== undefined) this.#count(before, hash, -1);
    if (slot === undefined) {
      this.#ring.splice(this.#placeOf(name, hash), 0, name);
      this.#slots.set(name, { entry, hash });
    } else slot.entry = entry;
    this.#count(entry, hash, 1);
    if ((before?.status === "alive") !== (entry.status === "alive")) this.#ringVersion += 1;
    if (before === undefined || looksOther(before, entry)) this.#viewVersion += 1;
    return true;
  }

  delete(name: string): void {
    const slot = this.#slots.get(name);
    if (slot === undefined) return;
    this.#count(slot.entry, slot.hash, -1);
    this.#ring.splice(this.#placeOf(name, slot.hash), 1);
    this.#slots.delete(name);
    if (slot.entry.status === "alive") this.#ringVersion += 1;
    this.#viewVersion += 1;
  }

  *entries(): IterableIterator<Entry> {
    for (const { entry } of this.#slots.values()) yield entry;
  }

  /** Of the nodes that live, by the part of the ring on which they stand. */
  digests(): readonly number[] {
    return [...this.#digests];
  }

  /** Equal on two nodes that hold the same nodes as living, in the same life and with the same facts. */
  digest(): number {
    this.#digest ??= this.#digests.reduce(hashWith, 0);
    return this.#digest;
  }

  /** Up to `count` living nodes behind the name on the ring, never itself. */
  successors(name: string, count: number): readonly string[] {
    return this.#neighbours(name, count, 1);
  }

  /** Up to `count` living nodes before the name on the ring, never itself. */
  predecessors(name: string, count: number): readonly string[] {
    return this.#neighbours(name, count, -1);
  }

  /** A living node from the place `at` of the ring on, 0 to 1; undefined when there is none but `except`. */
  livingAt(at: number, except: (name: string) => boolean): string | undefined {
    const { length } = this.#ring;
    const first = Math.floor(at * length);
    for (let step = 0; step < length; step += 1) {
      const name = this.#ring[(first + step) % length];
      if (name !== undefined && this.isAlive(name) && !except(name)) return name;
    }
    return undefined;
  }

  /** Entries of the parts of the ring whose digests are not the given ones, from that name on in the ring's order. */
  *differing(digests: readonly number[], from: string | undefined): IterableIterator<Entry> {
    if (this.#digests.every((digest, bucket) => digest === digests[bucket])) return;
    const first = from === undefined ? 0 : this.#placeOf(from, hashText(from));
    for (let place = first; place < this.#ring.length; place += 1) {
      const slot = this.#slots.get(this.#ring[place] ?? "");
      if (slot === undefined) continue;
      const bucket = bucketOf(slot.hash);
      if (this.#digests[bucket] !== digests[bucket]) yield slot.entry;
    }
  }

  #neighbours(name: string, count: number, direction: 1 | -1): readonly string[] {
    const { length } = this.#ring;
    const start = this.#placeOf(name, hashText(name));
    const found: string[] = [];
    const stands = this.#slots.has(name);
    for (let step = direction === 1 && !stands ? 0 : 1; step < length + 1 && found.length < count; step += 1) {
      const neighbour = this.#ring[(start + direction * step + length * 2) % length];
      if (neighbour === name) break;
      if (neighbour !== undefined && this.isAlive(neighbour)) {
        if (found.includes(neighbour)) break;
        found.push(neighbour);
      }
    }
    return found;
  }

  /** The place at which the name stands, or would stand. */
  #placeOf(name: string, hash: number): number {
    let low = 0;
    let high = this.#ring.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#ring[middle] ?? "";
      const otherHash = this.#slots.get(other)?.hash ?? 0;
      if (otherHash < hash || (otherHash === hash && other < name)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #count({ record, status }: Entry, hash: number, by: 1 | -1): void {
    if (status !== "alive") return;
    this.#alive += by;
    const bucket = bucketOf(hash);
    this.#digests[bucket] = ((this.#digests[bucket] ?? 0) ^ digestOf(record, hash)) >>> 0;
    this.#digest = undefined;
  }

  #makeRoom(): boolean {
    let oldest: Entry | undefined;
    for (const { entry } of this.#slots.values()) {
      if (entry.status !== "alive" && (oldest === undefined || entry.since < oldest.since)) oldest = entry;
    }
    if (oldest !== undefined) this.delete(oldest.record.name);
    return oldest !== undefined;
  }
}

/** A node that ended is shown like any other that does not live, whatever it said last. */
function looksOther(a: Entry, b: Entry): boolean {
  if (a.status !== b.status || a.reason !== b.reason || a.record.address !== b.record.address) return true;
  return a.record.standing !== b.record.standing || !equalOctets(a.record.facts, b.record.facts);
}

function bucketOf(hash: number): number {
  return Math.floor((hash / 0x1_0000_0000) * bucketCount);
}

function digestOf({ incarnation, generation }: MemberRecord, hash: number): number {
  return hashWith(hashWith(hash, incarnation), generation);
}
