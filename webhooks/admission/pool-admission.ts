import type { Lists } from "../../crds/config/advise.ts";
import { emptyResources, type Resources } from "../../crds/config/resources.ts";
import { rangesOf, setOfRanges, subtract } from "../../crds/net/address-set.ts";
import { formatRange } from "../../crds/net/range.ts";
import { verdict } from "./admission.ts";
import { type Claim, claimLifetimeMs, claimLimit, claimTextLimit, encodeClaims, pendingClaims } from "./claim.ts";
import { isJsonObject, member, textMember } from "./json.ts";
import { nameOf, replaced } from "./placement.ts";
import { isEmptySet, poolAddresses, poolEntries } from "./pool-addresses.ts";
import { refusal } from "./refusal.ts";
import type { AdmissionRequest, Verdict } from "./request.ts";
import { type Policy, type Scene, sceneOf } from "./scene.ts";

/** What one replica reads before it decides: the claims first, the pools after them. */
export type PoolSight = {
  readonly claims: readonly Claim[];
  readonly pools: readonly unknown[];
  /** What else was read, for warnings alone; nothing when absent. */
  readonly beside?: { readonly stored: Resources; readonly known: Lists };
};

export type PoolDecision = {
  readonly verdict: Verdict;
  /** To be stored, in the place of the claims that were read and only if those still stand, before the verdict is told. */
  readonly record?: readonly Claim[];
  /** Denied only for the sake of claims: a little later they may be gone. */
  readonly mayChange: boolean;
  /** What was judged, claims left out. */
  readonly scene: Scene;
};

/**
 * Decides one write of an IPAddressPool so that no two overlapping pools are ever both admitted, whatever replicas answer and
 * in whatever order.
 *
 * Reading the stored pools is not enough: two creates can both be allowed before either is stored. So whoever allows a pool
 * more addresses first records a claim on them in one shared object, under that object's resourceVersion. Such writes form
 * one order. Of two that overlap, the later one was decided on a reading in which the earlier claim stood. Either the claim is
 * still there, and denies; or it was dropped because somebody saw the pool stored, and then the pools, read after the claims,
 * show it; or it is older than {@link claimLifetimeMs}, and that write can no longer be stored.
 *
 * An update that adds no address to what is stored needs no claim: the API server stores it only onto the version it was
 * decided on, and nobody is allowed those addresses while that version stands. Dry runs record nothing.
 * @param now wall clock, milliseconds.
 */
export function decidePool(
  request: AdmissionRequest,
  policy: Policy,
  { claims, pools, beside }: PoolSight,
  now: number,
): PoolDecision {
  const pending = pendingClaims(claims, pools, now);
  const others = pending.filter((claim) => claim.pool !== request.name);
  const scene = poolScene(request, policy, pools, beside);
  const decided = verdict(request, poolScene(request, policy, poolsWithClaims(pools, others), beside));
  if (!decided.allowed) {
    const mayChange = others.length > 0 && verdict(request, scene).allowed;
    return { verdict: mayChange ? explained(decided, others) : decided, mayChange, scene };
  }
  if (request.dryRun || request.namespace !== policy.namespace || !addsAddresses(request, pools))
    return { verdict: decided, mayChange: false, scene };
  const own = claimOf(request, now);
  if (encodeClaims([own]).length > claimTextLimit) return { verdict: oversized(request), mayChange: false, scene };
  const record = [...pending, own];
  if (record.length > claimLimit || encodeClaims(record).length > claimTextLimit)
    return { verdict: refusal(request, "too many pools are being written at once"), mayChange: true, scene };
  return { verdict: decided, record, mayChange: false, scene };
}

function oversized({ name }: AdmissionRequest): Verdict {
  const reason =
    `the entries of IPAddressPool "${name}" have more than ${claimTextLimit} characters together, too many to be compared while ` +
    "others write pools: write ranges instead of single addresses, or several pools.";
  return { allowed: false, code: 403, reasons: [reason], warnings: [] };
}

function poolScene(request: AdmissionRequest, policy: Policy, pools: readonly unknown[], beside: PoolSight["beside"]): Scene {
  const known: Lists = new Set([...(beside?.known ?? []), "pools"]);
  const without = { ...(beside?.stored ?? emptyResources), pools };
  return sceneOf(request, "IPAddressPool", { ...policy, without, known });
}

/** The pools as they will be if every claim comes true: stored pools grown, unstored ones added. */
function poolsWithClaims(pools: readonly unknown[], claims: readonly Claim[]): readonly unknown[] {
  let all = pools;
  for (const claim of claims) {
    const stored = all.find((pool) => nameOf(pool) === claim.pool);
    all = replaced(all, stored === undefined ? unstoredPool(claim) : grownPool(stored, claim));
  }
  return all;
}

/** Older than any other pool, so that the message calls this one the one already defined. */
function unstoredPool({ pool, uid, addresses }: Claim): unknown {
  return { metadata: { name: pool, uid, generation: 1, creationTimestamp: "1970-01-01T00:00:00Z" }, spec: { addresses } };
}

function grownPool(stored: unknown, { addresses }: Claim): unknown {
  const spec = member(stored, "spec");
  const own = poolAddresses(stored);
  const added = poolEntries({ spec: { addresses } }).flatMap(({ text, range }) => {
    const rest = subtract(setOfRanges([range]), own);
    if (isEmptySet(rest)) return [];
    const whole = isEmptySet(subtract(setOfRanges([range]), rest));
    return whole ? [text] : rangesOf(rest).map(formatEntry);
  });
  const before = member(spec, "addresses");
  const merged = [...(Array.isArray(before) ? (before as readonly unknown[]) : []), ...added];
  return { ...(isJsonObject(stored) ? stored : {}), spec: { ...(isJsonObject(spec) ? spec : {}), addresses: merged } };
}

function formatEntry(range: Parameters<typeof formatRange>[0]): string {
  const text = formatRange(range);
  return text.includes("-") ? text : `${text}-${text}`;
}

function addsAddresses({ name, object }: AdmissionRequest, pools: readonly unknown[]): boolean {
  const stored = pools.find((pool) => nameOf(pool) === name);
  const sameObject = uidOf(stored) === uidOf(object);
  return !isEmptySet(subtract(poolAddresses(object), poolAddresses(sameObject ? stored : undefined)));
}

function claimOf(request: AdmissionRequest, now: number): Claim {
  const generation = member(member(request.object, "metadata"), "generation");
  return {
    id: request.uid,
    pool: request.name,
    uid: uidOf(request.object),
    generation: typeof generation === "number" ? generation : 1,
    operation: request.operation === "UPDATE" ? "UPDATE" : "CREATE",
    addresses: poolEntries(request.object).map((entry) => entry.text),
    answeredAt: now,
  };
}

function explained(denied: Verdict & { allowed: false }, claims: readonly Claim[]): Verdict {
  const texts = denied.reasons.join("\n");
  const named = claims.filter((claim) => texts.includes(`"${claim.pool}"`)).map((claim) => `"${claim.pool}"`);
  const hint =
    `Another request for pool ${[...new Set(named)].join(", ")} was admitted a moment ago. ` +
    `If that pool does not appear, try again in ${claimLifetimeMs / 1000} s.`;
  return { ...denied, reasons: [...denied.reasons, hint] };
}

function uidOf(object: unknown): string {
  return textMember(member(object, "metadata"), "uid");
}
