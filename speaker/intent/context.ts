import type { Snapshot } from "../../crds/config/snapshot.ts";
import type { Members } from "../membership/members.ts";
import type { NodeView } from "./cluster.ts";
import type { DrainStage } from "./drain.ts";
import type { Sha256 } from "./l2-election.ts";

/** What every decision of one moment shares, whichever node makes it. */
export type ClusterContext = {
  readonly snapshot: Snapshot;
  /** By name. A member without an entry counts as available. */
  readonly nodes: ReadonlyMap<string, NodeView>;
  readonly members: Members;
  /** Nodes on which a speaker of MetalLB's runs; empty when none does. */
  readonly foreignSpeakers: ReadonlySet<string>;
  readonly options: IntentOptions;
  readonly sha256: Sha256;
};

/** The same, for the decisions of one node. */
export type Context = ClusterContext & {
  /** The node for which the decision is made. */
  readonly self: string;
  /** A speaker of MetalLB's runs on this node, Ready or not, and announces by BGP what it may; absent: none does. */
  readonly foreignHere?: boolean;
  /** Whether its routes are to go to other nodes; absent: staying. */
  readonly drain?: DrainStage;
};

export type IntentOptions = {
  /** Flag --lb-class, which may be a list; undefined: only Services without a class are ours. */
  readonly lbClass: string | undefined;
  /** Flag --ignore-exclude-lb: the label that excludes a node has no effect. */
  readonly ignoreExcludeLB: boolean;
};
