import { Calls } from "./calls.ts";
import { Challenge } from "./challenge.ts";
import { Contesting } from "./contesting.ts";
import { type Context, hold, targetOf } from "./context.ts";
import type { MembershipEffect, MembershipEvent } from "./event.ts";
import { Isolation } from "./isolation.ts";
import { Joining } from "./joining.ts";
import { LivedClock, maxStepMs } from "./lived-clock.ts";
import { MemberTable } from "./member-table.ts";
import { buildView, type MemberView, type ViewSource } from "./member-view.ts";
import { News } from "./news.ts";
import { Outbox } from "./outbox.ts";
import { type Identity, OwnRecord } from "./own-record.ts";
import { Receiving } from "./receiving.ts";
import { SecondChoice } from "./second-choice.ts";
import { SteadyCount } from "./steady-count.ts";
import { Syncing } from "./syncing.ts";
import { deathMemoryMs, maxMembers, type Timing } from "./timing.ts";
import { Trust } from "./trust.ts";
import { Watching } from "./watching.ts";

export type MembershipOptions = Identity & {
  readonly timing: Timing;
  /** 0 up to 1: spreads calls, decides nothing. */
  readonly random: () => number;
  /** 32 hexadecimal digits that nobody can guess. */
  readonly nonce: () => string;
  /** What is known beforehand, where that is more than nothing. */
  readonly table?: MemberTable;
};

/**
 * Ticks are no further apart, so that a pause of ours is told from a wait, and no closer. A node that beats along with others is
 * woken by their beats before.
 */
const longestWaitMs = maxStepMs - 10;
const shortestWaitMs = 5;

/** A tick that is due so soon goes along with a packet. */
const soonerMs = 10;

/** From one look for nodes to be forgotten to the next. */
const forgetMs = 10_000;

/**
 * One speaker's part in the membership of all. Total: it answers every event at any time and never throws; it sees no
 * clock, no network and no chance but what it is given. The caller performs the effects in order and sends `tick` at `nextAt`.
 */
export class Membership {
  readonly #context: Context;
  readonly #watching: Watching;
  readonly #news: News;
  readonly #syncing: Syncing;
  readonly #calls: Calls;
  readonly #isolation: Isolation;
  readonly #joining: Joining;
  readonly #contesting: Contesting;
  readonly #receiving: Receiving;
  readonly #secondChoice = new SecondChoice();
  #podsVersion = 0;
  #tickedAt = 0;
  /** What the shell was told last: when it is to tick. */
  #dueAt = Number.POSITIVE_INFINITY;
  #forgetAt = forgetMs;
  #factsChanged = false;
  #stopped = false;
  #generation = 0;
  #shown = "";
  #view: MemberView | undefined;

  /** @param now milliseconds of a monotonic clock, as for {@link transition}. */
  constructor({ timing, random, nonce, table = new MemberTable(maxMembers), ...identity }: MembershipOptions, now: number) {
    const clock = new LivedClock(now);
    const context: Context = {
      self: identity.name,
      address: identity.address,
      startId: identity.startId,
      timing,
      clock,
      table,
      trust: new Trust(table, maxMembers),
      challenge: new Challenge(nonce, clock.lived),
      outbox: new Outbox(),
      own: new OwnRecord(identity),
      steady: new SteadyCount(),
      pods: { current: undefined },
      random,
    };
    this.#context = context;
    this.#news = new News(context);
    this.#watching = new Watching(context, this.#news);
    this.#syncing = new Syncing(context);
    this.#calls = new Calls(context, this.#syncing);
    this.#isolation = new Isolation(context);
    this.#joining = new Joining(context);
    this.#contesting = new Contesting(context);
    this.#receiving = new Receiving(context, {
      news: this.#news,
      watching: this.#watching,
      syncing: this.#syncing,
      calls: this.#calls,
      isolation: this.#isolation,
      joining: this.#joining,
      contesting: this.#contesting,
    });
    this.#putOwn();
    this.#shown = this.#look();
  }

  /** @param now milliseconds of a monotonic clock; one that goes back stands still. */
  transition(event: MembershipEvent, now: number): readonly MembershipEffect[] {
    const heldUpMs = this.#context.clock.advance(now, this.#dueAt);
    if (this.#stopped) return [];
    if (heldUpMs >= this.#context.timing.deathMs) this.#afterPause();
    this.#apply(event);
    this.#settle();
    return this.#context.outbox.take();
  }

  /** When to send the next tick, on the clock of {@link transition}. */
  nextAt(): number {
    const { clock, own } = this.#context;
    const next = Math.min(
      this.#watching.nextAt(),
      this.#news.nextAt(),
      this.#syncing.nextAt(),
      this.#calls.nextAt(),
      this.#isolation.nextAt(),
      own.nextAt(),
      this.#joining.nextAt(),
      this.#secondChoice.nextAt(),
      clock.lived + longestWaitMs,
    );
    this.#dueAt = clock.nowAt(Math.max(next, this.#tickedAt + shortestWaitMs));
    return this.#dueAt;
  }

  /** The same object until `view-changed`. */
  view(): MemberView {
    if (this.#view?.generation !== this.#generation) this.#view = buildView(this.#viewSource(), this.#generation);
    return this.#view;
  }

  /** Equal on nodes that hold the same nodes as living. */
  digest(): number {
    return this.#context.table.digest();
  }

  holdsAlive(name: string): boolean {
    return this.#context.table.isAlive(name);
  }

  /** Where the node's speaker is reached, as text; empty where nobody has said. */
  addressOf(name: string): string {
    return targetOf(this.#context, name).address;
  }

  #apply(event: MembershipEvent): void {
    const { own, pods } = this.#context;
    switch (event.type) {
      case "tick":
        this.#tick();
        return;
      case "received":
        this.#receiving.receive(event);
        if (this.#context.clock.lived - this.#tickedAt >= this.#context.timing.beatMs - soonerMs) this.#tick();
        return;
      case "speakers":
        pods.current = new Map(event.pods.map((pod) => [pod.node, pod]));
        this.#podsVersion += 1;
        return;
      case "facts":
        this.#factsChanged = own.setFacts(event.facts) || this.#factsChanged;
        return;
      case "wire":
        this.#setWire(event.alive);
        return;
      case "willing":
        own.willing = event.willing;
        return;
      case "segment":
        if (this.#isolation.answer(event.question, event.answered, event.seen)) this.#joining.segmentAnswered();
        own.cutOff = this.#isolation.company === "cut-off";
        return;
      case "contest":
        this.#contesting.ask(event.member, event.addresses, event.standing);
        return;
      case "stands":
        this.#contesting.answer(event);
        return;
      case "leave":
        own.leaving = true;
        return;
      case "stop":
        this.#news.tellOwn("left");
        this.#stopped = true;
        return;
    }
  }

  #tick(): void {
    const { clock, own, table } = this.#context;
    this.#tickedAt = clock.lived;
    this.#context.steady.update(table.alive, clock.lived);
    this.#watching.tick();
    this.#news.tick();
    this.#syncing.tick();
    this.#calls.tick();
    if (own.wireAlive && this.#isolation.tick(this.#watching.leastSilence, this.#joining.wantsSegment)) {
      this.#joining.segmentAnswered();
    }
    own.cutOff = this.#isolation.company === "cut-off";
    if (clock.lived >= this.#forgetAt) this.#forget();
  }

  /** Whoever stood still for long was perhaps declared dead: it asks before it believes itself. */
  #afterPause(): void {
    this.#context.own.away = true;
    this.#watching.beatSoon();
    this.#syncing.call(this.#watching.watcherTargets());
  }

  #setWire(alive: boolean): void {
    const { own } = this.#context;
    if (own.wireAlive === alive) return;
    own.wireAlive = alive;
    if (!alive) return;
    this.#context.outbox.silence(false);
    this.#isolation.heard();
    this.#watching.excuseAll();
    this.#afterPause();
  }

  /** What follows from any event. */
  #settle(): void {
    const { own, clock, outbox } = this.#context;
    this.#joining.settle();
    const reborn = this.#receiving.takeRebirth();
    if (own.update(clock.lived) || reborn || this.#factsChanged) {
      this.#factsChanged = false;
      this.#putOwn();
      if (!this.#stopped) this.#news.tellOwn("alive");
    }
    this.#news.flush();
    // The others were told why; from here on silence tells them, too.
    if (!own.wireAlive) outbox.silence(true);
    const shown = this.#look();
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#generation += 1;
    outbox.add({ type: "view-changed", generation: this.#generation });
  }

  #putOwn(): void {
    hold(this.#context, this.#context.own.record, "alive", "this node");
  }

  /** Nodes that ended long ago, and with them how often they did. */
  #forget(): void {
    const { clock, table, trust } = this.#context;
    this.#forgetAt = clock.lived + forgetMs;
    for (const { record, status, since } of [...table.entries()]) {
      if (status === "alive" || clock.lived - since < deathMemoryMs) continue;
      table.delete(record.name);
      trust.forget(record.name);
    }
  }

  #viewSource(): ViewSource {
    const { self, table, own, pods } = this.#context;
    const { company } = this.#isolation;
    const { heardAnyone, rivalName } = this.#receiving;
    this.#mayTakeSecond();
    return { self, table, own, company, heardAnyone, rivalName, secondChoice: this.#secondChoice, pods: pods.current };
  }

  #mayTakeSecond(): boolean {
    const { table, clock, own } = this.#context;
    return this.#secondChoice.update(table, own.joined && !own.cutOff, clock.lived);
  }

  /** Whatever the view is made of, in short: two views differ only when this does. */
  #look(): string {
    const { table, own } = this.#context;
    const { heardAnyone, rivalName } = this.#receiving;
    const unheard = own.outcast ? "outcast" : own.joined && !own.confirmed && table.alive > 1;
    const pods = heardAnyone ? 0 : this.#podsVersion;
    return `${table.viewVersion} ${this.#mayTakeSecond()} ${this.#isolation.company} ${own.standing} ${own.joined} ${heardAnyone} ${pods} ${unheard} ${rivalName}`;
  }
}
