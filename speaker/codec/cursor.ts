import { CodecError } from "./error.ts";

/** Reads octets from first to last, network byte order. Every read is bounds-checked and throws {@link CodecError}. */
export class Reader {
  readonly #octets: Uint8Array;
  readonly #view: DataView;
  readonly #protocol: string;
  #offset = 0;

  /** @param protocol names the structure in errors. */
  constructor(octets: Uint8Array, protocol: string) {
    this.#octets = octets;
    this.#view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    this.#protocol = protocol;
  }

  /** Octets read so far. */
  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#octets.length - this.#offset;
  }

  /** The next octet, which stays unread; undefined at the end. */
  get next(): number | undefined {
    return this.#octets[this.#offset];
  }

  u8(field: string): number {
    return this.#view.getUint8(this.#advance(1, field));
  }

  u16(field: string): number {
    return this.#view.getUint16(this.#advance(2, field));
  }

  u32(field: string): number {
    return this.#view.getUint32(this.#advance(4, field));
  }

  /** A view, not a copy, of the next `length` octets. */
  bytes(length: number, field: string): Uint8Array {
    const at = this.#advance(length, field);
    return this.#octets.subarray(at, at + length);
  }

  /** A view of everything not read yet; may be empty. */
  rest(): Uint8Array {
    return this.bytes(this.remaining, "rest");
  }

  skip(length: number, field: string): void {
    this.#advance(length, field);
  }

  /** @returns the error to throw for a field that starts `back` octets before the present offset. */
  error(field: string, problem: string, back = 0): CodecError {
    return new CodecError(this.#protocol, field, this.#offset - back, problem);
  }

  #advance(length: number, field: string): number {
    if (length > this.remaining) {
      throw this.error(field, `needs ${length} octets, ${this.remaining} are left`);
    }
    const at = this.#offset;
    this.#offset += length;
    return at;
  }
}

/** Writes octets in network byte order; grows as needed. Values wider than their field are an error of the caller. */
export class Writer {
  #octets: Uint8Array;
  #length = 0;

  /** @param capacity octets to allocate at first: give the final length where it is known. */
  constructor(capacity = 64) {
    this.#octets = new Uint8Array(capacity);
  }

  u8(value: number): this {
    const at = this.#reserve(1);
    this.#octets[at] = value;
    return this;
  }

  u16(value: number): this {
    const at = this.#reserve(2);
    this.#octets[at] = value >>> 8;
    this.#octets[at + 1] = value;
    return this;
  }

  u32(value: number): this {
    const at = this.#reserve(4);
    this.#octets[at] = value >>> 24;
    this.#octets[at + 1] = value >>> 16;
    this.#octets[at + 2] = value >>> 8;
    this.#octets[at + 3] = value;
    return this;
  }

  bytes(octets: Uint8Array): this {
    const at = this.#reserve(octets.length);
    this.#octets.set(octets, at);
    return this;
  }

  zeros(length: number): this {
    this.#reserve(length);
    return this;
  }

  /** @returns what was written; the writer must not be used afterwards. */
  finish(): Uint8Array {
    return this.#octets.subarray(0, this.#length);
  }

  #reserve(length: number): number {
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#octets.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#octets.length * 2));
      grown.set(this.#octets);
      this.#octets = grown;
    }
    return at;
  }
}
