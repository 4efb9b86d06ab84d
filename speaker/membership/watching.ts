import type { Beat, Inquiry, MembershipMessage, Word } from "../codec/membership-message.ts";
import { type Context, targetOf } from "./context.ts";
import type { Target } from "./event.ts";
import type { News } from "./news.ts";
import { watchersPerNode } from "./timing.ts";
import { Watch } from "./watch.ts";

/** Nodes beside the other watchers that are asked about a silent one. */
const helpersPerCase = 2;

/** A beat may be so much sooner, to go along with another node's. */
const soonerMs = 10;

/** By so much is a beat sooner or later for each that is heard between, and at most by twice as much later. */
const drawnMs = 3;

/** Nodes heard last, of which one is asked for help. */
const maxRecent = 16;

/** For so long after a death more nodes are watched. */
const wideMs = 1000;

/** Beats to the nodes that watch us, and the watch over those that we watch. */
export class Watching {
  readonly #context: Context;
  readonly #watches = new Map<string, Watch>();
  #ringVersion = -1;
  #wide = watchersPerNode;
  /** When nodes that we watched died. */
  #deaths: readonly number[] = [];
  #watchers: readonly string[] = [];
  #nextBeatAt = 0;
  #beatAt = Number.NEGATIVE_INFINITY;
  #lastBeat: Beat | undefined;
  #heardAnyAt = 0;
  /** The one heard last at the end. */
  readonly #recent = new Set<string>();
  readonly #news: News;

  constructor(context: Context, news: News) {
    this.#context = context;
    this.#news = news;
  }

  /** The nodes that watch us. */
  watcherTargets(): readonly Target[] {
    return this.#targets(this.#watchers);
  }

  /** How far the silence of every watched node is, as a share of its limit; Infinity where none is watched. */
  get leastSilence(): number {
    const { lived } = this.#context.clock;
    let least = Number.POSITIVE_INFINITY;
    for (const watch of this.#watches.values()) least = Math.min(least, watch.silentMs(lived) / watch.limitMs(lived));
    return least;
  }

  tick(): void {
    const { clock } = this.#context;
    this.#followRing();
    if (clock.lived >= Math.max(this.#soonestBeatAt, this.#nextBeatAt - drawnMs)) this.#sendBeat();
    for (const [name, watch] of this.#watches) this.#attend(name, watch);
  }

  /** After a pause of ours the watchers wait for nothing so much as a beat. */
  beatSoon(): void {
    this.#nextBeatAt = this.#context.clock.lived;
  }

  /**
   * Another node beats. Nodes that beat together wake once for their own beat and those of the others, so each draws near to those
   * whose names come before its own: its beat goes along with theirs when it is nearly due, and is a little sooner or later else.
   */
  beatHeard(sender: string): void {
    const { clock, timing, own, self } = this.#context;
    // The watchers of a fresh speaker do not know it yet.
    if (!own.confirmed || sender > self) return;
    const sinceMs = clock.lived - this.#beatAt;
    const soonest = this.#soonestBeatAt;
    if (clock.lived >= soonest) {
      this.#sendBeat();
      this.#nextBeatAt += drawnMs; // behind the other's next one
    } else if (sinceMs > timing.beatMs / 2) this.#nextBeatAt = Math.max(soonest, this.#nextBeatAt - drawnMs);
    else this.#nextBeatAt = Math.min(this.#beatAt + timing.beatMs + 2 * drawnMs, this.#nextBeatAt + drawnMs);
  }

  get #soonestBeatAt(): number {
    return this.#beatAt + this.#context.timing.beatMs - soonerMs;
  }

  nextAt(): number {
    const { clock, table } = this.#context;
    const { lived } = clock;
    // Those whom we watch are others than before.
    if (table.ringVersion !== this.#ringVersion) return lived;
    let next = this.#nextBeatAt;
    for (const watch of this.#watches.values()) next = Math.min(next, watch.nextAt(lived));
    return next;
  }

  /** A packet of the node itself. */
  heard(name: string): void {
    const { clock, timing, own } = this.#context;
    const { lived } = clock;
    // When all were silent at once, it was this node that did not hear; and nobody beats to one that is held dead.
    const allWereSilent = lived - this.#heardAnyAt >= timing.lateMs && this.#watches.size > 1;
    if (allWereSilent || !own.confirmed) {
      for (const watch of this.#watches.values()) watch.pardon();
    }
    this.#heardAnyAt = lived;
    this.#watches.get(name)?.heard(lived, lived);
    this.#recent.delete(name);
    this.#recent.add(name);
    if (this.#recent.size <= maxRecent) return;
    const [oldest] = this.#recent;
    if (oldest !== undefined) this.#recent.delete(oldest);
  }

  /** Nobody could be heard for a while, so no silence counts. */
  excuseAll(): void {
    for (const watch of this.#watches.values()) watch.excuse(this.#context.clock.lived);
  }

  /** Another node asks about one that it does not hear: say what we know, and probe it. */
  inquired(sender: string, { about, address, incarnation }: Inquiry): void {
    const { trust, clock, table, outbox, challenge, timing, self } = this.#context;
    if (about === self) return;
    const heardAt = this.#watches.get(about)?.knownAt ?? trust.heardAt(about);
    const heardAgoMs = heardAt === undefined ? undefined : Math.round(clock.lived - heardAt);
    outbox.send([targetOf(this.#context, sender)], this.#word(about, incarnation, heardAgoMs));
    if (heardAgoMs !== undefined && heardAgoMs < timing.probeMs) return;
    const target = { name: about, address: table.get(about)?.record.address || address };
    outbox.send([target], { type: "probe", nonce: challenge.nonce(clock.lived) });
  }

  /** What another node says about one of ours. */
  word(sender: string, { about, incarnation, heardAgoMs, stance }: Word): void {
    const { clock, table } = this.#context;
    const watch = this.#watches.get(about);
    if (watch === undefined || table.get(about)?.record.incarnation !== incarnation) return;
    if (heardAgoMs !== undefined) watch.heardBy(clock.lived - heardAgoMs, clock.lived);
    watch.said(sender, stance, clock.lived);
    this.#attend(about, watch);
  }

  #attend(name: string, watch: Watch): void {
    const { lived } = this.#context.clock;
    if (!watch.isLate(lived)) return;
    if (lived >= watch.nextProbeAt) this.#probe(name, watch);
    const silentMs = watch.silentMs(lived);
    if (silentMs < watch.limitMs(lived)) return;
    if (!watch.suspecting) {
      watch.suspecting = true;
      const incarnation = this.#context.table.get(name)?.record.incarnation ?? 0;
      this.#send(this.#otherWatchers(name), this.#word(name, incarnation, Math.round(silentMs)));
    }
    if (!watch.hasWitness(lived)) return;
    this.#watches.delete(name);
    this.#deaths = [...this.#deaths, lived];
    this.#news.declareDead(name, `it was silent for ${Math.round(silentMs)} ms, and another bears witness`);
  }

  /** Directly, through the other watchers, and through two others. */
  #probe(name: string, watch: Watch): void {
    const { clock, timing, outbox, challenge, table } = this.#context;
    watch.nextProbeAt = clock.lived + timing.probeMs;
    outbox.send([targetOf(this.#context, name)], { type: "probe", nonce: challenge.nonce(clock.lived) });
    const asked = [...this.#otherWatchers(name), ...this.#helpers(name, watch)];
    for (const other of asked) watch.asked(other, clock.lived);
    const { address = "", incarnation = 0 } = table.get(name)?.record ?? {};
    this.#send(asked, { type: "inquiry", about: name, address, incarnation });
  }

  #otherWatchers(name: string): readonly string[] {
    return this.#context.table.successors(name, watchersPerNode).filter((other) => other !== this.#context.self);
  }

  #heardLast(except: (name: string) => boolean): string | undefined {
    return [...this.#recent].findLast((name) => !except(name));
  }

  /** One that was heard just now, and one at random; others than before in the place of those who do not answer. */
  #helpers(name: string, watch: Watch): readonly string[] {
    const { table, random, self, clock } = this.#context;
    const known = this.#otherWatchers(name);
    const stays = (other: string) => table.isAlive(other) && !known.includes(other) && !watch.isSpeechless(other, clock.lived);
    const helpers = watch.helpers.filter(stays);
    const taken = (other: string) => other === name || other === self || known.includes(other) || helpers.includes(other);
    while (helpers.length < helpersPerCase) {
      const last = helpers.length === 0 ? this.#heardLast((other) => taken(other) || !stays(other)) : undefined;
      const helper = last ?? table.livingAt(random(), taken);
      if (helper === undefined) break;
      helpers.push(helper);
    }
    watch.helpers = helpers;
    return helpers;
  }

  #word(about: string, incarnation: number, heardAgoMs: number | undefined): Word {
    const watch = this.#watches.get(about);
    const stance = watch === undefined ? "stranger" : watch.suspecting ? "suspects" : "waits";
    return { type: "word", about, incarnation, heardAgoMs, stance };
  }

  #sendBeat(): void {
    const { clock, timing, outbox } = this.#context;
    this.#beatAt = clock.lived;
    this.#nextBeatAt = clock.lived + timing.beatMs;
    outbox.send(this.#targets(this.#watchers), this.#beat());
  }

  /** The same object while it says the same: it need not be encoded again. */
  #beat(): Beat {
    const { own, table } = this.#context;
    const { incarnation, generation } = own;
    const digest = table.digest();
    const claims = this.#news.recentDeaths();
    const last = this.#lastBeat;
    const same = last?.incarnation === incarnation && last.generation === generation && last.digest === digest;
    if (same && claims.length === 0 && last.claims.length === 0) return last;
    this.#lastBeat = { type: "beat", incarnation, generation, digest, claims };
    return this.#lastBeat;
  }

  #send(names: readonly string[], message: MembershipMessage): void {
    if (names.length > 0) this.#context.outbox.send(this.#targets(names), message);
  }

  #targets(names: readonly string[]): readonly Target[] {
    return names.map((name) => targetOf(this.#context, name));
  }

  /** Where several died at once, many more may have, and those who should watch them as well. */
  #width(lived: number): number {
    if (this.#deaths.length === 0) return watchersPerNode;
    this.#deaths = this.#deaths.filter((at) => lived - at < wideMs);
    return watchersPerNode + 2 * Math.max(0, this.#deaths.length - 1);
  }

  /** Those whom we watch, and who watches us, follow from who lives. */
  #followRing(): void {
    const { table, self, clock, timing } = this.#context;
    const wide = this.#width(clock.lived);
    if (table.ringVersion === this.#ringVersion && wide === this.#wide) return;
    this.#ringVersion = table.ringVersion;
    this.#wide = wide;
    this.#watchers = table.successors(self, watchersPerNode);
    const watched = new Set(table.predecessors(self, wide));
    for (const name of this.#watches.keys()) if (!watched.has(name)) this.#watches.delete(name);
    for (const name of watched) if (!this.#watches.has(name)) this.#watches.set(name, new Watch(timing, clock.lived));
  }
}
