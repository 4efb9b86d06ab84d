import type { Clock } from "../../../operator/framework/clock.ts";
import type { MembershipEffect, MembershipEvent } from "../../membership/event.ts";
import type { MemberView } from "../../membership/member-view.ts";
import type { Membership } from "../../membership/membership.ts";
import type { Alarm } from "../../native/alarm.ts";
import type { Datagrams } from "../../native/datagrams.ts";
import type { DropReason, MembershipSeal } from "./membership-seal.ts";

export type MembershipDriverOptions = {
  readonly machine: Membership;
  readonly seal: MembershipSeal;
  /** Undefined while there is no socket: then nothing is sent. */
  readonly datagrams: () => Datagrams | undefined;
  readonly clock: Clock;
  readonly openAlarm: (onRing: () => void) => Alarm;
  /** Whether the wire runs and hears. */
  readonly wireAlive: () => boolean;
  /** This thread runs anyway, for the first time since {@link lookMs}. */
  readonly onLook: () => void;
  readonly onView: (view: MemberView) => void;
  /** A member asks or answers whether addresses are stood for. */
  readonly onContest: (effect: Extract<MembershipEffect, { readonly type: "contested" | "stood" }>) => void;
  readonly onQuestion: (question: number, silent: readonly SilentNode[]) => void;
};

/** A node that is not heard, and where its speaker is reached; the address is empty where nobody knows. */
export type SilentNode = { readonly name: string; readonly address: string };

/** Datagrams that were not understood, by the reason. */
export type DropCounts = Readonly<Partial<Record<DropReason, number>>>;

/** From one look around to the next, where something else wakes this thread: the wire is looked at more often than others. */
const wireLookMs = 50;
export const lookMs = 380;

/** An alarm that would ring so soon, and too early, is put off at once; another may yet be put off together with what comes. */
const soonMs = 50;

/** Runs the membership machine: packets and time in, packets out. The only state of its own is an alarm. */
export class MembershipDriver {
  readonly #options: MembershipDriverOptions;
  readonly #dropped = new Map<DropReason, number>();
  #wireAlive = true;
  readonly #alarm: Alarm;
  /** When the machine wants its tick, and when the alarm rings: no later. */
  #dueAt = 0;
  #alarmAt = Number.POSITIVE_INFINITY;
  #wireLookAt = 0;
  #lookAt = 0;
  #stopped = false;

  constructor(options: MembershipDriverOptions) {
    this.#options = options;
    this.#alarm = options.openAlarm(() => this.#ring());
  }

  start(): void {
    this.#options.onView(this.#options.machine.view());
    this.#ring();
  }

  /** Takes a datagram, whoever sent it. */
  receive(octets: Uint8Array, from: string): void {
    const now = this.#now();
    if (now >= this.#wireLookAt) this.#look(now);
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
    this.#planRing(now);
  }

  /** The last words are sent before it returns. */
  stop(): void {
    this.take({ type: "stop" });
    this.#stopped = true;
    this.#alarm.close();
  }

  /** What was dropped since it was asked last. */
  takeDropped(): DropCounts {
    const counts = Object.fromEntries(this.#dropped);
    this.#dropped.clear();
    return counts;
  }

  #ring(): void {
    if (this.#stopped) return;
    this.#alarmAt = Number.POSITIVE_INFINITY;
    const now = this.#now();
    if (now >= this.#wireLookAt) this.#look(now);
    if (now >= this.#dueAt) this.#takeAt({ type: "tick" }, now);
    else this.#planRing(now);
  }

  #look(now: number): void {
    this.#wireLookAt = now + wireLookMs;
    const alive = this.#options.wireAlive();
    if (alive !== this.#wireAlive) {
      this.#wireAlive = alive;
      this.#takeAt({ type: "wire", alive }, now);
    }
    if (now < this.#lookAt) return;
    this.#lookAt = now + lookMs;
    this.#options.onLook();
  }

  #planRing(now: number): void {
    const early = this.#dueAt > this.#alarmAt;
    if (this.#dueAt === this.#alarmAt || (early && this.#alarmAt - now > soonMs)) return;
    this.#alarmAt = this.#dueAt;
    this.#alarm.set(Math.max(0, this.#dueAt - now));
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
