import type { Fault } from "../../e2e/failover/fault.ts";
import { type FaultName, faults } from "../../e2e/failover/fault-catalogue.ts";
import type { RoundSpan } from "../../e2e/failover/ground.ts";

export const programs = ["metallb", "herald"] as const;
export type Program = (typeof programs)[number];

/** One square of the matrix: what is struck how. */
export type Cell = {
  readonly program: Program;
  readonly nodes: number;
  readonly addresses: number;
  readonly fault: FaultName;
  /** How long each fault stands; undefined: each for its own time. */
  readonly seconds?: number;
};

export type Size = Pick<Cell, "nodes" | "addresses">;

export type Plan = {
  readonly programs: readonly Program[];
  readonly sizes: readonly Size[];
  readonly faults: readonly FaultName[];
  readonly rounds: { readonly [program in Program]: number };
  readonly seconds: number | undefined;
};

/** What is still to be played in one lab: MetalLB first, which Herald then replaces. */
export type LabPlan = Size & { readonly cells: readonly { readonly cell: Cell; readonly missing: number }[] };

/** True for the name of a fault. */
export function isFault(name: string): name is FaultName {
  return Object.hasOwn(faults, name);
}

/**
 * What is left to be played, a lab for each size.
 * @param done rounds of a cell that were played before.
 */
export function labPlans(plan: Plan, done: (cell: Cell) => number): readonly LabPlan[] {
  return plan.sizes.flatMap(({ nodes, addresses }) => {
    const cells = programs.flatMap((program) =>
      plan.programs.includes(program)
        ? plan.faults.flatMap((fault) => {
            const cell = { program, nodes, addresses, fault, ...(plan.seconds !== undefined && { seconds: plan.seconds }) };
            const missing = plan.rounds[program] - done(cell);
            return isPlayable(cell) && missing > 0 ? [{ cell, missing }] : [];
          })
        : [],
    );
    return cells.length > 0 ? [{ nodes, addresses, cells }] : [];
  });
}

/** Whether the lab is large enough, and the program has what the fault strikes. */
export function isPlayable({ program, nodes, fault: name }: Cell): boolean {
  const fault: Fault = faults[name];
  return nodes >= fault.nodes && (program === "herald" || fault.heraldOnly !== true);
}

/** MetalLB needs 6 s to find a death, and answers twice for half a minute after a repair: it is given that time. */
const peerLastsMs = 10_000;
const peerAfterMs = 30_000;
const afterMs = 3000;

export function spanOf({ program, fault: name, seconds }: Cell): RoundSpan {
  const fault: Fault = faults[name];
  const ownMs = seconds === undefined ? fault.lastsMs : seconds * 1000;
  if (program === "herald") return { lastsMs: ownMs, afterMs };
  return { lastsMs: seconds === undefined ? Math.max(ownMs, peerLastsMs) : ownMs, afterMs: peerAfterMs };
}

/** Equal for equal cells. */
export function keyOf({ program, nodes, addresses, fault, seconds }: Cell): string {
  return [program, nodes, addresses, fault, seconds ?? ""].join(" ");
}
