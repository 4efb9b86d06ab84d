import type { Context } from "./context.ts";
import { joinHoldMs } from "./timing.ts";

/** When a fresh node takes part: nothing is won by one that has yet to hear what the others hold. */
export class Joining {
  readonly #context: Context;
  #since: number;
  #heardAt: number | undefined;
  #synced = false;

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

  /** Starts over as a fresh node. */
  restart(): void {
    this.#since = this.#context.clock.lived;
    this.#synced = false;
    this.#context.own.restart();
  }

  settle(): void {
    const { own } = this.#context;
    if (!own.joined && this.#mayJoin()) own.joined = true;
  }

  nextAt(): number {
    const next = Math.max(this.#since, this.#heardAt ?? 0) + joinHoldMs;
    return this.#context.own.joined ? Number.POSITIVE_INFINITY : Math.max(next, this.#context.clock.lived);
  }

  #mayJoin(): boolean {
    const { own, clock, table, pods, self } = this.#context;
    if (own.confirmed && (this.#synced || clock.lived - this.#since >= joinHoldMs)) return true;
    if (table.alive === 1 && clock.lived - Math.max(this.#since, this.#heardAt ?? 0) >= joinHoldMs) return true;
    if (pods.current === undefined) return false;
    const others = [...pods.current.keys()].filter((node) => node !== self);
    if (others.length === 0) return table.alive === 1 || own.confirmed;
    return own.confirmed && others.every((node) => table.isAlive(node));
  }
}
