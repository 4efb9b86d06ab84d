import { formatAddress } from "../net/address.ts";
import { rangeOfPrefix } from "../net/prefix.ts";
import { intersectRanges, type Range } from "../net/range.ts";
import type { Finding, ObjectRef } from "./finding.ts";
import type { Pool } from "./snapshot.ts";

type Block = { readonly range: Range; readonly what: string };

/** Where no Service can be reached. RFC 1122 §3.2.1.3, RFC 5771, RFC 4291 §2.4. */
const blocks: readonly Block[] = [
  { range: ipv4(0, 8), what: "hosts use none of 0.0.0.0/8" },
  { range: ipv4(127, 8), what: "every host keeps 127.0.0.0/8 for itself" },
  { range: ipv4(224, 4), what: "224.0.0.0/4 is multicast" },
  { range: rangeOfPrefix({ family: "IPv4", bits: 0xffff_ffffn, length: 32 }), what: "it is the broadcast address" },
  { range: ipv6(0, 127), what: "it is the unspecified or the loopback address" },
  { range: ipv6(0xfe80, 10), what: "on each link fe80::/10 is another one" },
  { range: ipv6(0xff00, 8), what: "ff00::/8 is multicast" },
];

/** Warns of the first address of a pool that no client reaches a Service at, whatever is announced. */
export function unreachableAddressFindings(ref: ObjectRef, { entries }: Pool): readonly Finding[] {
  for (const [index, { text, range }] of entries.entries()) {
    for (const { range: block, what } of blocks) {
      const shared = intersectRanges(range, block);
      if (shared === undefined) continue;
      const field = `spec.addresses[${index}]`;
      const address = formatAddress({ family: shared.family, bits: shared.first });
      const message =
        `${ref.kind} "${ref.name}": ${field}: ${JSON.stringify(text)} holds ${address}, at which no client reaches a Service: ` +
        `${what}. Write a range without it`;
      return [{ code: "AddressesUnusable", severity: "warning", object: ref, others: [], field, message }];
    }
  }
  return [];
}

function ipv4(firstOctet: number, length: number): Range {
  return rangeOfPrefix({ family: "IPv4", bits: BigInt(firstOctet) << 24n, length });
}

function ipv6(firstGroup: number, length: number): Range {
  return rangeOfPrefix({ family: "IPv6", bits: BigInt(firstGroup) << 112n, length });
}
