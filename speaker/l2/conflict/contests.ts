import type { Stand } from "../../codec/membership-stand.ts";
import type { Grounds } from "./grounds.ts";
import { loserOf } from "./plain-election.ts";
import type { RivalEffect } from "./rival-event.ts";
import type { Sighting } from "./sighting.ts";

/** From one question to the next, and how long an answer is waited for. */
const askMs = 50;
const unansweredMs = 1000;
/**
 * Addresses in the questions of {@link askMs}; where there are more each is asked for that much more rarely. Both nodes hold an
 * election for each: thousands at once would keep them from the decisions that end the contest, and their answers would come after the
 * next question.
 */
const askedAtOnce = 64;
/** For so long after a contest has ended no frame begins it anew; a question of the other node may. */
const againMs = 1000;
/** How often the node that an address was yielded to is asked whether it still stands for it, and while it does not answer. */
const pollMs = 500;
const unheardPollMs = 100;
/** After so long without its word, and so many questions, the address is taken back. */
const forsakenMs = 5000;
const forsakenAfter = 10;
/** Contests that are remembered. */
const maxContests = 2048;

type Phase = "asking" | "won" | "lost" | "denied" | "unanswered";

type Contest = {
  readonly ip: string;
  readonly node: string;
  /** The frame that began it; undefined: the other node asked first. */
  sighting: Sighting | undefined;
  phase: Phase;
  /** When the phase began; of a question that waits for its turn, when that was found. */
  since: number;
  asked: boolean;
  nextAskAt: number;
};

/** `unanswered`: questions since it was heard of. */
type Yielded = { readonly to: string; pollAt: number; heardAt: number; unanswered: number };

export type ContestOptions = {
  readonly grounds: Grounds;
  readonly emit: (effect: RivalEffect) => void;
  /** Something else than a contest keeps the address from being announced here. */
  readonly isSilent: (ip: string) => boolean;
  /** A node's hardware address claimed the address, and that node does not stand for it. */
  readonly onUnexplained: (sighting: Sighting, node: string, cause: "denied" | "unanswered", now: number) => void;
};

/**
 * Addresses that another member may stand for, too. Frames and questions of others are hints, which make this node ask;
 * only the answer to its own question makes it yield. Both nodes judge by the same two stands, so one of them yields.
 */
export class Contests {
  readonly #options: ContestOptions;
  /** The one that was touched longest ago first. */
  readonly #contests = new Map<string, Contest>();
  readonly #asking = new Set<Contest>();
  readonly #yielded = new Map<string, Yielded>();
  /** Nodes that any contest is with. */
  readonly #nodes = new Set<string>();
  /** Before that nothing is due. */
  #lookAt = Number.POSITIVE_INFINITY;
  /** Addresses that may still be asked for before {@link #refillAt}. */
  #budget = askedAtOnce;
  #refillAt = Number.NEGATIVE_INFINITY;

  constructor(options: ContestOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#contests.size;
  }

  /** The node that the address was yielded to. */
  yieldedTo(ip: string): string | undefined {
    return this.#yielded.get(ip)?.to;
  }

  get yieldedAny(): boolean {
    return this.#yielded.size > 0;
  }

  *yielded(): IterableIterator<{ readonly ip: string; readonly to: string }> {
    for (const [ip, { to }] of this.#yielded) yield { ip, to };
  }

  /** @param sighting of an address for which this node stands. */
  sighted(sighting: Sighting, node: string, now: number): void {
    const { grounds } = this.#options;
    const { ip } = sighting;
    if (this.#yielded.has(ip)) return;
    // Nobody can be asked, and the other side has every reason to hold this node dead.
    if (grounds.frozen()) this.#yield(ip, node, now);
    else this.#open(ip, node, sighting, now);
  }

  contested(by: string, nonce: string, addresses: readonly string[], standing: boolean, now: number): void {
    const stands: Stand[] = [];
    const denied: string[] = [];
    for (const ip of addresses) {
      const stand = this.#ownStand(ip);
      if (stand === undefined) denied.push(ip);
      else stands.push(stand);
      if (stand !== undefined && standing) this.#open(ip, by, undefined, now);
    }
    this.#options.emit({ type: "answer", to: by, nonce, stands, denied });
  }

  stood(by: string, stands: readonly Stand[], denied: readonly string[], now: number): void {
    for (const stand of stands) this.#stoodFor(by, stand, now);
    for (const ip of denied) this.#denied(by, ip, now);
  }

  tick(now: number): void {
    if (now < this.#lookAt) return;
    if (now >= this.#refillAt) {
      this.#refillAt = now + askMs;
      this.#budget = askedAtOnce;
    }
    this.#lookAt = Number.POSITIVE_INFINITY; // what is taken back meanwhile brings it nearer
    const asks = new Map<string, string[]>();
    for (const contest of this.#asking) this.#ask(contest, asks, now);
    const polls = new Map<string, string[]>();
    for (const [ip, yielded] of this.#yielded) this.#poll(ip, yielded, polls, now);
    this.#emitAsks(polls, false);
    this.#emitAsks(asks, true);
  }

  /** Undefined: nothing is under way. */
  nextAt(): number | undefined {
    return this.#lookAt === Number.POSITIVE_INFINITY ? undefined : this.#lookAt;
  }

  #ask(contest: Contest, asks: Map<string, string[]>, now: number): void {
    if (contest.asked && now - contest.since >= unansweredMs) {
      this.#unexplained(contest, "unanswered", now);
      return;
    }
    if (contest.nextAskAt <= now && this.#budget > 0) {
      this.#budget -= 1;
      if (!contest.asked) contest.since = now;
      contest.nextAskAt = now + askMs * Math.ceil(this.#asking.size / askedAtOnce);
      contest.asked = true;
      push(asks, contest.node, contest.ip);
    }
    this.#lookBy(contest.nextAskAt, now);
  }

  /** What is due, and had no turn, has it when others may be asked for again. */
  #lookBy(at: number, now: number): void {
    this.#lookAt = Math.min(this.#lookAt, at <= now && this.#budget === 0 ? this.#refillAt : at);
  }

  #ownStand(ip: string): Stand | undefined {
    const { grounds, isSilent } = this.#options;
    return this.#yielded.has(ip) || isSilent(ip) ? undefined : grounds.stand(ip);
  }

  #open(ip: string, node: string, sighting: Sighting | undefined, now: number): void {
    const key = `${ip} ${node}`;
    const former = this.#contests.get(key);
    if (former?.phase === "asking") {
      former.sighting ??= sighting;
      return;
    }
    if (former !== undefined && now - former.since < (sighting === undefined ? askMs : againMs)) return;
    if (former === undefined && !this.#makeRoom()) return;
    const contest: Contest = { ip, node, sighting, phase: "asking", since: now, asked: false, nextAskAt: now };
    this.#contests.delete(key);
    this.#contests.set(key, contest);
    this.#nodes.add(node);
    this.#asking.add(contest);
    this.#lookBy(now, now);
  }

  #makeRoom(): boolean {
    if (this.#contests.size < maxContests) return true;
    const [oldest] = this.#contests;
    if (oldest === undefined || oldest[1].phase === "asking") return false;
    return this.#contests.delete(oldest[0]);
  }

  #stoodFor(by: string, theirs: Stand, now: number): void {
    const { grounds, emit } = this.#options;
    const ip = theirs.address;
    const mine = grounds.stand(ip);
    if (mine === undefined) return;
    const mineLoses =
      loserOf({ node: grounds.self, stand: mine }, { node: by, stand: theirs }, ip, grounds.sha256) === grounds.self;
    const yielded = this.#yielded.get(ip);
    if (yielded !== undefined) {
      if (yielded.to !== by) return;
      yielded.heardAt = now;
      yielded.unanswered = 0;
      if (!mineLoses) this.#takeBack(ip, now);
      return;
    }
    const contest = this.#contests.get(`${ip} ${by}`);
    if (contest?.phase !== "asking") return;
    this.#end(contest, mineLoses ? "lost" : "won", now);
    if (mineLoses) this.#yield(ip, by, now);
    emit({ type: "settled", ip, node: by, kept: !mineLoses });
  }

  #denied(by: string, ip: string, now: number): void {
    if (this.#yielded.get(ip)?.to === by) this.#takeBack(ip, now);
    const contest = this.#contests.get(`${ip} ${by}`);
    if (contest?.phase === "asking") this.#unexplained(contest, "denied", now);
  }

  #unexplained(contest: Contest, cause: "denied" | "unanswered", now: number): void {
    this.#end(contest, cause, now);
    const { sighting, node } = contest;
    if (sighting !== undefined) this.#options.onUnexplained(sighting, node, cause, now);
  }

  #end(contest: Contest, phase: Phase, now: number): void {
    contest.phase = phase;
    contest.since = now;
    this.#asking.delete(contest);
  }

  #yield(ip: string, to: string, now: number): void {
    this.#yielded.set(ip, { to, pollAt: now + pollMs, heardAt: now, unanswered: 0 });
    this.#lookBy(now + pollMs, now);
    for (const contest of this.#contestsOf(ip)) if (contest.phase === "asking") this.#end(contest, "lost", now - againMs);
    this.#options.emit({ type: "withheld-changed", ip });
  }

  /** Others who stood for the address are asked again, rather than waited for until they are seen. */
  #takeBack(ip: string, now: number): void {
    const to = this.#yielded.get(ip)?.to;
    this.#yielded.delete(ip);
    this.#options.emit({ type: "withheld-changed", ip });
    for (const contest of this.#contestsOf(ip)) {
      if (contest.phase === "asking") continue;
      if (contest.node === to && contest.phase === "denied") continue;
      contest.since = now - againMs;
      this.#open(ip, contest.node, undefined, now);
    }
  }

  /** There are few nodes, and many contests. */
  #contestsOf(ip: string): readonly Contest[] {
    return [...this.#nodes].flatMap((node) => this.#contests.get(`${ip} ${node}`) ?? []);
  }

  #poll(ip: string, yielded: Yielded, polls: Map<string, string[]>, now: number): void {
    if (yielded.pollAt <= now && this.#budget > 0) {
      const { grounds } = this.#options;
      this.#budget -= 1;
      const silentMs = now - yielded.heardAt;
      yielded.pollAt = now + (silentMs <= pollMs ? pollMs : unheardPollMs);
      if (grounds.frozen()) yielded.heardAt = now;
      else if (grounds.stand(ip) === undefined) this.#yielded.delete(ip);
      else if (!grounds.isAlive(yielded.to) || (silentMs >= forsakenMs && yielded.unanswered >= forsakenAfter)) {
        this.#takeBack(ip, now);
      } else {
        yielded.unanswered += 1;
        push(polls, yielded.to, ip);
      }
    }
    if (this.#yielded.get(ip) === yielded) this.#lookBy(yielded.pollAt, now);
  }

  #emitAsks(asks: ReadonlyMap<string, readonly string[]>, standing: boolean): void {
    for (const [member, addresses] of asks) this.#options.emit({ type: "ask", member, addresses, standing });
  }
}

function push(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
