import type { Pool } from "../../crds/config/snapshot.ts";
import type { Address } from "../../crds/net/address.ts";
import { combinations, type Families, familiesOf } from "./families.ts";
import { isBuggy } from "./free-address.ts";
import { includesAddress } from "./holdings.ts";
import { reportPools, stockGap } from "./pool-reports.ts";
import type { Reason } from "./reason.ts";
import type { Request } from "./request.ts";
import { mayServe, scopeGap } from "./scope.ts";
import type { View } from "./view.ts";

/** Addresses for a Service, all from one pool, or what is in the way. */
export type Choice =
  | { readonly ok: true; readonly pool: Pool; readonly addresses: readonly Address[] }
  | { readonly ok: false; readonly reason: Reason };

/** Finds the addresses that a Service asks for. `families` is the family of its cluster IPs. */
export function choose(view: View, request: Request, families: Families): Choice {
  switch (request.wish.kind) {
    case "invalid":
      return refused(request.wish.reason);
    case "addresses":
      return chooseRequested(view, request, families, request.wish.addresses, request.wish.pool);
    case "pool":
      return chooseFromPool(view, request, families, request.wish.pool);
    case "any":
      return chooseAutomatically(view, request, families);
  }
}

/** What keeps `request` from holding `address`; undefined when nothing does. Idempotent: its own tenancy is no obstacle. */
export function obstacle(view: View, request: Request, address: Address): Reason | undefined {
  const owner = view.index.ownerOf(address);
  if (owner === undefined) return { code: "AddressInNoPool", address };
  if (owner.avoidBuggyIPs && isBuggy(address.family, address.bits)) return { code: "AddressBuggy", address, pool: owner.name };
  const gap = scopeGap(owner, request);
  if (gap !== undefined) return { code: "ScopeExcludes", pool: owner.name, gap };
  const clash = view.clash(address, request);
  return clash && { code: "AddressTaken", address, clash, sharingKey: request.sharingKey };
}

/** What is kept for others is no obstacle to who has it. */
function reserved(view: View, request: Request, address: Address): Reason | undefined {
  const other = view.reservationAgainst(request.service, address);
  return other && { code: "AddressReserved", address, service: other.service, until: other.until };
}

function chooseRequested(
  view: View,
  request: Request,
  families: Families,
  addresses: readonly Address[],
  wanted: string | undefined,
): Choice {
  const requested = familiesOf(addresses);
  if (requested !== undefined && requested !== families) return refused({ code: "FamilyMismatch", requested, service: families });
  const owners = new Map<string, Pool>();
  for (const address of addresses) {
    const reason = obstacle(view, request, address) ?? reserved(view, request, address);
    if (reason !== undefined) return refused(reason);
    const owner = view.index.ownerOf(address);
    if (owner === undefined) continue;
    if (wanted !== undefined && owner.name !== wanted) {
      return refused({ code: "AddressOutsidePool", address, wanted, owner: owner.name });
    }
    owners.set(owner.name, owner);
  }
  const [pool, another] = owners.values();
  if (pool === undefined || another !== undefined) return refused({ code: "AddressesInTwoPools", pools: [...owners.keys()] });
  if (pool.draining) return refused({ code: "PoolDraining", pool: pool.name });
  return { ok: true, pool, addresses };
}

function chooseFromPool(view: View, request: Request, families: Families, name: string): Choice {
  const pool = view.index.poolNamed(name);
  if (pool === undefined) return refused({ code: view.unreadable.has(name) ? "PoolSetAside" : "PoolUnknown", pool: name });
  const gap = scopeGap(pool, request);
  if (gap !== undefined) return refused({ code: "ScopeExcludes", pool: name, gap });
  if (pool.draining) return refused({ code: "PoolDraining", pool: name });
  return (
    pick(view, request, families, [pool]) ??
    refused({ code: "PoolExhausted", pool: name, gap: stockGap(view, pool, request, families) })
  );
}

/** Pools with a serviceAllocation come first; the general ones are looked at only when those have nothing at all to give. */
function chooseAutomatically(view: View, request: Request, families: Families): Choice {
  const isOpen = (pool: Pool): boolean => !pool.draining && mayServe(pool, request);
  const choice =
    pickReserved(view, request, families, (pool) => pool.autoAssign && isOpen(pool)) ??
    pick(view, request, families, view.index.scopedFor(request.namespace), isOpen) ??
    pick(view, request, families, view.index.general, isOpen);
  if (choice !== undefined) return choice;
  if (view.index.all.length === 0 && view.unreadable.size === 0) return refused({ code: "NoPools" });
  const needsBoth = families === "dual" && request.requireDual;
  return refused({ code: "NoAvailableIPs", needsBoth, reports: reportPools(view, request, families) });
}

/** A Service that comes back looks first where something is kept for it. */
function pickReserved(view: View, request: Request, families: Families, isOpen: (pool: Pool) => boolean): Choice | undefined {
  const kept = view.reservedFor(request.service).map(({ address }) => address);
  const owners = kept.map((address) => view.index.ownerOf(address)).filter((pool) => pool !== undefined && isOpen(pool));
  const pools = [...new Set(owners)].filter((pool) => pool !== undefined);
  const choice = pick(view, request, families, pools);
  return choice?.ok && choice.addresses.some((address) => includesAddress(kept, address)) ? choice : undefined;
}

/** Tries the acceptable combinations of families in order of preference, each over all open pools, as far as it must. */
function pick(
  view: View,
  request: Request,
  families: Families,
  pools: readonly Pool[],
  isOpen: (pool: Pool) => boolean = () => true,
): Choice | undefined {
  for (const combination of combinations(families, request)) {
    for (const pool of pools) {
      if (!isOpen(pool)) continue;
      const addresses = combination.map((family) => view.first(pool, family, request)).filter((address) => address !== undefined);
      if (addresses.length === combination.length) return { ok: true, pool, addresses };
    }
  }
  return undefined;
}

function refused(reason: Reason): Choice {
  return { ok: false, reason };
}
