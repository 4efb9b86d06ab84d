import { type Address, formatAddress, parseAddress } from "../../crds/net/address.ts";
import { Reader, Writer } from "./cursor.ts";
import { CodecError } from "./error.ts";
import { addressOfOctets, octetsOfAddress } from "./ip-octets.ts";
import { idOctets, maxNameOctets } from "./membership-limit.ts";
import { fromHex, toHex } from "./octets.ts";

/** Octets that a field adds to its value: tag(1) length(2). */
export const fieldHeadOctets = 3;

/** Writes fields: tag(1) length(2) value. A field whose value is undefined is left out. */
export class FieldWriter {
  readonly #w: Writer;

  constructor(capacity = 256) {
    this.#w = new Writer(capacity);
  }

  /** What stands before the first field. */
  head(octet: number): this {
    this.#w.u8(octet);
    return this;
  }

  octets(tag: number, value: Uint8Array | undefined): this {
    if (value !== undefined) this.#w.u8(tag).u16(value.length).bytes(value);
    return this;
  }

  u8(tag: number, value: number | undefined): this {
    if (value !== undefined) this.#w.u8(tag).u16(1).u8(value);
    return this;
  }

  u16(tag: number, value: number | undefined): this {
    if (value !== undefined) this.#w.u8(tag).u16(2).u16(value);
    return this;
  }

  u32(tag: number, value: number | undefined): this {
    if (value !== undefined) this.#w.u8(tag).u16(4).u32(value);
    return this;
  }

  /** Present, without octets, when true. */
  flag(tag: number, value: boolean): this {
    if (value) this.#w.u8(tag).u16(0);
    return this;
  }

  id(tag: number, value: string | undefined): this {
    return this.octets(tag, value === undefined ? undefined : fromHex(value));
  }

  name(tag: number, value: string | undefined): this {
    return this.octets(tag, value === undefined ? undefined : octetsOfName(value));
  }

  /** Left out when the text is no address. */
  address(tag: number, value: string): this {
    const address = parseAddress(value);
    return this.octets(tag, address && octetsOfAddress(address));
  }

  finish(): Uint8Array {
    return this.#w.finish();
  }
}

/**
 * Fields by tag, in any order. A tag that nobody asks for is skipped, so that a later version can add fields.
 * The getters throw {@link CodecError}; of a field that may stand once the first one counts.
 */
export class Fields {
  readonly #protocol: string;
  readonly #values = new Map<number, Uint8Array[]>();

  /** @throws {CodecError} when a length reaches over the end. */
  constructor(octets: Uint8Array, protocol: string) {
    this.#protocol = protocol;
    const r = new Reader(octets, protocol);
    while (r.remaining > 0) {
      const tag = r.u8("tag");
      const value = r.bytes(r.u16("length"), `field ${tag}`);
      const same = this.#values.get(tag);
      if (same === undefined) this.#values.set(tag, [value]);
      else same.push(value);
    }
  }

  all(tag: number): readonly Uint8Array[] {
    return this.#values.get(tag) ?? [];
  }

  flag(tag: number): boolean {
    return this.#values.has(tag);
  }

  optional(tag: number): Uint8Array | undefined {
    return this.#values.get(tag)?.[0];
  }

  octets(tag: number, field: string): Uint8Array {
    const value = this.optional(tag);
    if (value === undefined) throw this.error(field, "is missing");
    return value;
  }

  u8(tag: number, field: string): number {
    return this.#fixed(tag, 1, field).u8(field);
  }

  u16(tag: number, field: string): number {
    return this.#fixed(tag, 2, field).u16(field);
  }

  u32(tag: number, field: string): number {
    return this.#fixed(tag, 4, field).u32(field);
  }

  id(tag: number, field: string): string {
    return toHex(this.#fixed(tag, idOctets, field).rest());
  }

  name(tag: number, field: string): string {
    return nameOfOctets(this.octets(tag, field), this.#protocol, field);
  }

  /** Empty text when the field is absent. */
  address(tag: number, field: string): string {
    const value = this.optional(tag);
    if (value === undefined) return "";
    const address: Address | undefined = addressOfOctets(value);
    if (address === undefined) throw this.error(field, `has ${value.length} octets, not 4 or 16`);
    return formatAddress(address);
  }

  /** The member of `names` whose place is the field's octet. */
  choice<Name extends string>(tag: number, names: readonly Name[], field: string): Name {
    const place = this.u8(tag, field);
    const name = names[place];
    if (name === undefined) throw this.error(field, `${place} is unknown`);
    return name;
  }

  error(field: string, problem: string): CodecError {
    return new CodecError(this.#protocol, field, 0, problem);
  }

  #fixed(tag: number, length: number, field: string): Reader {
    const value = this.octets(tag, field);
    if (value.length !== length) throw this.error(field, `has ${value.length} octets, not ${length}`);
    return new Reader(value, this.#protocol);
  }
}

/** @throws {RangeError} when the name is not 1 to 253 characters of visible ASCII: no node has such a name. */
export function octetsOfName(name: string): Uint8Array {
  if (name.length === 0 || name.length > maxNameOctets) throw new RangeError(`a node's name has ${name.length} characters`);
  const octets = new Uint8Array(name.length);
  for (let i = 0; i < name.length; i += 1) {
    const code = name.charCodeAt(i);
    if (!isVisibleAscii(code)) throw new RangeError(`a node's name has the character ${code}`);
    octets[i] = code;
  }
  return octets;
}

/** Inverse of {@link octetsOfName}. @throws {CodecError} */
export function nameOfOctets(octets: Uint8Array, protocol: string, field: string): string {
  if (octets.length === 0 || octets.length > maxNameOctets) {
    throw new CodecError(protocol, field, 0, `has ${octets.length} octets, not 1 to ${maxNameOctets}`);
  }
  for (const octet of octets) {
    if (!isVisibleAscii(octet)) throw new CodecError(protocol, field, 0, `holds the octet ${octet}`);
  }
  return String.fromCharCode(...octets);
}

function isVisibleAscii(code: number): boolean {
  return code > 0x20 && code < 0x7f;
}
