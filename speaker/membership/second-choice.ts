import type { Standing } from "../codec/membership-record.ts";
import { wantsAddresses } from "./member-record.ts";
import type { MemberTable } from "./member-table.ts";
import { togetherMs } from "./timing.ts";

/** Where nobody else wants addresses, one that died lately is better than none. */
export function isSecondChoice(standing: Standing): boolean {
  return standing === "damped";
}

/**
 * Which nodes that died lately may be given addresses: all of them where nobody else wants any, and those for a moment longer once one of
 * them is no longer damped. Nodes that held each other dead come out of damping one after the other; without that moment the first
 * would take all addresses from the others, and they would take theirs back. A node that comes from elsewhere ends it at once, and one
 * that was away meanwhile, and does not know when that moment began, has no part in it.
 */
export class SecondChoice {
  #version = -1;
  #until = Number.NEGATIVE_INFINITY;
  /** The damped nodes, while no other wants addresses. */
  #among: ReadonlySet<string> = new Set();
  #any = false;

  /**
   * @param takesPart false: this node has not joined yet, or is cut off.
   * @param lived milliseconds.
   * @returns true when any node {@link includes | is included}.
   */
  update(table: MemberTable, takesPart: boolean, lived: number): boolean {
    if (!takesPart) this.#forget();
    else if (table.viewVersion !== this.#version) this.#look(table, lived);
    if (lived >= this.#until) this.#until = Number.NEGATIVE_INFINITY;
    this.#any = this.#until > lived;
    return this.#any;
  }

  /** As of the last {@link update}. */
  includes(name: string): boolean {
    return this.#any && this.#among.has(name);
  }

  /** When that ends by itself. */
  nextAt(): number {
    return Number.isFinite(this.#until) ? this.#until : Number.POSITIVE_INFINITY;
  }

  #forget(): void {
    this.#version = -1;
    this.#among = new Set();
    this.#until = Number.NEGATIVE_INFINITY;
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
