import type { AnnouncedAddress } from "./announcement-table.ts";

/** announce: a burst for every address. refresh: one round. */
export type WaveKind = "announce" | "refresh";

/** Addresses that are looked at in one step. */
const addressesInStep = 256;

/**
 * Goes through all addresses in steps: to queue ten thousand at once would keep the thread from answering. What is asked for while
 * a wave runs follows it, so that ever new waves do not forget the last addresses for the first.
 */
export class AnnouncementWave {
  readonly #addresses: () => Iterator<AnnouncedAddress>;
  #running: { readonly kind: WaveKind; readonly rest: Iterator<AnnouncedAddress> } | undefined;
  #following: WaveKind | undefined;

  constructor(addresses: () => Iterator<AnnouncedAddress>) {
    this.#addresses = addresses;
  }

  start(kind: WaveKind): void {
    if (this.#running === undefined) this.#running = { kind, rest: this.#addresses() };
    else if (this.#following !== "announce") this.#following = kind;
  }

  get pending(): boolean {
    return this.#running !== undefined;
  }

  /** Hands on addresses while there is room for them. */
  step(hasRoom: () => boolean, each: (address: AnnouncedAddress, kind: WaveKind) => void): void {
    for (let looked = 0; looked < addressesInStep && this.#running !== undefined && hasRoom(); looked += 1) {
      const { kind, rest } = this.#running;
      const { value, done } = rest.next();
      if (done === true) this.#end();
      else each(value, kind);
    }
  }

  #end(): void {
    const following = this.#following;
    this.#following = undefined;
    this.#running = following && { kind: following, rest: this.#addresses() };
  }
}
