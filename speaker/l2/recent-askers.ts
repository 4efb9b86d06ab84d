import { isGroupMac, macLength } from "../codec/mac.ts";
import { equalOctets, matchesAt, u32At } from "../codec/octets.ts";

/** A host that was told where an address of this node's is. */
export type Asker = {
  /** Its own address, network order, 4 or 16 octets. */
  readonly ip: Uint8Array;
  readonly mac: Uint8Array;
  /** The kernel's index of the interface by which it asked. */
  readonly linkIndex: number;
  /** When it asked last, in milliseconds of the clock that {@link RecentAskers.remember} was given. */
  readonly at: number;
};

/** A host, and the announced address that it asked for. */
export type AskedPair = { readonly target: Uint8Array; readonly asker: Asker };

/** Pairs of host and address that are remembered at most. */
export const rememberedPairs = 65_536;

/** Offsets in an answer, the same for ARP and NDP: its Ethernet destination, and the address of the host that it is for. */
const at = { mac: 0, ip: 38 } as const;
const ipLength = 16;
const keyLength = 2 * ipLength;
/** Pairs in one chain of the index. Not even hosts that choose their addresses for it can make looking slower than this. */
const longestChain = 16;
/** Pairs that {@link RecentAskers.latest} looks at: a router that asks for every address fills many in a row. */
const lookBack = 8_192;

/**
 * Who asked for which address, the longest ago forgotten first. It has all its memory from the start, though the kernel gives
 * pages only as they are used, and remembering allocates nothing. Slots are numbered from 1; 0 is none.
 */
export class RecentAskers {
  readonly capacity: number;
  /** Per slot the announced address and the host's, IPv4 in its IPv6-mapped form (RFC 4291 §2.5.5.2). */
  readonly #keys: Uint8Array;
  readonly #macs: Uint8Array;
  readonly #links: Int32Array;
  readonly #askedAt: Float64Array;
  readonly #older: Int32Array;
  readonly #newer: Int32Array;
  /** First slot of each chain, and the next one in the chain. */
  readonly #chains: Int32Array;
  readonly #nextInChain: Int32Array;
  readonly #key = new Uint8Array(keyLength);
  #newest = 0;
  #oldest = 0;
  #size = 0;

  /** @param chains of the index: the fewer, the longer each. */
  constructor(capacity: number = rememberedPairs, chains: number = capacity) {
    const slots = capacity + 1;
    this.capacity = capacity;
    this.#keys = new Uint8Array(slots * keyLength);
    this.#macs = new Uint8Array(slots * macLength);
    this.#links = new Int32Array(slots);
    this.#askedAt = new Float64Array(slots);
    this.#older = new Int32Array(slots);
    this.#newer = new Int32Array(slots);
    this.#nextInChain = new Int32Array(slots);
    this.#chains = new Int32Array(chains);
  }

  get size(): number {
    return this.#size;
  }

  /** All memory that it has and will ever have, in octets. */
  get octets(): number {
    const perSlot = [this.#keys, this.#macs, this.#links, this.#askedAt, this.#older, this.#newer, this.#nextInChain];
    return [...perSlot, this.#chains].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /**
   * Takes down whom an answer is for. Hosts that have no address yet (probes), and those that want the answer sent to a group,
   * are not remembered.
   * @param target the announced address, 4 or 16 octets.
   * @param reply the whole frame, ARP or NDP.
   */
  remember(target: Uint8Array, reply: Uint8Array, linkIndex: number, now: number): void {
    if (isGroupMac(reply, at.mac) || isZero(reply, at.ip, target.length)) return;
    putAddress(this.#key, 0, target, 0, target.length);
    putAddress(this.#key, ipLength, reply, at.ip, target.length);
    const chain = this.#chainOf(this.#key, 0, linkIndex);
    const known = this.#find(chain, linkIndex);
    if (known !== 0) this.#unlink(known);
    const slot = known !== 0 ? known : this.#claim(chain, linkIndex);
    for (let i = 0; i < macLength; i += 1) this.#macs[slot * macLength + i] = reply[at.mac + i] ?? 0;
    this.#askedAt[slot] = now;
    this.#linkAsNewest(slot);
  }

  /**
   * Hosts that asked last, each once, the latest first.
   * @param isUsable tells whether hosts on the interface of that index are wanted.
   */
  latest(count: number, isUsable: (linkIndex: number) => boolean = () => true): readonly Asker[] {
    const found: Asker[] = [];
    let slot = this.#newest;
    for (let looked = 0; slot !== 0 && looked < lookBack && found.length < count; looked += 1) {
      if (isUsable(this.#links[slot] ?? 0)) {
        const asker = this.#askerIn(slot);
        if (!found.some(({ ip, linkIndex }) => linkIndex === asker.linkIndex && equalOctets(ip, asker.ip))) found.push(asker);
      }
      slot = this.#older[slot] ?? 0;
    }
    return found;
  }

  /**
   * The pair in one place of the memory, for walking through all of it in steps: a pair keeps its place.
   * @param slot 1 to {@link size}.
   * @returns undefined when the host is on another interface, or asked last outside of `from` to `until`.
   */
  pairAt(slot: number, linkIndex: number, from: number, until: number): AskedPair | undefined {
    const askedAt = this.#askedAt[slot] ?? Number.NaN;
    if (slot < 1 || slot > this.#size || this.#links[slot] !== linkIndex || !(askedAt >= from && askedAt <= until))
      return undefined;
    return { target: this.#addressIn(slot, 0), asker: this.#askerIn(slot) };
  }

  #find(chain: number, linkIndex: number): number {
    let slot = this.#chains[chain] ?? 0;
    while (slot !== 0 && !(this.#links[slot] === linkIndex && matchesAt(this.#keys, slot * keyLength, this.#key))) {
      slot = this.#nextInChain[slot] ?? 0;
    }
    return slot;
  }

  /** A slot for the present key: where there is no room, that of the pair that must go. */
  #claim(chain: number, linkIndex: number): number {
    const crowded = this.#oldestOfFull(chain);
    const freed = crowded === 0 && this.#size === this.capacity ? this.#oldest : crowded;
    if (freed === 0) this.#size += 1;
    else this.#drop(freed);
    const slot = freed === 0 ? this.#size : freed;
    this.#keys.set(this.#key, slot * keyLength);
    this.#links[slot] = linkIndex;
    this.#nextInChain[slot] = this.#chains[chain] ?? 0;
    this.#chains[chain] = slot;
    return slot;
  }

  /** 0 when the chain has room. */
  #oldestOfFull(chain: number): number {
    let oldest = 0;
    let length = 0;
    for (let slot = this.#chains[chain] ?? 0; slot !== 0; slot = this.#nextInChain[slot] ?? 0) {
      length += 1;
      if (oldest === 0 || (this.#askedAt[slot] ?? 0) < (this.#askedAt[oldest] ?? 0)) oldest = slot;
    }
    return length < longestChain ? 0 : oldest;
  }

  #drop(slot: number): void {
    this.#unlink(slot);
    const chain = this.#chainOf(this.#keys, slot * keyLength, this.#links[slot] ?? 0);
    const next = this.#nextInChain[slot] ?? 0;
    let before = this.#chains[chain] ?? 0;
    if (before === slot) {
      this.#chains[chain] = next;
      return;
    }
    while (before !== 0 && this.#nextInChain[before] !== slot) before = this.#nextInChain[before] ?? 0;
    this.#nextInChain[before] = next;
  }

  #unlink(slot: number): void {
    const older = this.#older[slot] ?? 0;
    const newer = this.#newer[slot] ?? 0;
    if (newer === 0) this.#newest = older;
    else this.#older[newer] = older;
    if (older === 0) this.#oldest = newer;
    else this.#newer[older] = newer;
  }

  #linkAsNewest(slot: number): void {
    this.#older[slot] = this.#newest;
    this.#newer[slot] = 0;
    if (this.#newest === 0) this.#oldest = slot;
    else this.#newer[this.#newest] = slot;
    this.#newest = slot;
  }

  #chainOf(keys: Uint8Array, offset: number, linkIndex: number): number {
    let mixed = linkIndex;
    for (let i = offset; i < offset + keyLength; i += 4) mixed = Math.imul(mixed ^ (mixed >>> 15), 0x9e37_79b1) ^ u32At(keys, i);
    return (Math.imul(mixed ^ (mixed >>> 15), 0x85eb_ca6b) >>> 0) % this.#chains.length;
  }

  #askerIn(slot: number): Asker {
    const mac = this.#macs.slice(slot * macLength, (slot + 1) * macLength);
    const ip = this.#addressIn(slot, ipLength);
    return { ip, mac, linkIndex: this.#links[slot] ?? 0, at: this.#askedAt[slot] ?? 0 };
  }

  /** One of the two addresses of a slot: that of this node (0), or the host's (16). */
  #addressIn(slot: number, part: 0 | typeof ipLength): Uint8Array {
    const start = slot * keyLength + part;
    const isIpv4 = matchesAt(this.#keys, slot * keyLength, mappedPrefix);
    return this.#keys.slice(isIpv4 ? start + mappedPrefix.length : start, start + ipLength);
  }
}

/** ::ffff:0:0/96. */
const mappedPrefix = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

function putAddress(into: Uint8Array, start: number, from: Uint8Array, offset: number, length: number): void {
  if (length !== ipLength) into.set(mappedPrefix, start);
  for (let i = 0; i < length; i += 1) into[start + ipLength - length + i] = from[offset + i] ?? 0;
}

function isZero(octets: Uint8Array, offset: number, length: number): boolean {
  for (let i = offset; i < offset + length; i += 1) if (octets[i] !== 0) return false;
  return true;
}
