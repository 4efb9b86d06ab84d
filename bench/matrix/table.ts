import { faults } from "../../e2e/failover/fault-catalogue.ts";
import { quantile } from "../statistics.ts";
import { keyOf } from "./cell.ts";
import type { Played } from "./results-file.ts";

const head = [
  "Fault",
  "Whose",
  "n",
  "another answers: half, worst",
  "two owners: during, until after, at a stretch",
  "silence",
  "moves",
  "connections: tried, failed, late",
  "load, client late",
];

const names = { herald: "Herald", metallb: "MetalLB" } as const;

/**
 * All rounds as Markdown: a table for each size, a row for each cell. Times are milliseconds; those of several addresses in a round count
 * one by one.
 */
export function tablesOf(played: readonly Played[]): string {
  const sizes = groupBy(played, ({ nodes, addresses }) => `${nodes} nodes, ${addresses} address${addresses === 1 ? "" : "es"}`);
  const tables = [...sizes].map(([size, rounds]) => {
    const many = rounds.some(({ addresses }) => addresses > 1);
    const columns = many ? [...head, "all announced: half, worst"] : head;
    const rows = [...groupBy(rounds, keyOf).values()].map((cell) => rowOf(cell, many));
    return [`### ${size}`, "", line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");
  });
  return `${tables.join("\n\n")}\n`;
}

function rowOf(rounds: readonly Played[], many: boolean): readonly string[] {
  const [first] = rounds;
  if (first === undefined) return [];
  const { fault, program, seconds } = first;
  const worst = (value: (round: Played) => number): string => Math.max(...rounds.map(value)).toFixed(0);
  const sum = (value: (round: Played) => number): number => rounds.reduce((total, round) => total + value(round), 0);
  const takeovers = rounds.flatMap(({ takeovers }) => takeovers);
  const never = rounds.filter(({ takeoverMs }) => takeoverMs === undefined).length;
  const whole = rounds.flatMap(({ firstRoundMs, announced, addresses }) => (announced >= addresses ? (firstRoundMs ?? []) : []));
  const moves = rounds.map((round) => round.moves);
  return [
    `${fault}${seconds === undefined ? "" : ` for ${seconds} s`}`,
    names[program],
    String(rounds.length),
    faults[fault].takesOver || takeovers.length > 0 ? `${spread(takeovers)}${never > 0 ? `; never in ${never}` : ""}` : "stays",
    `${worst(({ contestedMs }) => contestedMs)}, ${worst(({ oneOwnerAfterMs }) => oneOwnerAfterMs)}, ${stretchOf(rounds)}`,
    `${worst(({ longestGapMs }) => longestGapMs)}`,
    `${Math.max(...moves)} at most, ${sum((round) => round.moves)} in all`,
    `${sum(({ connects }) => connects.tried)}, ${sum(({ connects }) => connects.failed)}, ${sum(({ connects }) => connects.late)}`,
    `${loadOf(rounds)}, ${worst(({ clientLateMs }) => clientLateMs)}`,
    ...(many ? [whole.length > 0 ? spread(whole) : "-"] : []),
  ];
}

/** The highest load average: what else the machine did. */
function loadOf(rounds: readonly Played[]): string {
  const loads = rounds.flatMap(({ load }) => load ?? []);
  return loads.length === 0 ? "-" : Math.max(...loads).toFixed(0);
}

/** The longest time at a stretch with two owners; not known where two were seen in a round in which that was not counted. */
function stretchOf(rounds: readonly Played[]): string {
  const none = ({ contestedMs, oneOwnerAfterMs }: Played): boolean => contestedMs === 0 && oneOwnerAfterMs === 0;
  const stretches = rounds.map((round) => (none(round) ? 0 : (round.longestContestMs ?? Number.NaN)));
  const longest = Math.max(...stretches);
  return Number.isNaN(longest) ? "-" : longest.toFixed(0);
}

function spread(values: readonly number[]): string {
  return values.length === 0 ? "never" : `${quantile(values, 0.5).toFixed(0)}, ${Math.max(...values).toFixed(0)}`;
}

function groupBy(rounds: readonly Played[], key: (round: Played) => string): ReadonlyMap<string, readonly Played[]> {
  const groups = new Map<string, Played[]>();
  for (const round of rounds) groups.set(key(round), [...(groups.get(key(round)) ?? []), round]);
  return groups;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
