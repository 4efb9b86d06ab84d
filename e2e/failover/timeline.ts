/**
 * Somebody said to have an address. `at`: milliseconds of the machine's monotonic clock, as everywhere here; `unasked`: a
 * gratuitous announcement to all, and not the answer to the client's request.
 */
export type Sighting = { readonly at: number; readonly address: string; readonly mac: string; readonly unasked: boolean };

/** One TCP connection that the client tried to open. `failure`: why it never came about. */
export type Attempt = {
  readonly at: number;
  readonly address: string;
  readonly tookMs: number;
  readonly failure?: string;
};

/** A connection that was open and in use, and broke. */
export type Break = { readonly at: number; readonly address: string; readonly why: string };

/** What a client on the segment saw from its start to its end. */
export type Timeline = {
  /** In order of arrival. */
  readonly sightings: readonly Sighting[];
  readonly attempts: readonly Attempt[];
  readonly breaks: readonly Break[];
  /** The longest time for which the client itself stood still: how far its figures may be off. */
  readonly clientLateMs: number;
};

/** The clock of all timelines: CLOCK_MONOTONIC, which all processes and namespaces of a machine share. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** The part of a timeline from one moment until before another. */
export function between(timeline: Timeline, from: number, to: number): Timeline {
  const within = <T extends { readonly at: number }>(items: readonly T[]): readonly T[] =>
    items.filter(({ at }) => at >= from && at < to);
  const { sightings, attempts, breaks, clientLateMs } = timeline;
  return { sightings: within(sightings), attempts: within(attempts), breaks: within(breaks), clientLateMs };
}
