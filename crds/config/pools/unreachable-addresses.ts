import { formatAddress } from "../../net/address.ts";
import { rangeOfPrefix } from "../../net/prefix.ts";
import { intersectRanges, type Range } from "../../net/range.ts";
import type { Finding, ObjectRef } from "../finding.ts";
import type { Pool } from "../snapshot.ts";

type Block = {
  readonly range: Range;
  readonly what: string;
  /** A program on the same host can be reached there. */
  readonly isOwnHost?: true;
};

export type Unreachable = { readonly address: string; readonly what: string; readonly isOwnHost: boolean };

/** Where nothing of the network can be reached. RFC 1122 §3.2.1.3, RFC 5771, RFC 4291 §2.4. */
const blocks: readonly Block[] = [
  { range: ipv4(0, 8), what: "hosts use none of 0.0.0.0/8" },
  { range: ipv4(127, 8), what: "every host keeps 127.0.0.0/8 for itself", isOwnHost: true },
  { range: ipv4(224, 4), what: "224.0.0.0/4 is multicast" },
  { range: rangeOfPrefix({ family: "IPv4", bits: 0xffff_ffffn, length: 32 }), what: "it is the broadcast address" },
  { range: ipv6(0, 128), what: "it is the unspecified address" },
  { range: rangeOfPrefix({ family: "IPv6", bits: 1n, length: 128 }), what: "every host keeps ::1 for itself", isOwnHost: true },
  { range: ipv6(0xfe80, 10), what: "on each link fe80::/10 is another one" },
  { range: ipv6(0xff00, 8), what: "ff00::/8 is multicast" },
];

/** The first address of a range at which nothing can be reached, and why; undefined: all can. */
export function unreachableIn(range: Range): Unreachable | undefined {
  for (const block of blocks) {
    const shared = intersectRanges(range, block.range);
    if (shared === undefined) continue;
    return {
      address: formatAddress({ family: shared.family, bits: shared.first }),
      what: block.what,
      isOwnHost: block.isOwnHost ?? false,
    };
  }
  return undefined;
}

/** Warns of the first address of a pool that no client reaches a Service at, whatever is announced. */
export function unreachableAddressFindings(ref: ObjectRef, { entries }: Pool): readonly Finding[] {
  for (const [index, { text, range }] of entries.entries()) {
    const found = unreachableIn(range);
    if (found === undefined) continue;
    const field = `spec.addresses[${index}]`;
    const message =
      `${ref.kind} "${ref.name}": ${field}: ${JSON.stringify(text)} holds ${found.address}, at which no client reaches a Service: ` +
      `${found.what}. Write a range without it`;
    return [{ code: "AddressesUnusable", severity: "warning", object: ref, others: [], field, message }];
  }
  return [];
}

function ipv4(firstOctet: number, length: number): Range {
  return rangeOfPrefix({ family: "IPv4", bits: BigInt(firstOctet) << 24n, length });
}

function ipv6(firstGroup: number, length: number): Range {
  return rangeOfPrefix({ family: "IPv6", bits: BigInt(firstGroup) << 112n, length });
}
