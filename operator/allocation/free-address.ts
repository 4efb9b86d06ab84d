import type { Pool } from "../../crds/config/snapshot.ts";
import type { Family } from "../../crds/net/address.ts";
import { MinHeap } from "./min-heap.ts";
import { addressAt, lineOf, ordinalOf, type PoolLine } from "./pool-line.ts";

/** Some clients take an IPv4 address ending in .0 or .255 for a network or broadcast address, whatever the prefix length. */
export function isBuggy(family: Family, bits: bigint): boolean {
  if (family === "IPv6") return false;
  const lastOctet = bits & 0xffn;
  return lastOctet === 0n || lastOctet === 0xffn;
}

/**
 * Finds the first free address of one family of one pool without walking over the used ones again and again.
 * Everything before the frontier was in use or unusable when the frontier passed; what was released since waits in a heap.
 * So over the life of a pool each address is stepped over once.
 */
export class FreeAddresses {
  readonly #line: PoolLine;
  readonly #avoidBuggyIPs: boolean;
  #frontier = 0n;
  readonly #released = new MinHeap<bigint>((a, b) => a < b);
  readonly #waiting = new Set<bigint>();

  constructor(pool: Pool, family: Family) {
    this.#line = lineOf(pool, family);
    this.#avoidBuggyIPs = pool.avoidBuggyIPs;
  }

  /** The first address for which `isUsed` is false; undefined when all are used. Takes nothing. */
  first(isUsed: (bits: bigint) => boolean): bigint | undefined {
    for (let ordinal = this.#released.peek(); ordinal !== undefined; ordinal = this.#released.peek()) {
      const bits = addressAt(this.#line, ordinal);
      if (bits !== undefined && !isUsed(bits)) return bits;
      this.#released.pop();
      this.#waiting.delete(ordinal);
    }
    for (; this.#frontier < this.#line.length; this.#frontier += 1n) {
      const bits = addressAt(this.#line, this.#frontier);
      if (bits !== undefined && this.#usable(bits) && !isUsed(bits)) return bits;
    }
    return undefined;
  }

  /** Says that an address is free again. Addresses of other pools are ignored. */
  release(bits: bigint): void {
    const ordinal = ordinalOf(this.#line, bits);
    if (ordinal === undefined || ordinal >= this.#frontier || !this.#usable(bits) || this.#waiting.has(ordinal)) return;
    this.#waiting.add(ordinal);
    this.#released.push(ordinal);
  }

  /** The first address of all, in use or not; undefined when there is none that may be used. */
  get lowest(): bigint | undefined {
    for (let ordinal = 0n; ordinal < 3n; ordinal++) {
      const bits = addressAt(this.#line, ordinal);
      if (bits !== undefined && this.#usable(bits)) return bits;
    }
    return undefined;
  }

  /** The position of an address in the order of handing out; undefined when it is not in this line. */
  ordinalOf(bits: bigint): bigint | undefined {
    return ordinalOf(this.#line, bits);
  }

  #usable(bits: bigint): boolean {
    return !(this.#avoidBuggyIPs && isBuggy(this.#line.family, bits));
  }
}
