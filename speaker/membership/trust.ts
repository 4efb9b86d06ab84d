import type { MemberTable } from "./member-table.ts";
import { ReplayWindow } from "./replay-window.ts";

/**
 * proven: the start id answered a nonce of ours. vouched: a node that we trust named this start id. stranger: neither;
 * what such a packet says may be years old. replayed: the counter was seen.
 */
export type TrustLevel = "proven" | "vouched" | "stranger" | "replayed";

type Slot = { readonly startId: string; readonly window: ReplayWindow; proven: boolean; heardAt: number | undefined };

/** Which start of which node is believed, and which of its packets were seen. Bounded. */
export class Trust {
  readonly #table: MemberTable;
  readonly #limit: number;
  readonly #slots = new Map<string, Slot>();

  /** @param table its records name the start ids that others vouch for. */
  constructor(table: MemberTable, limit: number) {
    this.#table = table;
    this.#limit = limit;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Judges one packet and remembers its counter. */
  judge(name: string, startId: string, counter: number): TrustLevel {
    const slot = this.#slots.get(name) ?? this.#vouched(name, startId);
    if (slot === undefined || slot.startId !== startId) return "stranger";
    if (!slot.window.accept(counter)) return "replayed";
    return slot.proven ? "proven" : "vouched";
  }

  /** The start answered a fresh nonce in the packet of that counter; a start that was believed before is over. */
  prove(name: string, startId: string, counter: number): void {
    const slot = this.#slots.get(name);
    if (slot !== undefined && slot.startId === startId) {
      slot.proven = true;
      return;
    }
    this.#put(name, startId, true)?.window.accept(counter);
  }

  /** A newer life of the node was told of by somebody trusted: another start is no longer believed. */
  supersede(name: string, startId: string): void {
    if (this.#slots.get(name)?.startId !== startId) this.#slots.delete(name);
  }

  /** Notes a sign of life of a proven start. */
  heard(name: string, lived: number): void {
    const slot = this.#slots.get(name);
    if (slot !== undefined) slot.heardAt = lived;
  }

  /** When the node itself was heard last; undefined: never. */
  heardAt(name: string): number | undefined {
    return this.#slots.get(name)?.heardAt;
  }

  forget(name: string): void {
    this.#slots.delete(name);
  }

  #vouched(name: string, startId: string): Slot | undefined {
    return this.#table.get(name)?.record.startId === startId ? this.#put(name, startId, false) : undefined;
  }

  #put(name: string, startId: string, proven: boolean): Slot | undefined {
    if (!this.#slots.has(name) && this.#slots.size >= this.#limit) return undefined;
    const slot = { startId, window: new ReplayWindow(), proven, heardAt: undefined };
    this.#slots.set(name, slot);
    return slot;
  }
}
