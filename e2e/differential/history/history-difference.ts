import { heraldEventReasons } from "../../../crds/types/well-known.ts";
import { type History, type Standing, type Step, standingAfter } from "./history.ts";
import type { Observation, ServiceState } from "./observer.ts";
import type { Played } from "./play.ts";

/** What the two sides made of one step, where they differ. */
export type HistoryDifference = {
  readonly history: string;
  /** Counts from 0. */
  readonly index: number;
  readonly step: Step;
  /** What was asked for before and after the step; both sides were told the same. */
  readonly before: Standing;
  readonly after: Standing;
  /** What both had before the step. */
  readonly had: Observation;
  readonly metallb: Observation;
  readonly herald: Observation;
  /** A Service's key, a pool's name, or empty for the step itself. */
  readonly subject: string;
  readonly kind: DifferenceKind;
  /** Reasons of the events that Herald recorded on the subject before this step. */
  readonly toldBefore: readonly string[];
};

/** The first two end the comparison of a history: from there on the two sides stand differently. */
export type DifferenceKind =
  | "refused by the API server"
  | "addresses"
  | "order of addresses"
  | "named pool"
  | "events"
  | "counters";

export type ComparedHistory = {
  readonly differences: readonly HistoryDifference[];
  /** Steps that were compared. */
  readonly steps: number;
  /** True when the two sides came to stand differently. */
  readonly parted: boolean;
};

const nothing: Observation = { services: {}, pools: {} };

/** Compares step by step until the two sides stand differently. */
export function historyDifferences(history: History, metallb: readonly Played[], herald: readonly Played[]): ComparedHistory {
  const differences: HistoryDifference[] = [];
  const told = new Map<string, readonly string[]>();
  let had = nothing;
  for (const [index, step] of history.steps.entries()) {
    const [theirs, ours] = [metallb[index], allocationIn(herald[index])];
    if (theirs === undefined || ours === undefined) throw new Error(`history ${history.id}: step ${index} was not played`);
    const found = differencesOf(theirs, ours);
    const [before, after] = [standingAfter(history, index), standingAfter(history, index + 1)];
    const where = { history: history.id, index, step, before, after, had, metallb: theirs.seen, herald: ours.seen };
    differences.push(...found.map((each) => ({ ...where, ...each, toldBefore: told.get(each.subject) ?? [] })));
    if (found.some(({ kind }) => kind === "addresses" || kind === "refused by the API server"))
      return { differences, steps: index + 1, parted: true };
    for (const [key, { events }] of Object.entries(ours.seen.services)) told.set(key, [...(told.get(key) ?? []), ...events]);
    had = theirs.seen;
  }
  return { differences, steps: history.steps.length, parted: false };
}

type Found = Pick<HistoryDifference, "subject" | "kind">;

function differencesOf(metallb: Played, herald: Played): readonly Found[] {
  if ((metallb.refused === undefined) !== (herald.refused === undefined))
    return [{ subject: "", kind: "refused by the API server" }];
  const services = new Set([...Object.keys(metallb.seen.services), ...Object.keys(herald.seen.services)]);
  const found = [...services].flatMap((key) => serviceDifferences(key, metallb.seen.services[key], herald.seen.services[key]));
  if (found.some(({ kind }) => kind === "addresses")) return found;
  const pools = new Set([...Object.keys(metallb.seen.pools), ...Object.keys(herald.seen.pools)]);
  const miscounted = [...pools].filter((name) => text(metallb.seen.pools[name]) !== text(herald.seen.pools[name]));
  return [...found, ...miscounted.map((subject): Found => ({ subject, kind: "counters" }))];
}

function serviceDifferences(
  subject: string,
  metallb: ServiceState | undefined,
  herald: ServiceState | undefined,
): readonly Found[] {
  if (metallb === undefined || herald === undefined) return [{ subject, kind: "addresses" }];
  if (text([...metallb.addresses].sort()) !== text([...herald.addresses].sort())) return [{ subject, kind: "addresses" }];
  const found: Found[] = [];
  if (text(metallb.addresses) !== text(herald.addresses)) found.push({ subject, kind: "order of addresses" });
  else if (metallb.pool !== herald.pool) found.push({ subject, kind: "named pool" });
  if (text(metallb.events) !== text(herald.events)) found.push({ subject, kind: "events" });
  return found;
}

/** Without the events of announcement: they are Herald's own, and come by the clock. */
function allocationIn(played: Played | undefined): Played | undefined {
  if (played === undefined) return undefined;
  const own: readonly string[] = Object.values(heraldEventReasons);
  const services = Object.entries(played.seen.services).map(([key, state]) => {
    return [key, { ...state, events: state.events.filter((reason) => !own.includes(reason)) }] as const;
  });
  return { ...played, seen: { ...played.seen, services: Object.fromEntries(services) } };
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? "";
}
