import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { RoundResult } from "../../e2e/failover/round-result.ts";
import { type Cell, keyOf } from "./cell.ts";

/** One round, as it is kept: one line of JSON. */
export type Played = Cell &
  Omit<RoundResult, "tenures" | "movedBefore" | "longestContestMs"> & {
    /** Absent where it was not counted yet. */
    readonly longestContestMs?: number;
    /** When it ended, ISO 8601. */
    readonly at: string;
    /** The machine's load average over the last minute. */
    readonly load?: number;
    /** Who answered from when to when. */
    readonly story: string;
  };

/** Rounds that were played, kept line by line, so that a run that is interrupted goes on where it was. */
export class ResultsFile {
  readonly #path: string;
  readonly #played: Played[];

  constructor(path: string) {
    this.#path = path;
    this.#played = existsSync(path) ? playedIn(readFileSync(path, "utf8")) : [];
    mkdirSync(dirname(path), { recursive: true });
  }

  get played(): readonly Played[] {
    return this.#played;
  }

  /** How many rounds of a cell were played. */
  count(cell: Cell): number {
    const key = keyOf(cell);
    return this.#played.filter((round) => keyOf(round) === key).length;
  }

  add(round: Played): void {
    appendFileSync(this.#path, `${JSON.stringify(round)}\n`);
    this.#played.push(round);
  }
}

/** The last line may be half of one: the process that wrote it was killed. */
export function playedIn(text: string): Played[] {
  return text.split("\n").flatMap((line) => (line.endsWith("}") ? [JSON.parse(line) as Played] : []));
}
