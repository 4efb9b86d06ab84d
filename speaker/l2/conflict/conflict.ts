import type { ConflictPolicy } from "../../../crds/config/pools/conflict-policy.ts";
import type { Sighting } from "./sighting.ts";

/**
 * A machine claims an address of ours, and no member stands for it with that machine's hardware address. foreign: the
 * hardware address is no node's. denied: it is a node's whose speaker does not announce the address. unanswered: that
 * node's speaker did not answer.
 */
export type Conflict = Sighting & {
  readonly cause: "foreign" | "denied" | "unanswered";
  /** The node that has the hardware address; undefined: none. */
  readonly node: string | undefined;
  /** What was in force when it began. */
  readonly policy: ConflictPolicy;
};
