import type { MembershipMessage } from "../../codec/membership-message.ts";
import type { MembershipEffect, MembershipEvent, Received, SpeakerPod } from "../event.ts";
import { hashText } from "../hash.ts";
import { MemberTable } from "../member-table.ts";
import { Membership } from "../membership.ts";
import { lanTiming, maxMembers, type Timing } from "../timing.ts";
import { Agenda } from "./agenda.ts";
import { Chance } from "./chance.ts";
import { Segment } from "./segment.ts";

/** Packets that a socket keeps for a process that does not read. */
const socketPackets = 256;

/** One process of a speaker; its successor on the same node is another. */
export type SimulatedSpeaker = {
  readonly name: string;
  readonly startId: string;
  readonly machine: Membership;
  counter: number;
  tickAt: number;
  stalledUntil: number;
  waiting: (() => void)[];
  running: boolean;
};

export type WorldOptions = { readonly seed: number; readonly timing?: Timing };

/** Called for every packet that leaves a node, once for each target. */
export type Observer = (from: string, to: string, message: MembershipMessage) => void;

/** Speakers with the real machine, on a simulated segment, in virtual time. The same seed gives the same run. */
export class World {
  readonly segment = new Segment();
  readonly chance: Chance;
  readonly sent = new Map<string, number>();
  readonly #agenda = new Agenda();
  readonly #timing: Timing;
  readonly #speakers = new Map<string, SimulatedSpeaker>();
  #pods: readonly SpeakerPod[] = [];
  #hushed = false;
  onSend: Observer = () => {};
  onView: (name: string, machine: Membership) => void = () => {};
  onContest: (name: string, effect: Extract<MembershipEffect, { readonly type: "contested" | "stood" }>) => void = () => {};
  onPacket: (to: string, packet: Received) => void = () => {};
  /** The nodes that a node sees answering for addresses while it hears no packets. */
  seen: (asker: string, silent: readonly string[]) => readonly string[] = () => [];

  constructor({ seed, timing = lanTiming }: WorldOptions) {
    this.chance = new Chance(seed);
    this.#timing = timing;
  }

  get now(): number {
    return this.#agenda.now;
  }

  /** Names of the nodes whose speaker runs. */
  get running(): readonly string[] {
    return [...this.#speakers.values()].filter(({ running }) => running).map(({ name }) => name);
  }

  /** Virtual milliseconds from now. */
  run(ms: number): void {
    this.#agenda.runUntil(this.now + ms);
  }

  after(ms: number, run: () => void): void {
    this.#agenda.at(this.now + ms, run);
  }

  /** What the API lists, told to every speaker that runs. */
  setPods(names: readonly string[], notReady: readonly string[] = []): void {
    this.#pods = names.map((node) => ({ node, address: node, ready: !notReady.includes(node) }));
    for (const speaker of this.#speakers.values()) this.#event(speaker, { type: "speakers", pods: this.#pods });
  }

  machine(name: string): Membership {
    return this.#speaker(name).machine;
  }

  startIdOf(name: string): string {
    return this.#speaker(name).startId;
  }

  /** Starts the speaker of a node, as a fresh process. */
  start(name: string, table?: MemberTable, startId = this.chance.id()): void {
    const { next: random, id: nonce } = this.chance;
    const options = { name, address: name, startId, timing: this.#timing, random, nonce };
    const machine = new Membership({ ...options, ...(table !== undefined && { table }) }, this.now);
    const speaker: SimulatedSpeaker = {
      name,
      startId,
      machine,
      counter: 0,
      tickAt: Number.POSITIVE_INFINITY,
      stalledUntil: 0,
      waiting: [],
      running: true,
    };
    this.#speakers.set(name, speaker);
    if (this.#pods.length > 0) this.#event(speaker, { type: "speakers", pods: this.#pods });
    this.#event(speaker, { type: "tick" });
  }

  /** Starts all of them as if they had known each other for long. */
  startJoined(names: readonly string[]): void {
    this.#pods = names.map((node) => ({ node, address: node, ready: true }));
    const inRing = [...names].sort((a, b) => hashText(a) - hashText(b));
    const records = inRing.map((name) => ({
      ...{ name, address: name, startId: this.chance.id(), incarnation: 1, generation: 2, standing: "candidate" as const },
      ...{ deaths: 0, speaks: 1, facts: new Uint8Array() },
    }));
    const entries = records.map((record) => ({ record, status: "alive" as const, since: 0, reason: "it beats" }));
    this.#hushed = true;
    for (const { name, startId } of records) {
      const table = new MemberTable(maxMembers);
      for (const entry of entries) table.put(entry);
      this.start(name, table, startId);
    }
    this.run(600);
    this.#hushed = false;
    this.sent.clear();
  }

  /** As by SIGKILL. */
  kill(name: string): void {
    this.#speaker(name).running = false;
  }

  /** As by SIGTERM, with all addresses handed over after that time. */
  stop(name: string, afterMs: number): void {
    const speaker = this.#speaker(name);
    this.#event(speaker, { type: "leave" });
    this.after(afterMs, () => {
      this.#event(speaker, { type: "stop" });
      speaker.running = false;
    });
  }

  /** The process does not run for a while; its socket fills. */
  stall(name: string, ms: number): void {
    const speaker = this.#speaker(name);
    speaker.stalledUntil = Math.max(speaker.stalledUntil, this.now + ms);
    this.#agenda.at(speaker.stalledUntil, () => this.#wake(speaker));
  }

  event(name: string, event: MembershipEvent): void {
    this.#event(this.#speaker(name), event);
  }

  #speaker(name: string): SimulatedSpeaker {
    const speaker = this.#speakers.get(name);
    if (speaker === undefined) throw new Error(`no speaker ${name} was started`);
    return speaker;
  }

  #event(speaker: SimulatedSpeaker, event: MembershipEvent): void {
    if (!speaker.running) return;
    for (const effect of speaker.machine.transition(event, this.now)) this.#perform(speaker, effect);
    const next = speaker.machine.nextAt();
    if (next < speaker.tickAt) this.#planTick(speaker, next);
  }

  #planTick(speaker: SimulatedSpeaker, at: number): void {
    speaker.tickAt = at;
    this.#agenda.at(at, () => {
      if (speaker.tickAt !== at) return;
      if (speaker.stalledUntil > this.now) return;
      speaker.tickAt = Number.POSITIVE_INFINITY;
      this.#event(speaker, { type: "tick" });
    });
  }

  #wake(speaker: SimulatedSpeaker): void {
    if (speaker.stalledUntil > this.now) return;
    speaker.tickAt = Number.POSITIVE_INFINITY;
    this.#event(speaker, { type: "tick" });
    const { waiting } = speaker;
    speaker.waiting = [];
    for (const deliver of waiting) deliver();
  }

  #perform(speaker: SimulatedSpeaker, effect: MembershipEffect): void {
    switch (effect.type) {
      case "send":
        this.#send(
          speaker,
          effect.to.map(({ address }) => address),
          effect.message,
        );
        return;
      case "ask-segment":
        this.#askSegment(speaker, effect.question, effect.silent);
        return;
      case "view-changed":
        this.onView(speaker.name, speaker.machine);
        return;
      case "contested":
      case "stood":
        this.onContest(speaker.name, effect);
        return;
    }
  }

  #send(speaker: SimulatedSpeaker, targets: readonly string[], message: MembershipMessage): void {
    if (this.#hushed && message.type === "records") return;
    const { name, startId } = speaker;
    speaker.counter += 1;
    const packet: Received = { type: "received", from: name, sender: name, startId, counter: speaker.counter, message };
    this.sent.set(name, (this.sent.get(name) ?? 0) + targets.length);
    for (const to of targets) {
      this.onSend(name, to, message);
      if (!this.segment.passes(name, to)) continue;
      if (this.segment.loss > 0 && this.chance.next() < this.segment.loss) continue;
      const delay = this.segment.delayMs + this.segment.jitterMs * this.chance.next();
      this.#agenda.at(this.now + delay, () => this.#deliver(to, packet));
    }
  }

  #deliver(to: string, packet: Received): void {
    const speaker = this.#speakers.get(to);
    if (speaker === undefined || !speaker.running) return;
    if (speaker.stalledUntil > this.now) {
      if (speaker.waiting.length < socketPackets) speaker.waiting.push(() => this.#deliver(to, packet));
      return;
    }
    this.onPacket(to, packet);
    this.#event(speaker, packet);
  }

  #askSegment(speaker: SimulatedSpeaker, question: number, silent: readonly string[]): void {
    const answered = this.segment.answers(speaker.name);
    const seen = answered ? this.seen(speaker.name, silent) : [];
    this.#agenda.at(this.now + (answered ? 2 : 150), () => this.#event(speaker, { type: "segment", question, answered, seen }));
  }
}
