import { type Clash, clashOf, type Tenant, type Terms } from "./sharing.ts";

/** Equal for terms under which Services may share an address, as far as keys go. */
export function keysOf({ sharingKey, backendKey }: Terms): string {
  return JSON.stringify([sharingKey, backendKey]);
}

/** Several tenants, counted so that one more is judged without a look at each of them. */
type Crowd = {
  readonly tenants: Map<string, Tenant>;
  readonly keys: Map<string, number>;
  readonly ports: Map<string, number>;
};

/** Everybody on one address. Most have one tenant only, and then this is small. */
export class Tenancy {
  #only: Tenant | undefined;
  #crowd: Crowd | undefined;

  get isEmpty(): boolean {
    return this.#only === undefined && this.#crowd === undefined;
  }

  get tenants(): readonly Tenant[] {
    if (this.#crowd !== undefined) return [...this.#crowd.tenants.values()];
    return this.#only === undefined ? [] : [this.#only];
  }

  /** Some tenant; undefined when there is none. */
  get anyone(): Tenant | undefined {
    const [first] = this.#crowd?.tenants.values() ?? [];
    return this.#only ?? first;
  }

  /** One that is not on it yet. */
  add(tenant: Tenant): void {
    if (this.isEmpty) {
      this.#only = tenant;
      return;
    }
    this.#crowd ??= { tenants: new Map(), keys: new Map(), ports: new Map() };
    if (this.#only !== undefined) count(this.#crowd, this.#only, 1);
    this.#only = undefined;
    count(this.#crowd, tenant, 1);
  }

  remove(service: string): void {
    if (this.#only?.service === service) this.#only = undefined;
    const tenant = this.#crowd?.tenants.get(service);
    if (this.#crowd === undefined || tenant === undefined) return;
    count(this.#crowd, tenant, -1);
    if (this.#crowd.tenants.size === 0) this.#crowd = undefined;
  }

  /** As {@link clashOf}, with as many steps as the Service has ports unless there is a clash to be named. */
  clash(service: string, terms: Terms): Clash | undefined {
    if (this.#crowd !== undefined && admits(this.#crowd, service, terms)) return undefined;
    return clashOf(service, terms, this.tenants);
  }
}

/** Counts; what is counted down to zero is forgotten. */
export function addTo<K>(counts: Map<K, number>, key: K, step: number): void {
  const sum = (counts.get(key) ?? 0) + step;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
}

function count(crowd: Crowd, tenant: Tenant, step: 1 | -1): void {
  if (step === 1) crowd.tenants.set(tenant.service, tenant);
  else crowd.tenants.delete(tenant.service);
  addTo(crowd.keys, keysOf(tenant), step);
  for (const port of tenant.ports) addTo(crowd.ports, port, step);
}

function admits(crowd: Crowd, service: string, terms: Terms): boolean {
  const own = crowd.tenants.get(service);
  const keys = keysOf(terms);
  const others = crowd.tenants.size - (own === undefined ? 0 : 1);
  const alike = (crowd.keys.get(keys) ?? 0) - (own !== undefined && keysOf(own) === keys ? 1 : 0);
  const isFree = (port: string): boolean => (crowd.ports.get(port) ?? 0) === (own?.ports.includes(port) ? 1 : 0);
  return others === 0 || (terms.sharingKey !== "" && alike === others && terms.ports.every(isFree));
}
