import { type Address, formatAddress, parseAddress } from "../../crds/net/address.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { annotations } from "../../crds/types/well-known.ts";
import { type Families, otherFamily } from "./families.ts";
import { type Holding, includesAddress, sameAddresses, without } from "./holdings.ts";
import { familyGap } from "./pool-reports.ts";
import { choose, obstacle } from "./pool-selection.ts";
import type { Reason } from "./reason.ts";
import type { Request } from "./request.ts";
import type { Verdict } from "./verdict.ts";
import type { View } from "./view.ts";

/** What is known of one Service when its addresses are decided. */
export type Situation = {
  readonly request: Request;
  /** Addresses that its status shows, one of each family at most, in that order. */
  readonly published: readonly Address[];
  /** Addresses that it has: those, or when there are none the planned ones. */
  readonly held: readonly Address[];
  /** Addresses that were decided before and are perhaps not written yet. */
  readonly planned: readonly Address[];
  /** The pool that was published with them, or is about to be; undefined when this program gave it none of them. */
  readonly recordedPool: string | undefined;
  /** What else its status holds that is not one address of each family. */
  readonly surplus: readonly string[];
};

/**
 * The addresses that a Service has: those that its status shows, or, when that is empty, those that were decided and
 * are not written yet. Of several addresses of one family the first counts.
 */
export function situationOf(service: Service, request: Request, holding: Holding | undefined): Situation {
  const texts = publishedTexts(service);
  const published: Address[] = [];
  for (const text of texts) {
    const address = parseAddress(text);
    if (address !== undefined && !published.some(({ family }) => family === address.family)) published.push(address);
  }
  const planned = holding?.addresses ?? [];
  const recordedPool = service.metadata.annotations?.[annotations.ipAllocatedFromPool] || holding?.pool || undefined;
  const surplus = published.length === texts.length ? [] : texts;
  return { request, published, held: published.length > 0 ? published : planned, planned, recordedPool, surplus };
}

/** The IPs in `status.loadBalancer.ingress`, as written there. */
export function publishedTexts({ status }: Service): readonly string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined || ip === "" ? [] : [ip]));
}

/**
 * Decides the addresses of a Service that asks for some. Pure; takes nothing. An address that the Service has is given
 * up only for a fact that makes it wrong, or for another that was found first.
 */
export function decide(view: View, situation: Situation): Verdict {
  const { request, published, held, planned } = situation;
  const { families } = request;
  // What was never published is not there to be kept: where nobody can judge, nothing is given either.
  const isShown = published.length > 0;
  const { sound, lost: revoked, limbo } = judge(view, request, held, isShown ? situation : undefined);
  const lost = lossesOf(situation, revoked);
  if (limbo) return leaveLimbo(view, situation, lost);
  if (isForeign(view, situation)) return leaveForeign(view, situation, lost);
  if (families === undefined || (request.requireDual && families !== "dual")) {
    return keepOrWait(view, situation, sound, lost, clusterIPReason(request));
  }
  if (sound.length > 0 && meetsWish(view, request, sound)) return complete(view, situation, families, sound, lost);
  if (isPlanToKeep(view, situation)) return give(view, situation, planned, lost, []);
  const choice = choose(view, request, families);
  return choice.ok ? give(view, situation, choice.addresses, lost, []) : keepOrWait(view, situation, sound, lost, choice.reason);
}

/** Somebody else wrote this status: this program gave none of it, and no pool holds any of it. A class names its owner. */
function isForeign({ index }: View, { request, published, surplus, recordedPool }: Situation): boolean {
  const shown = [...published, ...surplus.map(parseAddress).filter((address) => address !== undefined)];
  const isOurs = recordedPool !== undefined || request.hasClass || shown.some((address) => index.ownerOf(address) !== undefined);
  return published.length > 0 && !isOurs;
}

/** It stays as it is, unless the Service asks for something else that can be had. */
function leaveForeign(view: View, situation: Situation, lost: readonly Reason[]): Verdict {
  const { request, published } = situation;
  const { families, wish } = request;
  const choice = wish.kind === "any" || families === undefined ? undefined : choose(view, request, families);
  if (choice?.ok) return give(view, situation, choice.addresses, lost, []);
  const foreign: Reason = { code: "StatusForeign", published: published.map(formatAddress) };
  return { outcome: "ignore", unmet: view.index.all.length === 0 ? [] : [choice?.reason ?? foreign] };
}

/** What was planned and never published is no loss. */
function lossesOf({ published, surplus }: Situation, revoked: readonly Reason[]): readonly Reason[] {
  const losses = published.length === 0 ? [] : revoked;
  return surplus.length === 0 ? losses : [{ code: "StatusFamilyUnknown", published: surplus }, ...losses];
}

/** Nobody can say whether the address may stay, so it does; only a request for something else, that can be met, moves it. */
function leaveLimbo(view: View, situation: Situation, lost: readonly Reason[]): Verdict {
  const { request, held, planned, recordedPool } = situation;
  const { wish, families } = request;
  const asksElse =
    (wish.kind === "pool" && wish.pool !== recordedPool) || (wish.kind === "addresses" && !sameAddresses(wish.addresses, held));
  if (asksElse && isPlanToKeep(view, situation)) return give(view, situation, planned, lost, []);
  const choice = asksElse && families !== undefined ? choose(view, request, families) : undefined;
  if (choice?.ok) return give(view, situation, choice.addresses, lost, []);
  return give(view, situation, held, lost, [{ code: "PoolSetAside", pool: recordedPool }]);
}

/** What was decided before is not published yet, and serves still: every repeated attempt must come to the same. */
function isPlanToKeep(view: View, { request, held, planned }: Situation): boolean {
  return !sameAddresses(planned, held) && stillGood(view, request, planned);
}

/** A plan is kept as long as it serves, or every repeated attempt to write it would take another address. */
function stillGood(view: View, request: Request, planned: readonly Address[]): boolean {
  const { sound } = judge(view, request, planned, undefined);
  return sound.length > 0 && sound.length === planned.length && meetsWish(view, request, sound);
}

function clusterIPReason({ families, requireDual, clusterIPs }: Request): Reason {
  return requireDual && (families !== undefined || clusterIPs.length < 2)
    ? { code: "NotEnoughClusterIPs", clusterIPs }
    : { code: "ClusterIPFamilyUnknown", clusterIPs };
}

type Judgement = { readonly sound: readonly Address[]; readonly lost: readonly Reason[]; readonly limbo: boolean };

/**
 * Which of the addresses that the Service has may it keep? In limbo: their pool cannot be read, so nobody can say.
 * @param situation when they are published; others are not there to be kept.
 */
function judge(view: View, request: Request, held: readonly Address[], situation: Situation | undefined): Judgement {
  const families = request.families ?? "dual";
  const lost: Reason[] = [];
  const sound: Address[] = [];
  for (const address of held) {
    const reason =
      families === "dual" || families === address.family
        ? (obstacle(view, request, address) ?? strangerTo(view, sound, address))
        : notAsked(address);
    if (situation !== undefined && reason !== undefined && isHearsay(view, reason, situation))
      return { sound: held, lost: [], limbo: true };
    if (reason === undefined) sound.push(address);
    else lost.push(reason);
  }
  return { sound, lost, limbo: false };
}

function notAsked(address: Address): Reason {
  return { code: "FamilyNotAsked", address };
}

/** All addresses of a Service come from one pool: the first one says which. */
function strangerTo(view: View, sound: readonly Address[], address: Address): Reason | undefined {
  const pools = [...sound, address].map((each) => view.index.ownerOf(each)?.name ?? "");
  return new Set(pools).size > 1 ? { code: "AddressesInTwoPools", pools } : undefined;
}

/** What only a pool says that is set aside: its present spec may say otherwise. */
function isHearsay(view: View, reason: Reason, { recordedPool }: Situation): boolean {
  switch (reason.code) {
    case "AddressInNoPool":
      return inLimbo(view, recordedPool);
    case "AddressBuggy":
    case "ScopeExcludes":
      return view.unreadable.has(reason.pool);
    default:
      return false;
  }
}

/** Without a recorded pool, any unreadable one could be the address's. */
function inLimbo(view: View, recordedPool: string | undefined): boolean {
  return recordedPool === undefined ? view.unreadable.size > 0 : view.unreadable.has(recordedPool);
}

function meetsWish(view: View, { wish }: Request, sound: readonly Address[]): boolean {
  switch (wish.kind) {
    case "any":
      return true;
    case "invalid":
      return false;
    case "pool":
      return sound.every((address) => view.index.ownerOf(address)?.name === wish.pool);
    case "addresses":
      return (
        sameAddresses(sound, wish.addresses) &&
        (wish.pool === undefined || sound.every((address) => view.index.ownerOf(address)?.name === wish.pool))
      );
  }
}

/** The Service has what it asks for, except perhaps a second family: that must come from the pool of the first. */
function complete(
  view: View,
  situation: Situation,
  families: Families,
  sound: readonly Address[],
  lost: readonly Reason[],
): Verdict {
  const { request, planned } = situation;
  const [only] = sound;
  const pool = only && view.index.ownerOf(only);
  if (only === undefined || pool === undefined) return { outcome: "pending", lost, unmet: [] };
  if (families !== "dual" || sound.length > 1) return give(view, situation, sound, lost, []);
  if (request.wish.kind === "addresses") {
    return give(view, situation, sound, lost, [{ code: "FamilyMismatch", requested: only.family, service: families }]);
  }
  if (planned.length > 1 && includesAddress(planned, only) && stillGood(view, request, planned)) {
    return give(view, situation, planned, lost, []);
  }
  const added = pool.draining ? undefined : view.first(pool, otherFamily(only.family), request);
  if (added !== undefined) return give(view, situation, [only, added], lost, []);
  const choice = request.requireDual ? choose(view, request, families) : undefined;
  if (choice?.ok) return give(view, situation, choice.addresses, lost, []);
  return give(view, situation, sound, lost, []);
}

/** `added` is set when one address joins the one that is published already. */
function give(
  view: View,
  { request, published, recordedPool }: Situation,
  addresses: readonly Address[],
  lost: readonly Reason[],
  reasons: readonly Reason[],
): Verdict {
  const pool = poolOf(view, addresses) ?? recordedPool ?? "";
  const unmet = reasons.length === 0 ? missingFamily(view, request, addresses) : reasons;
  const [fresh, another] = without(addresses, published);
  if (fresh === undefined) return { outcome: "keep", addresses, pool, lost, unmet };
  const joined = another === undefined && addresses.length === 2 && published.length === 1;
  return { outcome: "assign", addresses, pool, added: joined ? fresh : undefined, lost, unmet };
}

function missingFamily(view: View, request: Request, [only, second]: readonly Address[]): readonly Reason[] {
  if (request.families !== "dual" || only === undefined || second !== undefined) return [];
  const pool = view.index.ownerOf(only);
  if (pool === undefined) return [];
  const family = otherFamily(only.family);
  return [{ code: "SecondFamilyUnavailable", family, pool: pool.name, gap: familyGap(view, pool, request, family) }];
}

/** Nothing better was found: what is sound stays. */
function keepOrWait(
  view: View,
  situation: Situation,
  sound: readonly Address[],
  lost: readonly Reason[],
  reason: Reason,
): Verdict {
  if (sound.length === 0) return { outcome: "pending", lost, unmet: [reason] };
  return give(view, situation, sound, lost, [reason]);
}

function poolOf(view: View, [first]: readonly Address[]): string | undefined {
  return first && view.index.ownerOf(first)?.name;
}
