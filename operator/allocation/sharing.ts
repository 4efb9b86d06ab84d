/** The terms on which a Service holds an address. */
export type Terms = {
  /** Empty: does not share. */
  readonly sharingKey: string;
  /** Services that share an address must send its traffic to the same pods, or to any node's. */
  readonly backendKey: string;
  /** Such as `TCP/80`, sorted, distinct. */
  readonly ports: readonly string[];
};

/** One Service on one address. */
export type Tenant = Terms & { readonly service: string };

/** Why a Service cannot join the others on an address. */
export type Clash =
  | { readonly kind: "key"; readonly tenants: readonly string[] }
  | { readonly kind: "backend"; readonly tenants: readonly string[] }
  | { readonly kind: "port"; readonly port: string; readonly tenant: string };

/**
 * May `service` hold an address together with `tenants` on `terms`? Its own tenancy never stands in its way, so the only
 * user of an address may change its key or ports in place.
 * @returns undefined when it may.
 */
export function clashOf(service: string, terms: Terms, tenants: readonly Tenant[]): Clash | undefined {
  const others = tenants.filter((tenant) => tenant.service !== service);
  if (others.length === 0) return undefined;
  const strangers = others.filter((tenant) => terms.sharingKey === "" || tenant.sharingKey !== terms.sharingKey);
  if (strangers.length > 0) return { kind: "key", tenants: strangers.map((tenant) => tenant.service) };
  const elsewhere = others.filter((tenant) => tenant.backendKey !== terms.backendKey);
  if (elsewhere.length > 0) return { kind: "backend", tenants: elsewhere.map((tenant) => tenant.service) };
  for (const tenant of others) {
    const port = tenant.ports.find((taken) => terms.ports.includes(taken));
    if (port !== undefined) return { kind: "port", port, tenant: tenant.service };
  }
  return undefined;
}

/** Whether others are kept out of an address in the same way. */
export function sameTerms(a: Terms, b: Terms): boolean {
  return a.sharingKey === b.sharingKey && a.backendKey === b.backendKey && a.ports.join() === b.ports.join();
}
