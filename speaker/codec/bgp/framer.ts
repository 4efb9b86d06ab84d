import { BgpError } from "./error.ts";
import { decodeHeader, headerOctets } from "./header.ts";
import type { MessageType } from "./registry.ts";

/** One whole message as it stood in the stream. */
export type Frame = {
  readonly type: MessageType;
  /** The whole message; its body begins at octet 19. A view of the chunk where the message lies in one chunk. */
  readonly octets: Uint8Array;
};

/** `error`: the stream cannot be followed any further; the frames stood before the fault. */
export type Framed = { readonly frames: readonly Frame[]; readonly error?: BgpError };

/**
 * Cuts what TCP delivers into messages. Holds at most one message that is not complete, 4096 octets, and copies an octet twice at
 * most, however small the chunks are. After an error it gives that error for ever and reads nothing.
 */
export class Framer {
  /** What there is of a message whose end is not there yet, header first. */
  #held = new Uint8Array(headerOctets);
  #heldOctets = 0;
  #type: MessageType | undefined;
  #error: BgpError | undefined;

  /** @param chunk is read, not kept; frames may be views of it, so the caller must not reuse it while it needs them. */
  push(chunk: Uint8Array): Framed {
    const frames: Frame[] = [];
    let at = 0;
    try {
      if (this.#error === undefined && this.#heldOctets > 0) at = this.#complete(chunk, frames);
      while (this.#error === undefined && chunk.length - at >= headerOctets) {
        const { type, length } = decodeHeader(chunk.subarray(at, at + headerOctets));
        if (chunk.length - at < length) break;
        frames.push({ type, octets: chunk.subarray(at, at + length) });
        at += length;
      }
      if (this.#error === undefined && at < chunk.length) this.#complete(chunk.subarray(at), frames);
    } catch (error) {
      if (!(error instanceof BgpError)) throw error;
      this.#error = error;
      this.#held = new Uint8Array();
    }
    return this.#error === undefined ? { frames } : { frames, error: this.#error };
  }

  /** Octets that wait for the rest of their message. */
  get heldOctets(): number {
    return this.#error === undefined ? this.#heldOctets : 0;
  }

  /** Adds to the message that is held. @returns how much of the chunk was taken. */
  #complete(chunk: Uint8Array, frames: Frame[]): number {
    let taken = 0;
    if (this.#type === undefined) {
      taken = this.#take(chunk);
      if (this.#heldOctets < headerOctets) return taken;
      const { type, length } = decodeHeader(this.#held);
      const whole = new Uint8Array(length);
      whole.set(this.#held);
      this.#held = whole;
      this.#type = type;
    }
    taken += this.#take(chunk.subarray(taken));
    if (this.#heldOctets < this.#held.length) return taken;
    frames.push({ type: this.#type, octets: this.#held });
    this.#held = new Uint8Array(headerOctets);
    this.#heldOctets = 0;
    this.#type = undefined;
    return taken;
  }

  /** Copies until what is held is full. */
  #take(chunk: Uint8Array): number {
    const part = chunk.subarray(0, this.#held.length - this.#heldOctets);
    this.#held.set(part, this.#heldOctets);
    this.#heldOctets += part.length;
    return part.length;
  }
}
