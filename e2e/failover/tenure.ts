import type { Sighting } from "./timeline.ts";

/** For as long one MAC address answered for an address, again and again. */
export type Tenure = { readonly mac: string; readonly from: number; readonly to: number };

export type Interval = { readonly from: number; readonly to: number };

/**
 * Who answered when, for one address. Unasked announcements do not count: what they say may be old by the time it arrives.
 * @param quietMs an owner that is silent for longer has stopped; several times the pause between requests. So has one that is silent for
 * as long as another one is the owner.
 * @returns by their beginning; those of different owners may overlap.
 */
export function tenuresOf(sightings: readonly Sighting[], address: string, quietMs: number): readonly Tenure[] {
  const finished: Tenure[] = [];
  const current = new Map<string, Tenure>();
  for (const { at, mac, address: about, unasked } of sightings) {
    if (about !== address || unasked) continue;
    const tenure = current.get(mac);
    if (tenure !== undefined && at - tenure.to <= quietMs) current.set(mac, { ...tenure, to: at });
    else {
      if (tenure !== undefined) finished.push(tenure);
      current.set(mac, { mac, from: at, to: at });
    }
  }
  const all = [...finished, ...current.values()];
  const answers = sightings.filter((sighting) => sighting.address === address && !sighting.unasked);
  return all.flatMap((tenure) => interrupted(tenure, all, answers)).sort((a, b) => a.from - b.from);
}

/** Several requests: whoever answers for less is no owner in between. */
const interludeMs = 20;

/** The parts of a tenure between which others were the owners, while this one was silent. */
function interrupted(tenure: Tenure, all: readonly Tenure[], answers: readonly Sighting[]): readonly Tenure[] {
  const { mac, from, to } = tenure;
  const own = answers.filter((answer) => answer.mac === mac && answer.at >= from && answer.at <= to).map(({ at }) => at);
  const interlude = all.find((other) => {
    const isWithin = other.mac !== mac && from < other.from && other.to < to && other.to - other.from >= interludeMs;
    return isWithin && !own.some((at) => at >= other.from && at <= other.to);
  });
  if (interlude === undefined) return [tenure];
  const before = own.filter((at) => at < interlude.from);
  const after = own.filter((at) => at > interlude.to);
  const first = { mac, from, to: before.at(-1) ?? from };
  return [first, ...interrupted({ mac, from: after[0] ?? to, to }, all, answers)];
}

/** A new owner speaks before the former one falls silent: two at once for no longer than this are a hand-over. */
const handOverMs = 100;

/**
 * When two owners answered at the same time, joined where they touch. The short time in which one begins and the other ends for
 * good is none. Tenures of one owner never overlap.
 */
export function contestsOf(tenures: readonly Tenure[]): readonly Interval[] {
  const contests: Interval[] = [];
  for (const [index, a] of tenures.entries())
    for (const b of tenures.slice(index + 1)) {
      const to = Math.min(a.to, b.to);
      const isHandOver = a.from < b.from && a.to < b.to && to - b.from <= handOverMs;
      if (b.from <= to && !isHandOver) contests.push({ from: b.from, to });
    }
  return joined(contests);
}

/** When nobody answered between the first answer and the last. */
export function gapsOf(tenures: readonly Tenure[]): readonly Interval[] {
  const covered = joined(tenures);
  return covered.slice(1).map(({ from }, index) => ({ from: covered[index]?.to ?? from, to: from }));
}

/**
 * How often the address went to another owner. An owner that is interrupted by nobody else stays the same one, and so does one
 * that answers before, while and after another one does: that is a contest.
 */
export function movesOf(tenures: readonly Tenure[]): number {
  const isWithin = (a: Tenure, b: Tenure): boolean => a.mac !== b.mac && b.from <= a.from && a.to <= b.to;
  const owners = tenures.filter((tenure) => !tenures.some((other) => isWithin(tenure, other)));
  return owners.filter(({ mac }, index) => index > 0 && owners[index - 1]?.mac !== mac).length;
}

/** Sum of the lengths, in milliseconds. */
export function lengthOf(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** Length of the longest, in milliseconds; 0 of none. */
export function longestOf(intervals: readonly Interval[]): number {
  return Math.max(0, ...intervals.map(({ from, to }) => to - from));
}

function joined(intervals: readonly Interval[]): readonly Interval[] {
  const union: Interval[] = [];
  for (const { from, to } of [...intervals].sort((a, b) => a.from - b.from)) {
    const last = union.at(-1);
    if (last !== undefined && from <= last.to) union[union.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    else union.push({ from, to });
  }
  return union;
}
