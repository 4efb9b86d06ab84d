import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import type { RivalEvent } from "../../l2/conflict/rival-event.ts";
import { HandOverQuestions } from "../../l2/hand-over-questions.ts";
import type { ToBeat, ToWire } from "../messages.ts";
import { ipsOf, type Outcome } from "./announcements.ts";

export type HandOverDeskOptions = {
  readonly clock: Clock;
  readonly post: (message: ToWire) => void;
  readonly postToBeat: (message: ToBeat) => void;
};

/** Asks the new owners of what this node gives away, and tells the wire which of the addresses they stand for. */
export class HandOverDesk {
  readonly #options: HandOverDeskOptions;
  readonly #questions = new HandOverQuestions();
  #cancel: Cancel = () => undefined;

  constructor(options: HandOverDeskOptions) {
    this.#options = options;
  }

  /** What was decided, and told to the wire. @param stays this node goes on: one that ends waits until the new owner is heard. */
  follow({ changes, transitions }: Outcome, stays: boolean): void {
    const handedOver = new Set(changes.flatMap(({ service, handOver }) => (handOver === true ? [service] : [])));
    for (const { key, before, after, owner } of transitions) {
      if (this.#questions.nextAt() !== undefined) this.#questions.forget(ipsOf(after));
      if (stays && owner !== undefined && handedOver.has(key))
        this.#questions.begin(ipsOf(before), owner, this.#options.clock.monotonic());
    }
    this.#plan();
  }

  stood({ by, stands }: Extract<RivalEvent, { readonly type: "stood" }>): void {
    const ips = this.#questions.stood(
      by,
      stands.flatMap(({ address, lapsing }) => (lapsing ? [] : [address])),
    );
    if (ips.length > 0) this.#options.post({ type: "taken-over", ips });
  }

  #plan(): void {
    const { clock, postToBeat } = this.#options;
    this.#cancel();
    const next = this.#questions.nextAt();
    if (next === undefined) return;
    this.#cancel = clock.after(Math.max(0, next - clock.monotonic()), () => {
      for (const [member, addresses] of this.#questions.tick(clock.monotonic()))
        postToBeat({ type: "ask", member, addresses, standing: false });
      this.#plan();
    });
  }
}
