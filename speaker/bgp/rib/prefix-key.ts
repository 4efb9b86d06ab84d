import type { Family } from "../../../crds/net/address.ts";
import { type Prefix, prefixOf } from "../../../crds/net/prefix.ts";

import { prefixOctets } from "../../codec/bgp/nlri.ts";

/** A prefix as the key of a map: short, since there is one for every route. */
export type PrefixKey = string;

export function keyOfPrefix({ family, bits, length }: Prefix): PrefixKey {
  return `${family === "IPv4" ? "4" : "6"}${bits.toString(16)}/${length}`;
}

/** Inverse of {@link keyOfPrefix}. */
export function prefixOfKey(key: PrefixKey): Prefix {
  const slash = key.indexOf("/");
  return prefixOf(familyOfKey(key), BigInt(`0x${key.slice(1, slash)}`), Number(key.slice(slash + 1)));
}

export function familyOfKey(key: PrefixKey): Family {
  return key.startsWith("4") ? "IPv4" : "IPv6";
}

/** What the prefix takes in an UPDATE. */
export function octetsOfKey(key: PrefixKey): number {
  return prefixOctets(Number(key.slice(key.indexOf("/") + 1)));
}
