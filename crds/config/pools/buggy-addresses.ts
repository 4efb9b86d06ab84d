import { formatAddress } from "../../net/address.ts";
import type { Range } from "../../net/range.ts";
import type { Finding, ObjectRef } from "../finding.ts";
import type { Pool } from "../snapshot.ts";

/** Warns that avoidBuggyIPs leaves nothing of a pool: it holds addresses that end in .0 or .255, and no others. */
export function onlyBuggyFindings(ref: ObjectRef, { entries, avoidBuggyIPs }: Pool): readonly Finding[] {
  if (!avoidBuggyIPs || !entries.every(({ range }) => isBuggyAlone(range))) return [];
  const field = "spec.avoidBuggyIPs";
  const message =
    `${ref.kind} "${ref.name}": ${field}: it leaves none of the pool's addresses, which all end in .0 or .255: add others, or ` +
    "leave it out";
  return [{ code: "AddressesUnusable", severity: "warning", object: ref, others: [], field, message }];
}

/** Of three addresses in a row one is good: .255 and .0 stand beside each other. */
function isBuggyAlone({ family, first, last }: Range): boolean {
  return family === "IPv4" && last - first < 2n && [first, last].every((bits) => [0n, 255n].includes(bits % 256n));
}

/**
 * Warns that a pool hands out addresses ending in .0 or .255, which some equipment refuses to talk to, although whoever
 * wrote a prefix or a whole /24 may not have thought of them. A range that begins or ends there was written so.
 */
export function buggyAddressFindings(ref: ObjectRef, { entries, avoidBuggyIPs }: Pool): readonly Finding[] {
  if (avoidBuggyIPs) return [];
  for (const [index, { text, range }] of entries.entries()) {
    const buggy = firstBuggyAddress(range);
    if (buggy === undefined || (text.includes("-") && !coversWhole24(range))) continue;
    const field = `spec.addresses[${index}]`;
    const message =
      `${ref.kind} "${ref.name}": ${field}: ${JSON.stringify(text)} holds ${formatAddress({ family: "IPv4", bits: buggy })}, and ` +
      "some clients and routers take addresses ending in .0 or .255 for no host: set spec.avoidBuggyIPs to leave them out";
    return [{ code: "BuggyAddresses", severity: "warning", object: ref, others: [], field, message }];
  }
  return [];
}

function firstBuggyAddress({ family, first, last }: Range): bigint | undefined {
  if (family !== "IPv4") return undefined;
  const octet = first % 256n;
  const next = octet === 0n ? first : first - octet + 255n;
  return next <= last ? next : undefined;
}

function coversWhole24({ first, last }: Range): boolean {
  const start = ((first + 255n) / 256n) * 256n;
  return start + 255n <= last;
}
