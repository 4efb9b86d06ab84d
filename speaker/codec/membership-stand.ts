import { formatAddress, parseAddress } from "../../crds/net/address.ts";
import { type Reader, Writer } from "./cursor.ts";
import { addressOfOctets, octetsOfAddress } from "./ip-octets.ts";

/** A node stands for an address: it announces it, and says how it would fare in an election. */
export type Stand = {
  readonly address: string;
  /** The address whose text decides between equal scores: the first one of the Service. */
  readonly key: string;
  /** Sum of its preferred-node weights, 0 for none. */
  readonly score: number;
  /** True: only until another node stands for it, since this one is about to leave or may not own it any more. */
  readonly lapsing: boolean;
};

const lapsingBit = 1;

/** flags(1) score(4) length of the address(1) address, key. Undefined when a text is no address. */
export function encodeStand({ address, key, score, lapsing }: Stand): Uint8Array | undefined {
  const own = octetsOf(address);
  const first = octetsOf(key);
  if (own === undefined || first === undefined) return undefined;
  const w = new Writer().u8(lapsing ? lapsingBit : 0).u32(Math.min(score, 0xffff_ffff));
  return w.u8(own.length).bytes(own).bytes(first).finish();
}

/** Inverse of {@link encodeStand}. @throws {CodecError} */
export function decodeStand(r: Reader): Stand {
  const flags = r.u8("flags");
  const score = r.u32("score");
  const address = textOf(r, r.bytes(r.u8("address length"), "address"), "address");
  const key = textOf(r, r.rest(), "key");
  return { address, key, score, lapsing: (flags & lapsingBit) !== 0 };
}

/** Undefined when the text is no address. */
export function octetsOf(text: string): Uint8Array | undefined {
  const address = parseAddress(text);
  return address && octetsOfAddress(address);
}

/** @throws {CodecError} when the octets are not 4 or 16. */
export function textOf(r: Reader, octets: Uint8Array, field: string): string {
  const address = addressOfOctets(octets);
  if (address === undefined) throw r.error(field, `has ${octets.length} octets, not 4 or 16`);
  return formatAddress(address);
}
