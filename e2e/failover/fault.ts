import type { Lab } from "../lab/lab.ts";
import type { Undo } from "./segment-fault.ts";

/** Brings a fault about that was prepared, at once. */
export type Strike = () => Promise<Undo>;

export type Fault = {
  readonly title: string;
  /** Whether the owner is to lose the address. */
  readonly takesOver: boolean;
  /** Nodes that the lab must have at least. */
  readonly nodes: number;
  /** It strikes what MetalLB's speakers do not have. */
  readonly heraldOnly?: boolean;
  /** How long it lasts, where nothing else is said. */
  readonly lastsMs: number;
  /** Prepares it, so that nothing but the fault itself is timed. */
  readonly aim: (lab: Lab, owner: string) => Promise<Strike>;
};
