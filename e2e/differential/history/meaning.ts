import { keyOf } from "./history.ts";
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

/** Whether the step wrote the Service itself. */
export function isOwnStep({ step, subject }: HistoryDifference): boolean {
  return step.item.kind === "Service" && keyOf(step.item) === subject;
}

/** Services that have other addresses on one side than on the other. */
export function partedServices({ metallb, herald }: HistoryDifference): readonly string[] {
  return Object.keys(metallb.services).filter(
    (key) => setText(metallb.services[key]?.addresses) !== setText(herald.services[key]?.addresses),
  );
}

/** Whether two Services of which neither had an address before the step compete for one, and each side serves another first. */
export function isRace(difference: HistoryDifference): boolean {
  const { metallb, herald, subject } = difference;
  if (statesOf(difference).had.addresses.length > 0) return false;
  const rivals = partedServices(difference).filter((key) => key !== subject && hadNone(difference, key));
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

function hadNone({ had }: HistoryDifference, key: string): boolean {
  return (had.services[key]?.addresses ?? []).length === 0;
}

function setText(addresses: readonly string[] | undefined): string {
  return [...(addresses ?? [])].sort().join(" ");
}
