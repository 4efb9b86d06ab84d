import type { Address, Family } from "../../crds/net/address.ts";
import type { Tenant, Terms } from "./sharing.ts";
import { addTo, keysOf } from "./tenancy.ts";

/** The addresses of one family on which Services with the same keys are. */
type Group = {
  /** By their bits: how many of those Services each has. */
  readonly tenants: Map<bigint, number>;
  /** On how many of the addresses a port is taken. */
  readonly ports: Map<string, number>;
};

/** Finds the company of a Service that shares, without a walk over all addresses in use. */
export class SharedAddresses {
  readonly #groups = new Map<string, Group>();
  readonly #ofTenant = new Map<string, readonly Address[]>();

  /** `tenant` is on these addresses. One that does not share is passed over. */
  add(tenant: Tenant, addresses: readonly Address[]): void {
    if (tenant.sharingKey === "" || addresses.length === 0) return;
    this.#ofTenant.set(tenant.service, addresses);
    for (const address of addresses) this.#count(tenant, address, 1);
  }

  /** `tenant`, as it was added, is on none of its addresses any more. */
  remove(tenant: Tenant): void {
    for (const address of this.#ofTenant.get(tenant.service) ?? []) this.#count(tenant, address, -1);
    this.#ofTenant.delete(tenant.service);
  }

  /**
   * Addresses of one family whose tenants have the keys of `terms`; none at all when one of its ports is taken on each
   * of them by others. Whether it may join one of them is still to be judged.
   */
  candidates(service: string, terms: Terms, family: Family): Iterable<bigint> {
    const group = this.#groups.get(groupKey(family, terms));
    if (terms.sharingKey === "" || group === undefined) return [];
    const own = (this.#ofTenant.get(service) ?? []).length;
    const isTakenEverywhere = (port: string): boolean => (group.ports.get(port) ?? 0) - own >= group.tenants.size;
    return terms.ports.some(isTakenEverywhere) ? [] : group.tenants.keys();
  }

  #count(tenant: Tenant, { family, bits }: Address, step: 1 | -1): void {
    const key = groupKey(family, tenant);
    const group = this.#groups.get(key) ?? { tenants: new Map(), ports: new Map() };
    addTo(group.tenants, bits, step);
    for (const port of tenant.ports) addTo(group.ports, port, step);
    if (group.tenants.size === 0) this.#groups.delete(key);
    else this.#groups.set(key, group);
  }
}

function groupKey(family: Family, terms: Terms): string {
  return `${family} ${keysOf(terms)}`;
}
