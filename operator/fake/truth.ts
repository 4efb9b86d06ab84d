import type { IPAddressPool } from "../../crds/types/ip-address-pool.ts";
import type { Namespace, Service } from "../../crds/types/kubernetes.ts";
import { isDraining } from "../../crds/types/well-known.ts";
import { addressesIn } from "./pool-plans.ts";

/** A pool as anybody can read it, found without anything of the operator's. */
export type PoolTruth = {
  readonly pool: IPAddressPool;
  readonly name: string;
  /** Empty when it is broken. */
  readonly addresses: ReadonlySet<string>;
  /** Clean: it means what it says. Broken: it is no list of ranges, or holds what another pool holds by right. */
  readonly state: "clean" | "broken" | "doubtful";
};

/** What the API holds and what of it is beyond doubt: the measure of the operator's deeds. */
export type Truth = {
  readonly services: ReadonlyMap<string, Service>;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly pools: readonly PoolTruth[];
  /** Names of pools that went with their definition and are not back. */
  readonly lost: ReadonlySet<string>;
  /** Whether Services of this class are the operator's. */
  readonly serves: (loadBalancerClass: string | undefined) => boolean;
};

export function poolTruths(pools: readonly IPAddressPool[]): readonly PoolTruth[] {
  const read = pools.map((pool) => ({ pool, addresses: listed(pool) }));
  const areAllValid = read.every(({ addresses }) => addresses.size > 0);
  const states = read.map(({ pool, addresses }): PoolTruth["state"] => {
    if (addresses.size === 0) return "broken";
    const rivals = read.filter((other) => other.pool !== pool && [...other.addresses].some((address) => addresses.has(address)));
    const isRivalInForce = rivals.some((rival) => isAccepted(rival.pool));
    if (!isAccepted(pool) && isRivalInForce) return "broken";
    return isAccepted(pool) ? (isRivalInForce ? "doubtful" : "clean") : rivals.length > 0 ? "doubtful" : "clean";
  });
  const isCertain = areAllValid && states.every((state) => state === "clean");
  return read.map(({ pool, addresses }, index) => {
    const state = states[index] === "clean" && !isCertain && !isAccepted(pool) ? "doubtful" : (states[index] ?? "broken");
    return { pool, name: pool.metadata.name, addresses: state === "broken" ? new Set<string>() : addresses, state };
  });
}

/** Empty when it is no list of ranges that keep clear of each other. */
function listed({ spec }: IPAddressPool): ReadonlySet<string> {
  const lists = spec.addresses.map((text) => addressesIn.get(text));
  const addresses = lists.flatMap((list) => list ?? []);
  const isValid = !lists.includes(undefined) && new Set(addresses).size === addresses.length;
  return new Set(isValid ? addresses : []);
}

function isAccepted({ metadata, status }: IPAddressPool): boolean {
  const accepted = status?.conditions?.find(({ type }) => type === "Accepted");
  return accepted?.status === "True" && accepted.observedGeneration === metadata.generation;
}

/** May the Service have this address of this pool? */
export function permits({ pool, addresses }: PoolTruth, address: string, { metadata }: Service, truth: Truth): boolean {
  const { serviceAllocation: scope, avoidBuggyIPs } = pool.spec;
  if (!addresses.has(address) || (avoidBuggyIPs && /\.(0|255)$/.test(address))) return false;
  if (scope === undefined) return true;
  const { namespace = "", labels } = metadata;
  const namesNone = scope.namespaces === undefined && scope.namespaceSelectors === undefined;
  const isNamed = scope.namespaces?.includes(namespace) ?? false;
  const home = truth.namespaces.get(namespace)?.metadata.labels;
  const isSelected = scope.namespaceSelectors?.some(({ matchLabels }) => includes(home, matchLabels)) ?? false;
  const wants = scope.serviceSelectors ?? [];
  const isWanted = wants.length === 0 || wants.some(({ matchLabels }) => includes(labels, matchLabels));
  return (namesNone || isNamed || isSelected) && isWanted;
}

export function isOpen({ pool, state }: PoolTruth): boolean {
  return state === "clean" && !isDraining(pool.metadata.annotations);
}

type Texts = Readonly<Record<string, string>>;

function includes(labels: Texts = {}, wanted: Texts = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

export function shownBy({ status }: Service): readonly string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
}

export function familyOf(address: string): "IPv4" | "IPv6" {
  return address.includes(":") ? "IPv6" : "IPv4";
}

/** The families of its cluster IPs; empty when it has none. */
export function familiesAsked({ spec }: Service): readonly ("IPv4" | "IPv6")[] {
  return (spec?.clusterIPs ?? []).filter((text) => text !== "None").map(familyOf);
}

/** Which addresses a Service asks for. */
export type Wanted = { readonly pool: string | undefined; readonly addresses: readonly string[]; readonly isValid: boolean };

export function wantedBy(service: Service): Wanted {
  const pool = annotation(service, "address-pool") || undefined;
  const texts = [annotation(service, "loadBalancerIPs"), service.spec?.loadBalancerIP].filter((text) => text);
  const addresses = (texts[0] ?? "").split(",").flatMap((text) => text.trim() || []);
  return { pool, addresses, isValid: texts.length < 2 && addresses.every((text) => /^[\d.]+$|:/.test(text)) };
}

export function recordedPool({ metadata }: Service): string | undefined {
  return metadata.annotations?.["metallb.io/ip-allocated-from-pool"];
}

/** May two Services be on one address? */
export function share(a: Service, b: Service): boolean {
  const [key, other] = [annotation(a, "allow-shared-ip"), annotation(b, "allow-shared-ip")];
  const ports = new Set(a.spec?.ports?.map(({ port }) => port));
  const isCrossed = b.spec?.ports?.some(({ port }) => ports.has(port)) ?? false;
  return Boolean(key) && key === other && backendsOf(a) === backendsOf(b) && !isCrossed;
}

function backendsOf({ spec }: Service): string {
  return spec?.externalTrafficPolicy === "Local" ? JSON.stringify(spec.selector) : "any node";
}

function annotation({ metadata }: Service, name: string): string | undefined {
  return metadata.annotations?.[`metallb.io/${name}`] ?? metadata.annotations?.[`metallb.universe.tf/${name}`];
}

export function isOurs({ spec }: Service, { serves }: Truth): boolean {
  return spec?.type === "LoadBalancer" && serves(spec.loadBalancerClass);
}
