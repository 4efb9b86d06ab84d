import type { Pool } from "../../crds/config/snapshot.ts";
import type { Family } from "../../crds/net/address.ts";
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
  readonly #released = new OrdinalHeap();

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
    if (ordinal !== undefined && ordinal < this.#frontier && this.#usable(bits)) this.#released.push(ordinal);
  }

  /** The position of an address in the order of handing out; undefined when it is not in this line. */
  ordinalOf(bits: bigint): bigint | undefined {
    return ordinalOf(this.#line, bits);
  }

  #usable(bits: bigint): boolean {
    return !(this.#avoidBuggyIPs && isBuggy(this.#line.family, bits));
  }
}

/** Binary min-heap of distinct numbers. */
class OrdinalHeap {
  readonly #items: bigint[] = [];
  readonly #members = new Set<bigint>();

  peek(): bigint | undefined {
    return this.#items[0];
  }

  push(ordinal: bigint): void {
    if (this.#members.has(ordinal)) return;
    this.#members.add(ordinal);
    this.#items.push(ordinal);
    let child = this.#items.length - 1;
    while (child > 0) {
      const parent = (child - 1) >>> 1;
      if (!this.#swapIfLess(child, parent)) return;
      child = parent;
    }
  }

  pop(): void {
    const top = this.#items[0];
    const last = this.#items.pop();
    if (top === undefined || last === undefined) return;
    this.#members.delete(top);
    if (this.#items.length === 0) return;
    this.#items[0] = last;
    let parent = 0;
    for (;;) {
      const left = 2 * parent + 1;
      const right = left + 1;
      const child = this.#less(right, left) ? right : left;
      if (!this.#swapIfLess(child, parent)) return;
      parent = child;
    }
  }

  #less(a: number, b: number): boolean {
    const left = this.#items[a];
    const right = this.#items[b];
    return left !== undefined && (right === undefined || left < right);
  }

  #swapIfLess(a: number, b: number): boolean {
    const left = this.#items[a];
    const right = this.#items[b];
    if (left === undefined || right === undefined || left >= right) return false;
    this.#items[a] = right;
    this.#items[b] = left;
    return true;
  }
}
