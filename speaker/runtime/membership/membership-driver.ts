import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import type { MembershipEffect, MembershipEvent } from "../../membership/event.ts";
import type { MemberView } from "../../membership/member-view.ts";
import type { Membership } from "../../membership/membership.ts";
import type { Datagrams } from "../../native/datagrams.ts";
import type { DropReason, MembershipSeal } from "./membership-seal.ts";

export type MembershipDriverOptions = {
  readonly machine: Membership;
  readonly seal: MembershipSeal;
  /** Undefined while there is no socket: then nothing is sent. */
  readonly datagrams: () => Datagrams | undefined;
  readonly clock: Clock;
  /** Whether the wire runs and hears. */
  readonly wireAlive: () => boolean;
  readonly onView: (view: MemberView) => void;
  /** A member asks or answers whether addresses are stood for. */
  readonly onContest: (effect: Extract<MembershipEffect, { readonly type: "contested" | "stood" }>) => void;
  readonly onQuestion: (question: number, silent: readonly SilentNode[]) => void;
};

/** A node that is not heard, and where its speaker is reached; the address is empty where nobody knows. */
export type SilentNode = { readonly name: string; readonly address: string };

/** Datagrams that were not understood, by the reason. */
export type DropCounts = Readonly<Partial<Record<DropReason, number>>>;

/** Runs the membership machine: packets and time in, packets out. The only state of its own is a timer. */
export class MembershipDriver {
  readonly #options: MembershipDriverOptions;
  readonly #dropped = new Map<DropReason, number>();
  #wireAlive = true;
  /** When the machine wants its tick, and when the timer fires: no later. */
  #dueAt = 0;
  #timerAt = Number.POSITIVE_INFINITY;
  #cancelTimer: Cancel = () => undefined;
  #stopped = false;

  constructor(options: MembershipDriverOptions) {
    this.#options = options;
  }

  start(): void {
    this.#options.onView(this.#options.machine.view());
    this.#tick(this.#now());
  }

  /** Takes a datagram, whoever sent it. */
  receive(octets: Uint8Array, from: string): void {
    const now = this.#now();
    const opened = this.#options.seal.open(octets, from, now);
    if (opened.ok) this.#takeAt(opened.event, now);
    else this.#dropped.set(opened.reason, (this.#dropped.get(opened.reason) ?? 0) + 1);
  }

  take(event: MembershipEvent): void {
    this.#takeAt(event, this.#now());
  }

  #takeAt(event: MembershipEvent, now: number): void {
    if (this.#stopped) return;
    const { machine } = this.#options;
    for (const effect of machine.transition(event, now)) this.#perform(effect, now);
    if (this.#stopped) return;
    this.#dueAt = machine.nextAt();
    this.#planTick(now);
  }

  /** The last words are sent before it returns. */
  stop(): void {
    this.take({ type: "stop" });
    this.#stopped = true;
    this.#cancelTimer();
  }

  /** What was dropped since it was asked last. */
  takeDropped(): DropCounts {
    const counts = Object.fromEntries(this.#dropped);
    this.#dropped.clear();
    return counts;
  }

  #tick(now: number): void {
    const alive = this.#options.wireAlive();
    if (alive !== this.#wireAlive) {
      this.#wireAlive = alive;
      this.#takeAt({ type: "wire", alive }, now);
    }
    if (now >= this.#dueAt) this.#takeAt({ type: "tick" }, now);
    else this.#planTick(now);
  }

  /** A timer that fires too early costs less than one that is taken back, so it stays when the tick has moved on. */
  #planTick(now: number): void {
    if (this.#dueAt >= this.#timerAt) return;
    this.#cancelTimer();
    this.#timerAt = this.#dueAt;
    this.#cancelTimer = this.#options.clock.after(Math.max(0, this.#dueAt - now), () => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#tick(this.#now());
    });
  }

  #perform(effect: MembershipEffect, now: number): void {
    const { machine, seal, datagrams, onView, onQuestion, onContest } = this.#options;
    switch (effect.type) {
      case "send": {
        const socket = datagrams();
        if (socket === undefined) return;
        for (const { octets, targets } of seal.seal(effect.to, effect.message, now)) {
          for (const { address } of targets) socket.send(octets, address);
        }
        return;
      }
      case "view-changed":
        onView(machine.view());
        return;
      case "contested":
      case "stood":
        onContest(effect);
        return;
      case "ask-segment":
        onQuestion(
          effect.question,
          effect.silent.map((name) => ({ name, address: machine.addressOf(name) })),
        );
        return;
    }
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }
}
