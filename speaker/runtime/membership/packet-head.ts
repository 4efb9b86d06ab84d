import { u32At } from "../../codec/octets.ts";

const counterOctets = 8;
const twoTo32 = 0x1_0000_0000;

/**
 * The head of all packets of one start of a node: they differ in nothing but the counter at its end. Behind it stands what else
 * the seal covers. One buffer for all packets: whoever keeps it must copy it.
 */
export class PacketHead {
  readonly #covered: Uint8Array;
  readonly #view: DataView;
  readonly length: number;

  /** @param head of any packet of that start. @param cluster what the seal covers besides. */
  constructor(head: Uint8Array, cluster: Uint8Array) {
    this.#covered = Uint8Array.from([...head, ...cluster]);
    this.#view = new DataView(this.#covered.buffer);
    this.length = head.length;
  }

  /** True when the packet has this head, whatever its counter. */
  standsOn(packet: Uint8Array): boolean {
    const counterAt = this.length - counterOctets;
    if (packet.length < this.length) return false;
    for (let i = 0; i < counterAt; i += 1) if (packet[i] !== this.#covered[i]) return false;
    return true;
  }

  /** The counter of a packet that this head stands on; what is above 2^53 is not exact. */
  counterOf(packet: Uint8Array): number {
    const at = this.length - counterOctets;
    return u32At(packet, at) * twoTo32 + u32At(packet, at + 4);
  }

  /** What the seal of the packet with that counter covers; valid until the next call. */
  coveredWith(counter: number): Uint8Array {
    const at = this.length - counterOctets;
    this.#view.setUint32(at, Math.floor(counter / twoTo32));
    this.#view.setUint32(at + 4, counter % twoTo32);
    return this.#covered;
  }

  /** The head with the counter of the last {@link coveredWith}; valid until the next one. */
  get head(): Uint8Array {
    return this.#covered.subarray(0, this.length);
  }
}
