import type { AnswerTimeline, Span } from "./answer-timeline.ts";
import type { Program } from "./speaker-roster.ts";

/** Who has a MAC address, and whose speaker ran there at a time. */
export type Answerer = { readonly node: string; readonly program: Program | undefined };

export type Judgement = {
  /** For people: what was asked, the moves, the gaps, the doubles. */
  readonly lines: readonly string[];
  /**
   * The doubles that must not be. MetalLB's speakers answer twice among themselves: a fresh one elects itself before it knows of
   * the others, one that ends answers until it is gone. Among Herald's a new owner speaks before the old one stops.
   */
  readonly doubles: readonly string[];
};

/** A hand-over among Herald's speakers is shorter. */
const handOverMs = 500;

/** What a client saw, in words. Gaps of one lost request are not told. */
export function judge(timeline: AnswerTimeline, everyMs: number, who: (mac: string, at: number) => Answerer): Judgement {
  const doubles = timeline.doubles().map((double) => {
    const answerers = double.macs.map((mac) => who(mac, double.from));
    const names = answerers.map(({ node, program }) => `${program ?? "?"} on ${node}`);
    const line = `${double.address}: ${names.join(" and ")} both answered ${double.requests} requests (${lengthOf(double)} ms)`;
    const areAll = (wanted: Program): boolean => answerers.every(({ program }) => program === wanted);
    return { line, allowed: areAll("MetalLB") || (areAll("Herald") && lengthOf(double) <= handOverMs) };
  });
  const gaps = timeline.gaps().filter(({ requests }) => requests > 1);
  const longest = Math.max(0, ...gaps.map((gap) => lengthOf(gap) + everyMs));
  const silent = gaps.reduce((sum, gap) => sum + lengthOf(gap) + everyMs, 0);
  const moves = timeline.moves().map(({ address, at, from, to, silentMs }) => {
    const [before, after] = [who(from, at - silentMs), who(to, at)];
    return `${address}: from ${before.program ?? "?"} on ${before.node} to ${after.program ?? "?"} on ${after.node} in ${silentMs} ms`;
  });
  return {
    lines: [
      `${timeline.rounds} requests for each of ${timeline.addresses.length} addresses, one in ${everyMs} ms`,
      `${gaps.length} gaps, ${silent} ms in all, the longest ${longest} ms; ${moves.length} moves`,
      ...moves,
      ...doubles.map(({ line }) => line),
    ],
    doubles: doubles.filter(({ allowed }) => !allowed).map(({ line }) => line),
  };
}

function lengthOf({ from, to }: Span): number {
  return to - from;
}
