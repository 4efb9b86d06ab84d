import { u32At } from "../codec/octets.ts";

/**
 * 32 bits made of the 16 octets at `offset`, so that addresses that differ only in prefix, or only in interface identifier,
 * differ here. Not proof against collisions: compare the octets.
 */
export function ipv6Digest(octets: Uint8Array, offset: number): number {
  let mixed = u32At(octets, offset);
  for (let at = offset + 4; at < offset + 16; at += 4) mixed = Math.imul(mixed ^ (mixed >>> 15), 0x9e37_79b1) ^ u32At(octets, at);
  return mixed;
}
