import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import type { TracedMessage } from "./message-trace.ts";

type Asked = { readonly resolve: (messages: readonly TracedMessage[] | undefined) => void; readonly cancel: Cancel };

/** Whoever has not answered by then does not run. */
const PATIENCE_MS = 2_000;

/** Asks the thread that speaks BGP for the last messages of a session; nothing crosses unless somebody asks. */
export class TraceDesk {
  readonly #clock: Clock;
  readonly #post: (question: number, peer: string) => void;
  readonly #asked = new Map<number, Asked>();
  #questions = 0;

  constructor(clock: Clock, post: (question: number, peer: string) => void) {
    this.#clock = clock;
    this.#post = post;
  }

  /** @returns undefined: no answer came. */
  ask(peer: string): Promise<readonly TracedMessage[] | undefined> {
    this.#questions += 1;
    const question = this.#questions;
    return new Promise((resolve) => {
      const cancel = this.#clock.after(PATIENCE_MS, () => this.#settle(question, undefined));
      this.#asked.set(question, { resolve, cancel });
      this.#post(question, peer);
    });
  }

  answer({ question, messages }: { readonly question: number; readonly messages: readonly TracedMessage[] }): void {
    this.#settle(question, messages);
  }

  #settle(question: number, messages: readonly TracedMessage[] | undefined): void {
    const asked = this.#asked.get(question);
    this.#asked.delete(question);
    asked?.cancel();
    asked?.resolve(messages);
  }
}
