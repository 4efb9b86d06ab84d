import { canonicalAddress } from "../../../crds/net/address.ts";
import { compileSelectors, matchesAny } from "../../../crds/selector.ts";
import { type Item, keyOf } from "./history.ts";
import type { HistoryDifference } from "./history-difference.ts";
import type { Observation, ServiceState } from "./observer.ts";

/** What the rules of known-history.ts ask about a difference. */

const pending: ServiceState = { addresses: [], pool: undefined, events: [] };

/** The difference's Service before the step, and on both sides after it. */
export function statesOf({
  had,
  metallb,
  herald,
  subject,
}: HistoryDifference): Readonly<Record<"had" | "metallb" | "herald", ServiceState>> {
  const of = ({ services }: Observation): ServiceState => services[subject] ?? pending;
  return { had: of(had), metallb: of(metallb), herald: of(herald) };
}

/** Whether the step wrote the Service itself and changed which address or pool it asks for; it asks for one. */
export function wishesChanged({ step, subject, before, after }: HistoryDifference): boolean {
  if (step.item.kind !== "Service" || keyOf(step.item) !== subject) return false;
  const [old, now] = [wishesOf(before.services.get(subject)), wishesOf(after.services.get(subject))];
  return now.length > 0 && old.join() !== now.join();
}

function wishesOf(service: Item | undefined): readonly string[] {
  const asked = Object.entries(service?.metadata.annotations ?? {}).filter(([key]) =>
    /\/(loadBalancerIPs|address-pool)$/.test(key),
  );
  const { loadBalancerIP } = service?.spec ?? {};
  return [
    ...asked.map(([key, value]) => `${key}=${value}`).sort(),
    ...(typeof loadBalancerIP === "string" ? [loadBalancerIP] : []),
  ];
}

/** Whether the difference's Service is dual-stack and asks for one address only. */
export function asksForOneOfTwo({ after, subject }: HistoryDifference, address: string): boolean {
  const { metadata, spec } = after.services.get(subject) ?? {};
  const entries = Object.entries(metadata?.annotations ?? {}).filter(([key]) => key.endsWith("/loadBalancerIPs"));
  const asked = [...entries.map(([, value]) => value), spec?.["loadBalancerIP"]].flatMap((text) =>
    typeof text === "string" ? (canonicalAddress(text.trim()) ?? []) : [],
  );
  return spec?.["ipFamilyPolicy"] !== "SingleStack" && asked.includes(address);
}

/** Namespaces that Kubernetes and the programs bring. */
const otherNamespaces = ["kube-system", "kube-public", "kube-node-lease", "metallb-system"];

/** Whether the pool that MetalLB serves the difference's Service from names its namespaces by selectors alone, and they match none. */
export function isFromPoolOfNoNamespace(difference: HistoryDifference): boolean {
  const { after } = difference;
  const scope = after.pools.get(statesOf(difference).metallb.pool ?? "")?.spec?.["serviceAllocation"];
  const { namespaces = [], namespaceSelectors } = (scope ?? {}) as {
    namespaces?: readonly string[];
    namespaceSelectors?: unknown;
  };
  const { selectors } = compileSelectors(namespaceSelectors);
  const all = [...after.namespaces, ...otherNamespaces.map((name) => [name, {}] as const)];
  const isNamed = all.some(([name, labels]) => matchesAny(selectors, { ...labels, "kubernetes.io/metadata.name": name }));
  return selectors.length > 0 && namespaces.length === 0 && !isNamed;
}

/** Whether the step gave the difference's Service this `ipFamilyPolicy`, and it had another. */
export function becomes({ step, subject, before }: HistoryDifference, wanted: "SingleStack" | "RequireDualStack"): boolean {
  const policy = ({ spec }: Item): unknown => spec?.["ipFamilyPolicy"];
  const old = before.services.get(subject);
  if (step.item.kind !== "Service" || keyOf(step.item) !== subject || old === undefined) return false;
  return policy(old) !== wanted && policy(step.item) === wanted;
}

/** Addresses that the Service had and that Herald has left to it. */
export function keptOf(difference: HistoryDifference): readonly string[] {
  const { had, herald } = statesOf(difference);
  return herald.addresses.filter((address) => had.addresses.includes(address));
}

/** Whether Herald has left this address to another Service, from which MetalLB has taken it. */
export function keptElsewhere({ had, metallb, herald, subject }: HistoryDifference, address: string): boolean {
  const holds = ({ services }: Observation, key: string): boolean => services[key]?.addresses.includes(address) === true;
  const others = Object.keys(herald.services).filter((key) => key !== subject);
  return others.some((key) => holds(had, key) && holds(herald, key) && !holds(metallb, key));
}

/** Whether the difference's pool avoids buggy addresses and one of its entries is a single one of them. */
export function hasLoneBuggyAddress({ after, subject }: HistoryDifference): boolean {
  const { addresses, avoidBuggyIPs } = after.pools.get(subject)?.spec ?? {};
  const isLone = (entry: unknown): boolean => /^(\S+\.(?:0|255))-\1$/.test(String(entry));
  return avoidBuggyIPs === true && Array.isArray(addresses) && addresses.some(isLone);
}

/** Services that have other addresses on one side than on the other. */
function partedServices({ metallb, herald }: HistoryDifference): readonly string[] {
  return Object.keys(metallb.services).filter(
    (key) => setText(metallb.services[key]?.addresses) !== setText(herald.services[key]?.addresses),
  );
}

/** Whether Services of which none had an address before the step compete for some, and each side serves another first. */
export function isRace(difference: HistoryDifference): boolean {
  return isRaceAmong(difference, (key) => (difference.had.services[key]?.addresses ?? []).length === 0);
}

/** Whether Services that lost all their addresses in the step, on both sides, compete for others. */
export function isRaceOfMoved(difference: HistoryDifference): boolean {
  const { had, metallb, herald } = difference;
  return isRaceAmong(difference, (key) => {
    const old = had.services[key]?.addresses ?? [];
    const now = [metallb, herald].flatMap(({ services }) => services[key]?.addresses ?? []);
    return old.length > 0 && !now.some((address) => old.includes(address));
  });
}

function isRaceAmong(difference: HistoryDifference, competes: (service: string) => boolean): boolean {
  const { metallb, herald, subject } = difference;
  if (!competes(subject)) return false;
  const rivals = partedServices(difference).filter((key) => key !== subject && competes(key));
  const given = (seen: Observation, keys: readonly string[]) => keys.flatMap((key) => seen.services[key]?.addresses ?? []);
  const meets = (a: readonly string[], b: readonly string[]) => a.some((address) => b.includes(address));
  return meets(given(metallb, [subject]), given(herald, rivals)) || meets(given(herald, [subject]), given(metallb, rivals));
}

/** True when every address of `some` is one of `all`. */
export function isPartOf(some: readonly string[], all: readonly string[]): boolean {
  return some.every((address) => all.includes(address));
}

/** What is in `some` and not in `others`. */
export function except(some: readonly string[], others: readonly string[]): readonly string[] {
  return some.filter((each) => !others.includes(each));
}

export function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return setText(a) === setText(b);
}

function setText(addresses: readonly string[] | undefined): string {
  return [...(addresses ?? [])].sort().join(" ");
}
