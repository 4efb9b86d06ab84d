import type { Address, Family } from "../../crds/net/address.ts";
import { sameTerms, type Tenant, type Terms } from "./sharing.ts";

/** What one Service holds. */
export type Holding = Tenant & {
  /** What its status holds or is about to hold. */
  readonly addresses: readonly Address[];
  /** What its status held before: nobody else's until the new status is known to be written. */
  readonly former: readonly Address[];
  /** The pool's name as published with the addresses. */
  readonly pool: string;
};

/** What a change of one Service's holding means for the others. */
export type Effects = {
  /** Addresses that nobody held before. */
  readonly taken: readonly Address[];
  /** Addresses that the Service left, or holds on other terms now: somebody else may have them, or share them. */
  readonly opened: readonly Address[];
  /** Those of `opened` that nobody holds any more. */
  readonly freed: readonly Address[];
};

/** Who holds which address. The only mutable state of allocation; rebuilt from the Services' statuses on start. */
export class Holdings {
  readonly #byService = new Map<string, Holding>();
  readonly #tenants: { readonly [family in Family]: Map<bigint, Holding[]> } = { IPv4: new Map(), IPv6: new Map() };
  /** Addresses under a sharing key, so that a Service that shares finds its company without a walk. */
  readonly #shared = new Map<string, Map<string, Address>>();

  of(service: string): Holding | undefined {
    return this.#byService.get(service);
  }

  /** Everybody on an address; empty when it is free. */
  tenantsOf({ family, bits }: Address): readonly Holding[] {
    return this.#tenants[family].get(bits) ?? [];
  }

  isUsed(family: Family, bits: bigint): boolean {
    return this.#tenants[family].has(bits);
  }

  /** The addresses held by Services with these keys, each once. */
  sharedBy({ sharingKey, backendKey }: Terms): readonly Address[] {
    const distinct = new Map<string, Address>();
    for (const address of this.#shared.get(`${sharingKey}\n${backendKey}`)?.values() ?? [])
      distinct.set(`${address.family} ${address.bits}`, address);
    return [...distinct.values()];
  }

  all(): IterableIterator<Holding> {
    return this.#byService.values();
  }

  /** Distinct addresses in use, of both families. */
  *used(): IterableIterator<Address> {
    for (const bits of this.#tenants.IPv4.keys()) yield { family: "IPv4", bits };
    for (const bits of this.#tenants.IPv6.keys()) yield { family: "IPv6", bits };
  }

  /** Replaces what a Service holds. */
  put(holding: Holding): Effects {
    const before = this.#byService.get(holding.service);
    const old = before === undefined ? [] : heldBy(before);
    const now = heldBy(holding);
    const taken = now.filter((address) => !this.isUsed(address.family, address.bits));
    if (before !== undefined) this.#remove(before);
    if (now.length > 0) this.#add(holding);
    const opened = before !== undefined && sameTerms(before, holding) ? without(old, now) : old;
    return { taken, opened, freed: opened.filter((address) => !this.isUsed(address.family, address.bits)) };
  }

  #add(holding: Holding): void {
    this.#byService.set(holding.service, holding);
    for (const address of heldBy(holding)) {
      const tenants = this.#tenants[address.family];
      tenants.set(address.bits, [...(tenants.get(address.bits) ?? []), holding]);
    }
    if (holding.sharingKey === "") return;
    const key = `${holding.sharingKey}\n${holding.backendKey}`;
    const shared = this.#shared.get(key) ?? new Map<string, Address>();
    for (const address of holding.addresses) shared.set(`${holding.service} ${address.family}`, address);
    this.#shared.set(key, shared);
  }

  #remove(holding: Holding): void {
    this.#byService.delete(holding.service);
    for (const address of heldBy(holding)) {
      const tenants = this.#tenants[address.family];
      const others = (tenants.get(address.bits) ?? []).filter((tenant) => tenant.service !== holding.service);
      if (others.length > 0) tenants.set(address.bits, others);
      else tenants.delete(address.bits);
    }
    const key = `${holding.sharingKey}\n${holding.backendKey}`;
    const shared = this.#shared.get(key);
    if (shared === undefined) return;
    for (const address of holding.addresses) shared.delete(`${holding.service} ${address.family}`);
    if (shared.size === 0) this.#shared.delete(key);
  }
}

/** Everything that nobody else may have, each address once. */
export function heldBy({ addresses, former }: Holding): readonly Address[] {
  return former.length === 0 ? addresses : [...addresses, ...without(former, addresses)];
}

/** The addresses of `from` that are not among `taken`. */
export function without(from: readonly Address[], taken: readonly Address[]): readonly Address[] {
  return from.filter((address) => !includesAddress(taken, address));
}

export function includesAddress(addresses: readonly Address[], { family, bits }: Address): boolean {
  return addresses.some((address) => address.family === family && address.bits === bits);
}

/** Equal as sets. */
export function sameAddresses(a: readonly Address[], b: readonly Address[]): boolean {
  return a.length === b.length && without(a, b).length === 0;
}
