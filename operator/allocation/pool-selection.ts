import type { Pool } from "../../crds/config/snapshot.ts";
import type { Address, Family } from "../../crds/net/address.ts";
import { matchesAny } from "../../crds/selector.ts";
import { isBuggy } from "./free-address.ts";
import type { PoolIndex } from "./pool-index.ts";
import type { Families, Reason, Stock, TriedPool } from "./reason.ts";
import { familiesOf, type Request } from "./request.ts";
import { clashOf, type Tenant } from "./sharing.ts";

/** What choosing an address may look at. */
export type View = {
  readonly index: PoolIndex;
  /** Pools that exist but cannot be read, and have no last good meaning. */
  readonly unreadable: ReadonlySet<string>;
  /** The first address of a pool that `request` may take; nothing is taken. */
  first(pool: Pool, family: Family, request: Request): Address | undefined;
  tenantsOf(address: Address): readonly Tenant[];
  stockOf(pool: Pool, family: Family): Stock;
};

/** Of so many pools the stock is looked up: a message names no more. */
const shownPools = 10;

/** Addresses for a Service, all from one pool, or what is in the way. */
export type Choice =
  | { readonly ok: true; readonly pool: Pool; readonly addresses: readonly Address[] }
  | { readonly ok: false; readonly reason: Reason };

/** May the Service have addresses of this pool at all? Namespaces and labels must both agree. */
export function mayServe({ scope }: Pool, { namespace, labels }: Request): boolean {
  if (scope === undefined) return true;
  if (scope.namespaces !== undefined && !scope.namespaces.has(namespace)) return false;
  return scope.serviceSelectors.length === 0 || matchesAny(scope.serviceSelectors, labels);
}

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
  if (!mayServe(owner, request)) return { code: "ScopeExcludes", pool: owner.name };
  const clash = clashOf(request.service, request, view.tenantsOf(address));
  return clash === undefined ? undefined : { code: "AddressTaken", address, clash, sharingKey: request.sharingKey };
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
    const reason = obstacle(view, request, address);
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
  if (!mayServe(pool, request)) return refused({ code: "ScopeExcludes", pool: name });
  if (pool.draining) return refused({ code: "PoolDraining", pool: name });
  return (
    pick(view, request, families, [pool]) ?? refused({ code: "PoolExhausted", pool: triedPool(view, pool, families), families })
  );
}

/** Pools with a serviceAllocation come first; the general ones are looked at only when those have nothing at all to give. */
function chooseAutomatically(view: View, request: Request, families: Families): Choice {
  const open = (pool: Pool): boolean => !pool.draining && mayServe(pool, request);
  const scoped = view.index.scoped.filter(open);
  const general = view.index.general.filter(open);
  const choice = pick(view, request, families, scoped) ?? pick(view, request, families, general);
  if (choice !== undefined) return choice;
  if (view.index.all.length === 0) return refused({ code: "NoPools" });
  const tried = [...scoped, ...general].map((pool, index) =>
    index < shownPools ? triedPool(view, pool, families) : { name: pool.name, stock: [] },
  );
  return refused({ code: "NoAvailableIPs", families, tried });
}

function triedPool(view: View, pool: Pool, families: Families): TriedPool {
  const wanted: readonly Family[] = families === "dual" ? ["IPv4", "IPv6"] : [families];
  return { name: pool.name, stock: wanted.map((family) => view.stockOf(pool, family)) };
}

/** Tries the acceptable combinations of families in order of preference, each over all pools. */
function pick(view: View, request: Request, families: Families, pools: readonly Pool[]): Choice | undefined {
  for (const combination of combinations(families, request)) {
    for (const pool of pools) {
      const addresses = combination.map((family) => view.first(pool, family, request)).filter((address) => address !== undefined);
      if (addresses.length === combination.length) return { ok: true, pool, addresses };
    }
  }
  return undefined;
}

/** Two addresses are always given IPv4 first, whatever the order of ipFamilies. */
function combinations(families: Families, { requireDual, primary }: Request): readonly (readonly Family[])[] {
  if (families !== "dual") return [[families]];
  const both: readonly Family[] = ["IPv4", "IPv6"];
  return requireDual ? [both] : [both, [primary], [primary === "IPv4" ? "IPv6" : "IPv4"]];
}

function refused(reason: Reason): Choice {
  return { ok: false, reason };
}
