import type { Conflict } from "./conflict.ts";
import { Conflicts } from "./conflicts.ts";
import { Contests } from "./contests.ts";
import type { Grounds } from "./grounds.ts";
import type { RivalEffect, RivalEvent } from "./rival-event.ts";
import type { Sighting } from "./sighting.ts";

/** Why an address that this node was elected to announce is not announced. */
export type Withheld = "yielded" | "quarantined";

/**
 * What this node does about machines that claim its addresses. Total: it answers every event at any time and never throws.
 * A frame alone moves no address: another member must stand for it, or the pool's policy must say so.
 */
export class Rivals {
  readonly #grounds: Grounds;
  readonly #contests: Contests;
  readonly #conflicts: Conflicts;
  #effects: RivalEffect[] = [];

  /** @param now milliseconds of a monotonic clock, as for {@link transition}. */
  constructor(grounds: Grounds, now: number) {
    this.#grounds = grounds;
    const emit = (effect: RivalEffect): void => {
      this.#effects.push(effect);
    };
    const conflicts = new Conflicts(grounds, emit, now);
    this.#conflicts = conflicts;
    this.#contests = new Contests({
      grounds,
      emit,
      isSilent: (ip) => conflicts.quarantined(ip),
      onUnexplained: (sighting, node, cause, at) => conflicts.unexplained(sighting, node, cause, at),
    });
  }

  transition(event: RivalEvent, now: number): readonly RivalEffect[] {
    this.#apply(event, now);
    this.#contests.tick(now);
    this.#conflicts.tick(now);
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** When to send a tick, on the clock of {@link transition}; undefined: after the next other event. */
  nextAt(): number | undefined {
    const contests = this.#contests.nextAt();
    const conflicts = this.#conflicts.nextAt();
    return contests === undefined ? conflicts : Math.min(contests, conflicts ?? contests);
  }

  /** Whether {@link withheld} has a reason for any address. */
  get withholds(): boolean {
    return this.#contests.yieldedAny || this.#conflicts.size > 0;
  }

  withheld(ip: string): Withheld | undefined {
    if (this.#contests.yieldedTo(ip) !== undefined) return "yielded";
    return this.#conflicts.quarantined(ip) ? "quarantined" : undefined;
  }

  /** Addresses that were left to another node. */
  yielded(): readonly { readonly ip: string; readonly to: string }[] {
    return [...this.#contests.yielded()];
  }

  /** The conflicts that last. */
  conflicts(): readonly Conflict[] {
    return [...this.#conflicts.values()];
  }

  claimsMany(mac: string): boolean {
    return this.#conflicts.claimsMany(mac);
  }

  /** Contests and conflicts that are remembered. */
  get size(): number {
    return this.#contests.size + this.#conflicts.size;
  }

  #apply(event: RivalEvent, now: number): void {
    switch (event.type) {
      case "tick":
        return;
      case "sighted":
      case "probed":
        for (const sighting of event.sightings) this.#sighted(sighting, event.type === "probed", now);
        return;
      case "contested":
        this.#contests.contested(event.by, event.nonce, event.addresses, event.standing, now);
        return;
      case "stood":
        this.#contests.stood(event.by, event.stands, event.denied, now);
        return;
    }
  }

  #sighted(sighting: Sighting, proven: boolean, now: number): void {
    if (this.#grounds.stand(sighting.ip) === undefined) return;
    const node = this.#grounds.nodeOf(sighting.mac);
    if (node === undefined) {
      this.#conflicts.host(sighting, proven, now);
      return;
    }
    this.#conflicts.ofNode(sighting, now);
    this.#contests.sighted(sighting, node, now);
  }
}
