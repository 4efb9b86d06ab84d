import { type Context, targetOf } from "./context.ts";
import type { Target } from "./event.ts";
import type { Syncing } from "./syncing.ts";
import { exchangeMs, joinRetryMs, recallMs, recallsPerNode } from "./timing.ts";

/** Speakers that a joining node calls at one time. */
const joinCalls = 3;

/** From one question whether we are held alive to the next, while nobody says so. */
const confirmMs = 200;

/**
 * Whom a node calls without being asked: to join; to be known as alive; now and then one at random, so that views cannot
 * differ for long; and now and then one that does not live here, so that what was cut in two finds together.
 */
export class Calls {
  readonly #context: Context;
  readonly #syncing: Syncing;
  #nextJoinAt = 0;
  #nextExchangeAt: number;
  #nextConfirmAt = 0;
  #nextRecallAt: number;
  #gone: { readonly ringVersion: number; readonly pods: unknown; readonly targets: readonly Target[] } | undefined;

  constructor(context: Context, syncing: Syncing) {
    this.#context = context;
    this.#syncing = syncing;
    // Nodes that start together need not call together ever after.
    this.#nextExchangeAt = context.clock.lived + exchangeMs * context.random();
    this.#nextRecallAt = context.clock.lived + recallMs * context.random();
  }

  tick(): void {
    const { clock, own } = this.#context;
    const { lived } = clock;
    if (!own.joined && !this.#syncing.busy && lived >= this.#nextJoinAt) {
      this.#nextJoinAt = lived + joinRetryMs;
      this.#syncing.call(this.#some(this.#speakers(), joinCalls));
    }
    if (own.joined && !own.confirmed && lived >= this.#nextConfirmAt) {
      this.#nextConfirmAt = lived + confirmMs;
      this.#syncing.call(this.#living());
    }
    if (lived >= this.#nextExchangeAt) {
      this.#nextExchangeAt = lived + exchangeMs;
      const [peer] = this.#living();
      if (peer !== undefined && !this.#syncing.busy) this.#syncing.start(peer);
    }
    if (lived >= this.#nextRecallAt) {
      this.#nextRecallAt = lived + recallMs;
      this.#recall();
    }
  }

  /** A node that joins has found somebody: no need to wait for the next call. */
  joinSoon(): void {
    this.#nextJoinAt = this.#context.clock.lived;
  }

  /** Exchanges and calls to those who do not live wait for the next tick, whatever it is for. */
  nextAt(): number {
    const { own } = this.#context;
    const join = own.joined || this.#syncing.busy ? Number.POSITIVE_INFINITY : this.#nextJoinAt;
    const confirm = own.joined && !own.confirmed ? this.#nextConfirmAt : Number.POSITIVE_INFINITY;
    return Math.min(join, confirm);
  }

  /** The more nodes live, the less often does each of them call one that does not. */
  #recall(): void {
    const { random, table } = this.#context;
    const targets = this.#notLiving();
    if (random() * table.alive < recallsPerNode * targets.length) this.#syncing.call(this.#some(targets, 1));
  }

  #living(): readonly Target[] {
    const { table, random, self } = this.#context;
    const name = table.livingAt(random(), (other) => other === self);
    return name === undefined ? [] : [targetOf(this.#context, name)];
  }

  /** The speakers' Pods, else whom we know. */
  #speakers(): readonly Target[] {
    const { pods, table, self } = this.#context;
    const names = new Set([...(pods.current?.keys() ?? []), ...[...table.entries()].map(({ record }) => record.name)]);
    names.delete(self);
    return [...names].map((name) => targetOf(this.#context, name));
  }

  /** Nodes that may live and are not held as living: those with a Pod, and those that died. */
  #notLiving(): readonly Target[] {
    const { pods, table } = this.#context;
    if (this.#gone?.ringVersion !== table.ringVersion || this.#gone.pods !== pods.current) {
      this.#gone = { ringVersion: table.ringVersion, pods: pods.current, targets: this.#findNotLiving() };
    }
    return this.#gone.targets;
  }

  #findNotLiving(): readonly Target[] {
    const { pods, table, self } = this.#context;
    const targets: Target[] = [];
    for (const name of pods.current?.keys() ?? []) {
      if (name !== self && !table.isAlive(name)) targets.push(targetOf(this.#context, name));
    }
    for (const { record, status } of table.entries()) {
      if (status === "dead" && !pods.current?.has(record.name)) targets.push({ name: record.name, address: record.address });
    }
    return targets;
  }

  #some(targets: readonly Target[], count: number): readonly Target[] {
    const first = Math.floor(this.#context.random() * targets.length);
    const chosen: Target[] = [];
    for (let i = 0; i < Math.min(count, targets.length); i += 1) {
      const target = targets[(first + i) % targets.length];
      if (target !== undefined) chosen.push(target);
    }
    return chosen;
  }
}
