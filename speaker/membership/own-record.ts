import { membershipVersion } from "../codec/membership-frame.ts";
import { maxFactsOctets } from "../codec/membership-limit.ts";
import type { Standing, Verdict } from "../codec/membership-record.ts";
import { equalOctets } from "../codec/octets.ts";
import { type MemberRecord, maxIncarnation } from "./member-record.ts";
import { calmMs, dampingMs, deathMemoryMs, maxDampingMs } from "./timing.ts";

/** Who this process is. */
export type Identity = {
  readonly name: string;
  /** Where the others reach it, as text. */
  readonly address: string;
  /** 32 hexadecimal digits, random at each start. */
  readonly startId: string;
};

/** What a peer says it holds of this node. */
export type Held = { readonly verdict: Verdict; readonly incarnation: number; readonly deaths: number };

/** Milliseconds alive after which a node that died so often within the hour is a candidate again. */
export function dampingFor(deaths: number): number {
  return deaths === 0 ? 0 : Math.min(maxDampingMs, dampingMs * 2 ** (deaths - 1));
}

/** What this node says of itself, and why. */
export class OwnRecord {
  readonly #identity: Identity;
  #facts: Uint8Array = new Uint8Array();
  #incarnation = 1;
  #generation = 1;
  #standing: Standing = "joining";
  #deaths = 0;
  #diedAt: number | undefined;
  /** Died, and has not lived for long enough since. */
  #damped = false;
  /** Damped, and it has lived for as long as after a first death all the same. */
  #ripe = false;
  /** It was cut off: when the others held it dead meanwhile, that is the same death. */
  #wasCutOff = false;
  /** Until then others take what a node had that is gone: nobody takes it from them meanwhile. */
  #calmAt = 0;
  /** Since when the peers hold the present life as living. */
  #confirmedAt: number | undefined;
  wireAlive = true;
  willing = true;
  leaving = false;
  joined = false;
  cutOff = false;
  /** It was not there, stood still or was cut off, and nobody has said since that it lives. */
  away = true;

  constructor(identity: Identity) {
    this.#identity = identity;
  }

  get record(): MemberRecord {
    return {
      ...this.#identity,
      incarnation: this.#incarnation,
      generation: this.#generation,
      standing: this.#standing,
      deaths: this.#deaths,
      speaks: membershipVersion,
      facts: this.#facts,
    };
  }

  get standing(): Standing {
    return this.#standing;
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  get generation(): number {
    return this.#generation;
  }

  get confirmed(): boolean {
    return this.#confirmedAt !== undefined;
  }

  /** Told of its death, and not yet known to live again. */
  get outcast(): boolean {
    return this.#damped && this.#confirmedAt === undefined;
  }

  /** @returns true when they are others than before. What is longer than facts may be is refused. */
  setFacts(facts: Uint8Array): boolean {
    if (facts.length > maxFactsOctets || equalOctets(facts, this.#facts)) return false;
    this.#facts = facts;
    this.#generation += 1;
    return true;
  }

  /**
   * A peer said what it holds of this node.
   * @param blame false: a death is no reason for damping.
   * @returns true when a new life began, which all must be told of.
   */
  heldAs(held: Held, blame: boolean, lived: number): boolean {
    if (held.incarnation > maxIncarnation || held.incarnation < this.#incarnation) return false;
    if (held.verdict === "alive" && held.incarnation === this.#incarnation) {
      this.#confirmedAt ??= lived;
      this.away = false;
      this.#wasCutOff = false;
      return false;
    }
    this.#incarnation = held.incarnation + 1;
    this.#confirmedAt = undefined;
    this.#deaths = Math.max(this.#deaths, held.deaths);
    if (held.verdict === "dead" && blame && !this.#wasCutOff) this.#die(lived);
    if (this.#deaths > 0) this.#diedAt ??= lived;
    return true;
  }

  /**
   * It is no longer cut off, and starts over as a fresh speaker that has yet to hear what the others decided. That counts as a death
   * for one that had joined, whether they missed it or not: a link that lets nothing in now and then would move the addresses each time.
   */
  restart(lived: number): void {
    if (this.joined) {
      this.#wasCutOff = true;
      this.#die(lived);
    }
    this.joined = false;
    this.#confirmedAt = undefined;
  }

  /** @returns true when something changed that all must be told of. */
  update(lived: number): boolean {
    if (this.#damped && lived >= this.#endOf(dampingFor(this.#deaths))) this.#damped = false;
    this.#ripe = this.#aliveMs(lived) >= dampingMs && (this.#ripe || lived >= this.#endOf(dampingMs));
    const standing = this.#standingNow();
    const forgets = this.#diedAt !== undefined && lived - this.#diedAt > deathMemoryMs;
    if (standing === this.#standing && !forgets) return false;
    if (forgets) {
      this.#diedAt = undefined;
      this.#deaths = 0;
    }
    this.#standing = standing;
    this.#generation += 1;
    return true;
  }

  /** When the standing may change by itself. */
  nextAt(): number {
    if (!this.#damped) return Number.POSITIVE_INFINITY;
    return this.#endOf(this.#ripe ? dampingFor(this.#deaths) : dampingMs);
  }

  /** Another node that may have had addresses died, or has none any more. */
  otherGaveUp(lived: number): void {
    this.#calmAt = lived + calmMs;
  }

  /** When damping ends that goes on for so long: while others go it does for a while longer, not for ever. */
  #endOf(forMs: number): number {
    if (this.#confirmedAt === undefined) return Number.POSITIVE_INFINITY;
    const end = this.#confirmedAt + forMs;
    return Math.min(Math.max(end, this.#calmAt), end + dampingMs);
  }

  #die(lived: number): void {
    this.#diedAt = lived;
    this.#damped = true;
    this.#deaths = Math.min(255, this.#deaths + 1);
  }

  #aliveMs(lived: number): number {
    return this.#confirmedAt === undefined ? 0 : lived - this.#confirmedAt;
  }

  #standingNow(): Standing {
    if (this.leaving) return "leaving";
    if (!this.wireAlive) return "held";
    if (this.cutOff) return "cut-off";
    if (!this.joined) return "joining";
    if (!this.willing) return "unwilling";
    if (!this.#damped) return "candidate";
    return this.#ripe ? "damped" : "returning";
  }
}
