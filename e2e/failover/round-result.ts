import { contestsOf, gapsOf, lengthOf, longestOf, movesOf, type Tenure, tenuresOf } from "./tenure.ts";
import { between, type Sighting, type Timeline } from "./timeline.ts";

/** When a round's fault was ordered and in force, and when its end was; milliseconds of the timeline's clock. */
export type RoundTimes = {
  readonly orderedAt: number;
  readonly struckAt: number;
  /** When the repair was ordered, and done; absent where nothing was repaired. */
  readonly repairedAt?: number;
  readonly endedAt: number;
};

/** One round of a fault as the client saw it. Where several addresses were asked for, the worst of them. */
export type RoundResult = {
  /** From the fault's effect to the first answer of another owner; undefined when some address had none. */
  readonly takeoverMs: number | undefined;
  /** The same of each address that had another owner. */
  readonly takeovers: readonly number[];
  /** Another owner answered before the fault was in force: the address was on its way already, and the round says nothing. */
  readonly movedBefore: boolean;
  /** From the fault's effect until another owner has announced the last of all watched addresses unasked. */
  readonly firstRoundMs: number | undefined;
  /** How many of the watched addresses another owner announced unasked. */
  readonly announced: number;
  /** Two owners answered, in all, before the repair; and from the repair to the end of the last such time. */
  readonly contestedMs: number;
  readonly oneOwnerAfterMs: number;
  /** The longest time at a stretch in which two owners answered, before the repair or after it. */
  readonly longestContestMs: number;
  /** The longest time without any answer. */
  readonly longestGapMs: number;
  /** Changes of owner. */
  readonly moves: number;
  readonly connects: ConnectCount;
  /** Connections in use that broke. */
  readonly broken: number;
  readonly clientLateMs: number;
  /** Who answered for the first address, in milliseconds since the fault's order. */
  readonly tenures: readonly Tenure[];
};

/** `late`: opened, but not at the first try: the first retransmission comes after a second. */
export type ConnectCount = { readonly tried: number; readonly failed: number; readonly late: number };

/** Longer than any pause between two requests for one address, shorter than any pause that counts. */
const quietMs = 100;
const lateMs = 500;

/**
 * What a round came to.
 * @param asked addresses that the client asked for all the time.
 * @param owner MAC address of the owner before the fault.
 */
export function resultOf(timeline: Timeline, asked: readonly string[], owner: string, times: RoundTimes): RoundResult {
  const { orderedAt, repairedAt = times.endedAt, endedAt } = times;
  const round = between(timeline, orderedAt, endedAt);
  const { sightings } = between(timeline, 0, endedAt);
  const each = asked.map((address) => {
    const tenures = tenuresOf(sightings, address, quietMs);
    const contests = contestsOf(tenures);
    const effectAt = effectOf(timeline.sightings, address, owner, times);
    return {
      takeoverMs: since(effectAt, firstOther(round.sightings, address, owner)),
      movedBefore: (firstOther(timeline.sightings, address, owner) ?? endedAt) <= times.struckAt,
      contestedMs: lengthOf(contests.filter(({ from }) => from < repairedAt)),
      oneOwnerAfterMs: Math.max(0, ...contests.map(({ to }) => to - repairedAt)),
      longestContestMs: longestOf(contests),
      longestGapMs: longestOf(gapsOf(tenures)),
      moves: movesOf(tenures),
    };
  });
  const worst = (values: readonly number[]): number => Math.max(0, ...values);
  const takeovers = each.flatMap(({ takeoverMs }) => takeoverMs ?? []);
  return {
    takeoverMs: takeovers.length === asked.length ? worst(takeovers) : undefined,
    takeovers,
    movedBefore: each.some(({ movedBefore }) => movedBefore),
    ...unaskedOf(round, owner, effectOf(timeline.sightings, asked[0] ?? "", owner, times)),
    contestedMs: worst(each.map(({ contestedMs }) => contestedMs)),
    oneOwnerAfterMs: worst(each.map(({ oneOwnerAfterMs }) => oneOwnerAfterMs)),
    longestContestMs: worst(each.map(({ longestContestMs }) => longestContestMs)),
    longestGapMs: worst(each.map(({ longestGapMs }) => longestGapMs)),
    moves: worst(each.map(({ moves }) => moves)),
    connects: connectsOf(round),
    broken: round.breaks.length,
    clientLateMs: timeline.clientLateMs,
    tenures: tenuresOf(sightings, asked[0] ?? "", quietMs).map(({ mac, from, to }) => ({
      mac,
      from: from - orderedAt,
      to: to - orderedAt,
    })),
  };
}

/** A round as one line: who answered from when to when. `nameOf` says whose a MAC address is. */
export function storyOf({ tenures }: Pick<RoundResult, "tenures">, nameOf: (mac: string) => string | undefined): string {
  return tenures.map(({ mac, from, to }) => `${nameOf(mac) ?? mac} ${from.toFixed(0)}–${to.toFixed(0)}`).join(", ");
}

export function connectsOf({ attempts }: Pick<Timeline, "attempts">): ConnectCount {
  return {
    tried: attempts.length,
    failed: attempts.filter(({ failure }) => failure !== undefined).length,
    late: attempts.filter(({ failure, tookMs }) => failure === undefined && tookMs > lateMs).length,
  };
}

/** A fault takes effect between its order and its return: with the owner's last answer, when there is one so late. */
function effectOf(sightings: readonly Sighting[], address: string, owner: string, { orderedAt, struckAt }: RoundTimes): number {
  const last = sightings.findLast(
    (sighting) => sighting.address === address && sighting.mac === owner && !sighting.unasked && sighting.at <= struckAt,
  );
  return Math.max(orderedAt, last?.at ?? orderedAt);
}

function firstOther(sightings: readonly Sighting[], address: string, owner: string): number | undefined {
  return sightings.find((sighting) => sighting.address === address && sighting.mac !== owner && !sighting.unasked)?.at;
}

function since(from: number, at: number | undefined): number | undefined {
  return at === undefined ? undefined : at - from;
}

function unaskedOf(round: Timeline, owner: string, effectAt: number): Pick<RoundResult, "firstRoundMs" | "announced"> {
  const first = new Map<string, number>();
  for (const { at, address, mac, unasked } of round.sightings)
    if (unasked && mac !== owner && !first.has(address)) first.set(address, at);
  return { announced: first.size, firstRoundMs: first.size === 0 ? undefined : Math.max(...first.values()) - effectAt };
}
