import { maxContested } from "../codec/membership-limit.ts";
import type { Contest, Stands } from "../codec/membership-message.ts";
import { Budget } from "./budget.ts";
import { type Context, targetOf } from "./context.ts";
import type { ContestAnswer } from "./event.ts";

/** Contests of others that are handed on: so many at once, and so many a second. */
const contestBurst = 200;
const contestsPerSecond = 200;

/**
 * Asks a member whether it stands for addresses, and carries its answer. What a contest says is a hint only; an answer
 * counts when it holds a fresh nonce, so it is neither old nor another's.
 */
export class Contesting {
  readonly #context: Context;
  readonly #budget: Budget;

  constructor(context: Context) {
    this.#context = context;
    this.#budget = new Budget(contestBurst, contestsPerSecond, context.clock.lived);
  }

  /** In as many packets as it takes. */
  ask(member: string, addresses: readonly string[], standing: boolean): void {
    const { outbox, challenge, clock } = this.#context;
    const nonce = challenge.nonce(clock.lived);
    for (let from = 0; from < addresses.length; from += maxContested) {
      const some = addresses.slice(from, from + maxContested);
      outbox.send([targetOf(this.#context, member)], { type: "contest", nonce, addresses: some, standing });
    }
  }

  /** What this node says to a contest, to where the asker is known to be. */
  answer({ to, nonce, stands, denied }: ContestAnswer): void {
    this.#context.outbox.send([targetOf(this.#context, to)], { type: "stands", nonce, stands, denied });
  }

  contested(sender: string, { nonce, addresses, standing }: Contest): void {
    const { outbox, clock } = this.#context;
    if (!this.#budget.take(clock.lived)) return;
    outbox.add({ type: "contested", by: sender, nonce, addresses, standing });
  }

  stood(sender: string, { nonce, stands, denied }: Stands): void {
    const { outbox, challenge, clock } = this.#context;
    if (challenge.matches(nonce, clock.lived)) outbox.add({ type: "stood", by: sender, stands, denied });
  }
}
