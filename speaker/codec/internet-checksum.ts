import { u16At } from "./octets.ts";

/** The ones' complement of the sum of all 16-bit words, each part padded to whole words. RFC 1071. */
export function internetChecksum(parts: readonly Uint8Array[], start = 0): number {
  let sum = start;
  for (const octets of parts) for (let i = 0; i < octets.length; i += 2) sum += u16At(octets, i);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return ~sum & 0xffff;
}
