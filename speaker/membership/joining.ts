import type { Context } from "./context.ts";
import { joinHoldMs } from "./timing.ts";

/** When a fresh node takes part: nothing is won by one that has yet to hear what the others hold. */
export class Joining {
  readonly #context: Context;
  #since: number;
  #heardAt: number | undefined;
  #synced = false;
  #segmentAnswered = false;

  constructor(context: Context) {
    this.#context = context;
    this.#since = context.clock.lived;
  }

  /** A packet of a proven peer came. */
  heard(): void {
    this.#heardAt = this.#context.clock.lived;
  }

  /** An exchange with a node that takes part itself has ended. */
  synced(): void {
    this.#synced = true;
  }

  /** The segment answers: whoever is not heard is not there, or is kept from being heard. */
  segmentAnswered(): void {
    this.#segmentAnswered = true;
  }

  /** Nobody answered for so long that this node would take part without, if only it is on the segment at all. */
  get wantsSegment(): boolean {
    return !this.#context.own.joined && this.#unanswered && !this.#segmentAnswered && this.#others.length > 0;
  }

  /** Starts over as a fresh node. */
  restart(): void {
    const { own, clock } = this.#context;
    this.#since = clock.lived;
    this.#synced = false;
    this.#segmentAnswered = false;
    own.restart(clock.lived);
  }

  settle(): void {
    const { own } = this.#context;
    if (!own.joined && this.#mayJoin()) own.joined = true;
  }

  nextAt(): number {
    const next = Math.max(this.#since, this.#heardAt ?? 0) + joinHoldMs;
    return this.#context.own.joined ? Number.POSITIVE_INFINITY : Math.max(next, this.#context.clock.lived);
  }

  /** Other nodes with a speaker, as far as the API has said. */
  get #others(): readonly string[] {
    const { pods, self } = this.#context;
    return [...(pods.current?.keys() ?? [])].filter((node) => node !== self);
  }

  get #unanswered(): boolean {
    const { table, clock } = this.#context;
    return table.alive === 1 && clock.lived - Math.max(this.#since, this.#heardAt ?? 0) >= joinHoldMs;
  }

  #mayJoin(): boolean {
    const { own, clock, table, pods } = this.#context;
    if (own.confirmed && (this.#synced || clock.lived - this.#since >= joinHoldMs)) return true;
    if (this.#unanswered && !this.wantsSegment) return true;
    if (pods.current === undefined) return false;
    const others = this.#others;
    if (others.length === 0) return table.alive === 1 || own.confirmed;
    return own.confirmed && others.every((node) => table.isAlive(node));
  }
}
