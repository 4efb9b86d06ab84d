import type { Address, Family } from "../../crds/net/address.ts";
import { combinations, familyList } from "./families.ts";
import type { Reason } from "./reason.ts";
import type { Request } from "./request.ts";
import type { Verdict } from "./verdict.ts";

/** What would help a Service that does not have all it asks for. Nothing at all: only its own change, or its pools'. */
export type Need = {
  /** An address of any pool with autoAssign that serves it. */
  readonly isAutomatic: boolean;
  /** An address of one of these pools. */
  readonly pools: readonly string[];
  /** These very addresses. */
  readonly addresses: readonly Address[];
  /** One of these combinations of families must be free; empty together with no pools. */
  readonly combinations: readonly (readonly Family[])[];
  /** Changes of these pools can change what it lacks, or the words for it; undefined: those of any pool. */
  readonly regards: readonly string[] | undefined;
};

/** Undefined when the Service lacks nothing. */
export function needOf(request: Request, verdict: Verdict): Need | undefined {
  if (verdict.unmet.length === 0) return undefined;
  const parts = verdict.unmet.map((reason) => partOf(request, reason));
  return {
    isAutomatic: parts.some(({ isAutomatic }) => isAutomatic),
    pools: parts.flatMap(({ pools }) => pools ?? []),
    addresses: parts.flatMap(({ addresses }) => addresses ?? []),
    combinations: parts.flatMap((part) => part.combinations ?? []),
    regards: regardsOf(request),
  };
}

/** One that names a pool looks at no other; requested addresses may come to lie in any. */
function regardsOf({ wish }: Request): Need["regards"] {
  switch (wish.kind) {
    case "invalid":
      return [];
    case "pool":
      return [wish.pool];
    case "any":
    case "addresses":
      return undefined;
  }
}

function partOf(request: Request, reason: Reason): Partial<Need> {
  const { families = "dual" } = request;
  switch (reason.code) {
    case "NoAvailableIPs":
      return { isAutomatic: true, combinations: combinations(families, request) };
    case "PoolExhausted":
      return { pools: [reason.pool], combinations: combinations(families, request) };
    case "SecondFamilyUnavailable": {
      const other = request.requireDual && request.wish.kind === "any"; // a pair from elsewhere would do too
      const pair = other ? [familyList("dual")] : [];
      return { isAutomatic: other, pools: [reason.pool], combinations: [[reason.family], ...pair] };
    }
    case "AddressTaken":
    case "AddressReserved":
      return { addresses: [reason.address] };
    default:
      return {};
  }
}
