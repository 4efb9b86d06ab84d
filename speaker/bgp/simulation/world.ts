import { Agenda } from "../../membership/simulation/agenda.ts";
import { Chance } from "../../membership/simulation/chance.ts";
import { ends, localAddress, routerAddress, sessionConfig } from "../fixture/session.ts";
import type { SessionConfig } from "../session/session-config.ts";
import { Party } from "./party.ts";
import { Pipe } from "./pipe.ts";

export type WorldOptions = {
  readonly seed: number;
  readonly left?: Partial<SessionConfig>;
  readonly right?: Partial<SessionConfig>;
};

/** What both sides are configured with, where a test does not say another thing: short timers, and each takes connections. */
const lively = { acceptsInbound: true, holdTimeSeconds: 9, keepaliveMs: 3000 } as const;

/** Two speakers of a session, 10.0.0.1 in AS 64512 and 10.0.0.2 in AS 64513, and the TCP between them, in virtual time. */
export class World {
  readonly agenda = new Agenda();
  readonly chance: Chance;
  readonly left: Party;
  readonly right: Party;
  /** While false no connection is made, and those that are there carry nothing, for good. */
  #reachable = true;
  readonly #pipes: Pipe[] = [];

  constructor({ seed, left = {}, right = {} }: WorldOptions) {
    this.chance = new Chance(seed);
    const leftConfig = sessionConfig({ ...lively, ...left });
    const rightConfig = sessionConfig({ ...lively, myASN: 64513, ownAS: 64513, remoteAS: 64512, ...right });
    this.left = new Party(leftConfig, ends, this, { dial: (attempt) => this.#dial(this.left, this.right, attempt) });
    const others = { local: routerAddress, remote: localAddress };
    this.right = new Party(rightConfig, others, this, { dial: (attempt) => this.#dial(this.right, this.left, attempt) });
  }

  get parties(): readonly [Party, Party] {
    return [this.left, this.right];
  }

  get now(): number {
    return this.agenda.now;
  }

  /** One session, on both sides, over the same connection. */
  get isUp(): boolean {
    const pipe = this.left.sessionPipe;
    return pipe !== undefined && !pipe.silent && pipe === this.right.sessionPipe;
  }

  start(): this {
    for (const party of this.parties) party.event({ type: "start" });
    return this;
  }

  run(milliseconds: number): this {
    this.agenda.runUntil(this.now + milliseconds);
    return this;
  }

  /** Runs until the session is up; gives the time that it took, or undefined when it took longer. */
  runUntilUp(limitMs: number): number | undefined {
    const begin = this.now;
    while (!this.isUp) {
      if (this.now - begin >= limitMs) return undefined;
      this.run(50);
    }
    return this.now - begin;
  }

  set reachable(reachable: boolean) {
    this.#reachable = reachable;
    if (!reachable) for (const pipe of this.#pipes) pipe.silent = true;
  }

  /** Every connection breaks. */
  breakAll(): void {
    for (const pipe of this.#pipes.splice(0)) if (!pipe.silent) pipe.break();
  }

  /** The caller hears of it a moment after the called one, as with TCP. */
  #dial(from: Party, to: Party, attempt: number): void {
    if (!this.#reachable) return;
    const toArriveMs = 1 + this.chance.below(10);
    const { process } = from;
    this.agenda.at(this.now + toArriveMs, () => {
      if (!to.config.acceptsInbound) {
        this.agenda.at(this.now + toArriveMs, () =>
          from.event({ type: "connect-failed", attempt, reason: "connection refused" }),
        );
        return;
      }
      const ofPipe = () => pipe;
      const openAt = this.now + toArriveMs;
      const pipe: Pipe = new Pipe(this.agenda, this.chance, [from.listenTo(ofPipe), to.listenTo(ofPipe)], openAt);
      pipe.silent = !this.#reachable;
      this.#pipes.push(pipe);
      this.agenda.at(openAt, () => {
        if (from.process === process) from.adopt(pipe, 0, attempt);
        else pipe.close(0);
      });
      to.adopt(pipe, 1, undefined);
    });
  }
}
