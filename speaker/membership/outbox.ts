import type { MembershipMessage } from "../codec/membership-message.ts";
import type { MembershipEffect, Target } from "./event.ts";

/** Effects of one transition, in order. */
export class Outbox {
  #effects: MembershipEffect[] = [];
  #silenced = false;

  /** While silenced, nothing is sent. */
  silence(silenced: boolean): void {
    this.#silenced = silenced;
  }

  send(to: readonly Target[], message: MembershipMessage): void {
    if (this.#silenced) return;
    const known = to.filter(({ address }) => address !== "");
    if (known.length > 0) this.#effects.push({ type: "send", to: known, message });
  }

  add(effect: MembershipEffect): void {
    this.#effects.push(effect);
  }

  take(): readonly MembershipEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
