import type { Standing } from "../codec/membership-record.ts";
import { wantsAddresses } from "./member-record.ts";
import type { MemberTable } from "./member-table.ts";
import { togetherMs } from "./timing.ts";

/** Where nobody else wants addresses, one that died lately is better than none. */
export function isSecondChoice(standing: Standing): boolean {
  return standing === "damped";
}

/**
 * Whether nodes that died lately may be given addresses: where nobody else wants any, and for a moment longer once one of them is no
 * longer damped. Nodes that held each other dead come out of damping one after the other; without that moment the first would take
 * all addresses from the others, and they would take theirs back. A node that comes from elsewhere ends it at once.
 */
export class SecondChoice {
  #version = -1;
  #until = Number.NEGATIVE_INFINITY;
  /** The damped nodes, while no other wants addresses. */
  #among: ReadonlySet<string> = new Set();

  /** @param lived milliseconds. @returns true when they may. */
  update(table: MemberTable, lived: number): boolean {
    if (table.viewVersion !== this.#version) this.#look(table, lived);
    if (lived >= this.#until) this.#until = Number.NEGATIVE_INFINITY;
    return this.#until > lived;
  }

  /** When that ends by itself. */
  nextAt(): number {
    return Number.isFinite(this.#until) ? this.#until : Number.POSITIVE_INFINITY;
  }

  #look(table: MemberTable, lived: number): void {
    this.#version = table.viewVersion;
    const first: string[] = [];
    const second = new Set<string>();
    for (const { record, status } of table.entries()) {
      if (status !== "alive") continue;
      if (wantsAddresses(record.standing)) first.push(record.name);
      if (isSecondChoice(record.standing)) second.add(record.name);
    }
    if (first.length === 0) {
      this.#among = second;
      this.#until = second.size > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    } else if (!first.every((name) => this.#among.has(name))) {
      this.#among = new Set();
      this.#until = Number.NEGATIVE_INFINITY;
    } else if (this.#until === Number.POSITIVE_INFINITY) this.#until = lived + togetherMs;
  }
}
