import { decodeBfdControl, encodeBfdControl } from "../../codec/bfd.ts";
import { Agenda } from "../../membership/simulation/agenda.ts";
import { Chance } from "../../membership/simulation/chance.ts";
import type { Cause } from "../diagnostic.ts";
import { defaults } from "../fixture/session-driver.ts";
import { newSession, nextAt, type Session } from "../session.ts";
import type { BfdSessionParameters } from "../session-parameters.ts";
import { type Event, transition } from "../transition.ts";

/** What passes from one end to the other. Milliseconds. */
export type Way = { loss: number; delayMs: number; jitterMs: number };

export type Change = { readonly at: number; readonly end: number; readonly to: string; readonly cause: Cause };

type End = { session: Session; wakeAt: number; stalledUntil: number; waiting: Uint8Array[] };

/** Two ends of one path with the real machine, in virtual time. The same seed gives the same run. */
export class Pair {
  readonly ways: readonly [Way, Way] = [
    { loss: 0, delayMs: 0.2, jitterMs: 0.1 },
    { loss: 0, delayMs: 0.2, jitterMs: 0.1 },
  ];
  readonly changes: Change[] = [];
  readonly #agenda = new Agenda();
  readonly #chance: Chance;
  readonly #ends: readonly [End, End];

  constructor(seed: number, a: Partial<BfdSessionParameters> = {}, b: Partial<BfdSessionParameters> = {}) {
    this.#chance = new Chance(seed);
    const end = (parameters: Partial<BfdSessionParameters>, discriminator: number): End => ({
      session: newSession({ ...defaults, ...parameters }, discriminator, 0, 0),
      wakeAt: Number.POSITIVE_INFINITY,
      stalledUntil: 0,
      waiting: [],
    });
    this.#ends = [end(a, 0xaaaa), end(b, 0xbbbb)];
    for (const which of [0, 1] as const) this.#agenda.at(this.#chance.below(1_000), () => this.event(which, { type: "tick" }));
  }

  get now(): number {
    return this.#agenda.now;
  }

  run(ms: number): this {
    this.#agenda.runUntil(this.now + ms);
    return this;
  }

  session(which: 0 | 1): Session {
    return this.#ends[which].session;
  }

  get bothUp(): boolean {
    return this.#ends.every(({ session }) => session.state === "Up");
  }

  configure(which: 0 | 1, changes: Partial<BfdSessionParameters>): void {
    this.event(which, { type: "configured", parameters: { ...this.session(which).parameters, ...changes } });
  }

  /** The end's process runs nothing for so long; what arrives waits for it. */
  stall(which: 0 | 1, ms: number): void {
    const end = this.#ends[which];
    end.stalledUntil = this.now + ms;
    this.#agenda.at(end.stalledUntil, () => {
      // Timers fire first, late as they are, and what has waited is read behind them.
      this.#tick(which, this.now - ms);
      for (const octets of end.waiting.splice(0)) this.#read(which, octets);
      this.#tick(which, this.now);
    });
  }

  event(which: 0 | 1, event: Event, readUntil = this.now): void {
    const end = this.#ends[which];
    const { session, effects } = transition(end.session, event, { now: this.now, readUntil, random: this.#chance.next() });
    end.session = session;
    for (const effect of effects) {
      if (effect.type === "send") this.#send(which, encodeBfdControl(effect.packet));
      if (effect.type === "changed") this.changes.push({ at: this.now, end: which, to: effect.to, cause: effect.cause });
    }
    const wakeAt = nextAt(session);
    if (wakeAt === end.wakeAt) return;
    end.wakeAt = wakeAt;
    if (wakeAt !== Number.POSITIVE_INFINITY) this.#agenda.at(wakeAt, () => this.#wake(which, wakeAt));
  }

  #wake(which: 0 | 1, at: number): void {
    const end = this.#ends[which];
    if (end.wakeAt !== at || this.now < end.stalledUntil) return;
    end.wakeAt = Number.POSITIVE_INFINITY;
    this.event(which, { type: "tick" });
  }

  #tick(which: 0 | 1, readUntil: number): void {
    this.event(which, { type: "tick" }, readUntil);
  }

  #send(from: 0 | 1, octets: Uint8Array): void {
    const { loss, delayMs, jitterMs } = this.ways[from];
    if (this.#chance.next() < loss) return;
    const to = from === 0 ? 1 : 0;
    this.#agenda.at(this.now + delayMs + jitterMs * this.#chance.next(), () => {
      const end = this.#ends[to];
      if (this.now < end.stalledUntil) end.waiting.push(octets);
      else this.#read(to, octets);
    });
  }

  #read(which: 0 | 1, octets: Uint8Array): void {
    const packet = decodeBfdControl(octets);
    const { discriminator } = this.session(which);
    if (packet.yourDiscriminator === 0 || packet.yourDiscriminator === discriminator)
      this.event(which, { type: "received", packet });
  }
}
