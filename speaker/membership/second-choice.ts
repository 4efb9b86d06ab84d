import type { Standing } from "../codec/membership-record.ts";
import { wantsAddresses } from "./member-record.ts";
import type { MemberTable } from "./member-table.ts";
import { togetherMs } from "./timing.ts";

/**
 * Where nobody else wants addresses, one that died lately is better than none, and one that died a moment ago the last: another may just
 * have taken what it had.
 */
const choices: readonly Standing[] = ["damped", "returning"];

/** Whether such a node may be given addresses though it does not want any. */
export function isSecondChoice(standing: Standing): boolean {
  return choices.includes(standing);
}

const nobody: ReadonlySet<string> = new Set();

/**
 * Which nodes that died lately may be given addresses: all of the best choice while no better one is there, and those for a moment longer
 * once one of them becomes a better one. Nodes that held each other dead come out of damping one after the other; without that moment the
 * first would take all addresses from the others, and they would take theirs back. A node that comes from elsewhere ends it at once, and
 * one that was away meanwhile, and does not know when that moment began, has no part in it.
 *
 * One that comes to be as good a choice as those that are chosen joins them after the same moment: often one of them becomes a better
 * choice at the same time, and who hears of that first must not choose otherwise than who hears of it last.
 */
export class SecondChoice {
  #version = -1;
  /** 0: nodes that want addresses; further ones by {@link choices}. */
  #rank = choices.length + 1;
  /** When {@link #next} are the chosen ones. */
  #until = Number.POSITIVE_INFINITY;
  #among = nobody;
  #next = nobody;

  /**
   * @param takesPart false: this node has not joined yet, or is cut off.
   * @param lived milliseconds.
   * @returns true when any node {@link includes | is included}.
   */
  update(table: MemberTable, takesPart: boolean, lived: number): boolean {
    if (!takesPart) this.#forget();
    else if (table.viewVersion !== this.#version) this.#look(table, lived);
    if (lived >= this.#until) this.#choose(this.#next);
    return this.#among.size > 0;
  }

  /** As of the last {@link update}. */
  includes(name: string): boolean {
    return this.#among.has(name);
  }

  /** When that changes by itself. */
  nextAt(): number {
    return this.#until;
  }

  #forget(): void {
    this.#version = -1;
    this.#rank = choices.length + 1;
    this.#choose(nobody);
  }

  #choose(among: ReadonlySet<string>): void {
    this.#among = among;
    this.#until = Number.POSITIVE_INFINITY;
  }

  #look(table: MemberTable, lived: number): void {
    this.#version = table.viewVersion;
    const byRank = [0, ...choices].map(() => new Set<string>());
    for (const { record, status } of table.entries()) {
      if (status !== "alive") continue;
      const rank = wantsAddresses(record.standing) ? 0 : choices.indexOf(record.standing) + 1;
      if (rank > 0 || wantsAddresses(record.standing)) byRank[rank]?.add(record.name);
    }
    const rank = byRank.findIndex(({ size }) => size > 0);
    const best = byRank[rank] ?? nobody;
    const before = this.#rank;
    this.#rank = rank < 0 ? choices.length + 1 : rank;
    this.#next = rank > 0 ? best : nobody;
    const isWaiting = this.#until !== Number.POSITIVE_INFINITY;
    const haveRisen = rank >= 0 && (isWaiting || rank < before) && isWithin(best, this.#among);
    const haveCompany = rank > 0 && rank === before && best.size > this.#among.size && isWithin(this.#among, best);
    if (!haveRisen && !haveCompany) this.#choose(this.#next);
    else if (!isWaiting) this.#until = lived + togetherMs;
  }
}

function isWithin(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((name) => all.has(name));
}
