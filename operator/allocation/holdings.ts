import { type Address, type Family, formatAddress } from "../../crds/net/address.ts";
import { SharedAddresses } from "./shared-addresses.ts";
import { type Clash, clashOf, sameTerms, type Tenant, type Terms } from "./sharing.ts";
import { keysOf, Tenancy } from "./tenancy.ts";

/** An address, and the terms on which it is held. */
export type Tenure = { readonly address: Address; readonly terms: Terms };

/** What one Service holds. */
export type Holding = Tenant & {
  /** What its status holds or is about to hold. */
  readonly addresses: readonly Address[];
  /** What its status held before, on the terms of then: nobody else's until the new status is known to be written. */
  readonly former: readonly Tenure[];
  /** What its status shows while others stand on it: its own as soon as they leave, lest somebody else comes between. */
  readonly contested: readonly Tenure[];
  /** Its status is another program's: what it shows remains when a decision is carried out. */
  readonly isForeign: boolean;
  /** Its status is known to have shown `addresses`, and nothing that was decided since is on its way there. */
  readonly isWritten: boolean;
  /** The pool's name as published with the addresses; empty when none was. */
  readonly pool: string;
};

/** What a change of one Service's holding means for the others. */
export type Effects = {
  /** Addresses that nobody held before. */
  readonly taken: readonly Address[];
  /** Addresses that the Service left, or holds or shows on other terms now: somebody else may have them, or share them. */
  readonly opened: readonly Address[];
  /** Those of `opened` that nobody holds any more. */
  readonly freed: readonly Address[];
};

/** Who holds which address. Rebuilt from the Services' statuses on start. */
export class Holdings {
  readonly #byService = new Map<string, Holding>();
  readonly #tenancies: { readonly [family in Family]: Map<bigint, Tenancy> } = { IPv4: new Map(), IPv6: new Map() };
  readonly #shared = new SharedAddresses();
  /** Who shows an address that others hold, by its text. */
  readonly #contenders = new Map<string, Set<string>>();

  of(service: string): Holding | undefined {
    return this.#byService.get(service);
  }

  /** Everybody on an address; empty when it is free. */
  tenantsOf({ family, bits }: Address): readonly Tenant[] {
    return this.#tenancies[family].get(bits)?.tenants ?? [];
  }

  isUsed(family: Family, bits: bigint): boolean {
    return this.#tenancies[family].has(bits);
  }

  /** What keeps `service` from holding an address on these terms; undefined when nothing does. */
  clash(address: Address, service: string, terms: Terms): Clash | undefined {
    const { family, bits } = address;
    return this.#tenancies[family].get(bits)?.clash(service, terms) ?? this.#clashWithContenders(address, service, terms);
  }

  /** Who is on an address, or shows it, need not wait for those who have to leave it. */
  #clashWithContenders(address: Address, service: string, terms: Terms): Clash | undefined {
    const contenders = this.#contendersFor(address);
    if (contenders === undefined || contenders.has(service) || includesAddress(this.heldBy(service), address)) return undefined;
    return clashOf(
      service,
      terms,
      [...contenders].flatMap((each) => this.#claimOf(each, address) ?? []),
    );
  }

  /** The terms on which a Service shows an address that others hold. */
  #claimOf(service: string, address: Address): Tenant | undefined {
    const tenure = contestedTenure(this.#byService.get(service), address);
    return tenure && { ...tenure.terms, service };
  }

  /** Undefined: nobody. Nearly always there are none at all, and then no address is put in words. */
  #contendersFor(address: Address): ReadonlySet<string> | undefined {
    return this.#contenders.size === 0 ? undefined : this.#contenders.get(formatAddress(address));
  }

  /** What a Service holds, including what it is about to lose. */
  heldBy(service: string): readonly Address[] {
    const holding = this.#byService.get(service);
    return holding === undefined ? [] : heldBy(holding);
  }

  /** The keys with which one may join those on an address; undefined when nobody is there, or nobody can. */
  keysOn({ family, bits }: Address): string | undefined {
    const tenant = this.#tenancies[family].get(bits)?.anyone;
    return tenant === undefined || tenant.sharingKey === "" ? undefined : keysOf(tenant);
  }

  /** Addresses that a Service which shares should look at; to be judged by {@link Holdings.clash}. */
  sharedBy(service: string, terms: Terms, family: Family): Iterable<bigint> {
    return this.#shared.candidates(service, terms, family);
  }

  /** Names of all holders. */
  services(): IterableIterator<string> {
    return this.#byService.keys();
  }

  /** Replaces what a Service holds. */
  put(holding: Holding): Effects {
    const before = this.#byService.get(holding.service);
    const now = heldBy(holding);
    const taken = now.filter((address) => !this.isUsed(address.family, address.bits));
    if (before !== undefined) this.#remove(before);
    if (now.length > 0 || holding.contested.length > 0) this.#add(holding);
    const opened = before === undefined ? [] : openedBetween(before, holding);
    return { taken, opened, freed: opened.filter((address) => !this.isUsed(address.family, address.bits)) };
  }

  /** What the first of those who show an address, and may hold it now, is to hold. */
  heirTo(address: Address): Holding | undefined {
    for (const service of this.#contendersFor(address) ?? []) {
      const holding = this.#byService.get(service);
      const tenure = contestedTenure(holding, address);
      if (holding === undefined || tenure === undefined || this.clash(address, service, tenure.terms) !== undefined) continue;
      const contested = holding.contested.filter((each) => each !== tenure);
      return { ...holding, former: [...holding.former, tenure], contested };
    }
    return undefined;
  }

  #add(holding: Holding): void {
    this.#byService.set(holding.service, holding);
    const { service } = holding;
    for (const { address, terms } of tenuresOf(holding)) {
      const { family, bits } = address;
      const tenancy = this.#tenancies[family].get(bits) ?? new Tenancy();
      tenancy.add({ service, ...terms });
      this.#tenancies[family].set(bits, tenancy);
    }
    this.#shared.add(holding, holding.addresses);
    for (const { address } of holding.contested) {
      const text = formatAddress(address);
      this.#contenders.set(text, (this.#contenders.get(text) ?? new Set()).add(service));
    }
  }

  #remove(holding: Holding): void {
    this.#byService.delete(holding.service);
    for (const { family, bits } of heldBy(holding)) {
      const tenancy = this.#tenancies[family].get(bits);
      tenancy?.remove(holding.service);
      if (tenancy?.isEmpty) this.#tenancies[family].delete(bits);
    }
    this.#shared.remove(holding);
    for (const { address } of holding.contested) {
      const contenders = this.#contenders.get(formatAddress(address));
      contenders?.delete(holding.service);
      if (contenders?.size === 0) this.#contenders.delete(formatAddress(address));
    }
  }
}

function contestedTenure(holding: Holding | undefined, address: Address): Tenure | undefined {
  return holding?.contested.find((each) => includesAddress([each.address], address));
}

/** The same without one address. */
export function leaving(holding: Holding, address: Address): Holding {
  const former = holding.former.filter((tenure) => !includesAddress([address], tenure.address));
  return { ...holding, addresses: without(holding.addresses, [address]), former };
}

/** Everything that nobody else may have, each address once. */
export function heldBy(holding: Holding): readonly Address[] {
  return holding.former.length === 0 ? holding.addresses : tenuresOf(holding).map(({ address }) => address);
}

/** The same, with the terms of each. */
export function tenuresOf(holding: Holding): readonly Tenure[] {
  const { addresses, former, sharingKey, backendKey, ports } = holding;
  const terms = { sharingKey, backendKey, ports };
  const left = former.filter(({ address }) => !includesAddress(addresses, address));
  return [...addresses.map((address) => ({ address, terms })), ...left];
}

/** The addresses of the first that the second does not hold or show on the same terms. */
function openedBetween(before: Holding, after: Holding): readonly Address[] {
  const now = [...tenuresOf(after), ...after.contested];
  const isHeldOn = ({ address, terms }: Tenure): boolean =>
    now.some((tenure) => includesAddress([tenure.address], address) && sameTerms(tenure.terms, terms));
  return [...tenuresOf(before), ...before.contested].filter((tenure) => !isHeldOn(tenure)).map(({ address }) => address);
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
