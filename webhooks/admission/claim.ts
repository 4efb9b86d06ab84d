import { isJsonObject, member, parseJson } from "./json.ts";
import { nameOf } from "./placement.ts";

/** Addresses that an answer "allowed" has promised to a pool, which may not be stored yet. */
export type Claim = {
  /** The uid of the admission request that was allowed. */
  readonly id: string;
  /** Name of the pool. */
  readonly pool: string;
  /** `metadata.uid` of the pool; the API server makes it up before it asks. */
  readonly uid: string;
  /** `metadata.generation` that the pool has once this write is stored. */
  readonly generation: number;
  readonly operation: "CREATE" | "UPDATE";
  /** The pool's readable entries, as its author wrote them. */
  readonly addresses: readonly string[];
  /** Wall clock of the replica that answered, milliseconds since the epoch. */
  readonly answeredAt: number;
};

/**
 * How long an allowed write may take to be stored. The API server gives up on a create or update 34 s after it began, and
 * etcd on a request after about 7 s; the rest is for clocks that differ.
 */
export const claimLifetimeMs = 60_000;

/** Claims that may stand at once. Each is one pool whose write is on its way, so that even a burst needs few. */
export const claimLimit = 256;

/** Octets of the claims' text: an object's annotations may have 256 KiB together. */
export const claimTextLimit = 200_000;

/**
 * The claims whose write may still be stored and is not to be seen in `pools`.
 * @param pools the stored pools, read after `claims` was read.
 * @param now wall clock. A claim from the future is as old as its distance, so that a clock set back cannot keep it for ever.
 */
export function pendingClaims(claims: readonly Claim[], pools: readonly unknown[], now: number): readonly Claim[] {
  return claims.filter((claim) => Math.abs(now - claim.answeredAt) < claimLifetimeMs && !isSettled(claim, pools));
}

/**
 * Whether `pools` shows the outcome. A create is stored once its uid is there. An update is decided on one generation: once
 * the stored generation has reached the one it would have made, or the pool is gone, it was stored or never will be.
 */
export function isSettled(claim: Claim, pools: readonly unknown[]): boolean {
  const stored = pools.find((pool) => nameOf(pool) === claim.pool && member(member(pool, "metadata"), "uid") === claim.uid);
  if (stored === undefined) return claim.operation === "UPDATE";
  const generation = member(member(stored, "metadata"), "generation");
  return claim.operation === "CREATE" || (typeof generation === "number" && generation >= claim.generation);
}

/** The text that is stored for `claims`; inverse of {@link decodeClaims}. */
export function encodeClaims(claims: readonly Claim[]): string {
  return JSON.stringify(claims);
}

/** @returns undefined when `text` was not written by {@link encodeClaims}. Absent text holds no claims. */
export function decodeClaims(text: string | undefined): readonly Claim[] | undefined {
  const claims = text === undefined ? [] : parseJson(text);
  return Array.isArray(claims) && claims.every(isClaim) ? claims : undefined;
}

function isClaim(value: unknown): value is Claim {
  if (!isJsonObject(value)) return false;
  const { id, pool, uid, generation, operation, addresses, answeredAt } = value;
  return (
    [id, pool, uid].every((text) => typeof text === "string") &&
    [generation, answeredAt].every(Number.isFinite) &&
    (operation === "CREATE" || operation === "UPDATE") &&
    Array.isArray(addresses) &&
    addresses.every((address) => typeof address === "string")
  );
}
