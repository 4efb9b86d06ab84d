import type { ConflictPolicy } from "../../../crds/config/pools/conflict-policy.ts";
import type { Stand } from "../../codec/membership-stand.ts";
import type { Sha256 } from "../../intent/l2-election.ts";

/** What the machine reads of the rest of the speaker, at the moment of an event. */
export type Grounds = {
  readonly self: string;
  readonly sha256: Sha256;
  /** Undefined: this node was not elected to announce the address. */
  readonly stand: (ip: string) => Stand | undefined;
  readonly policy: (ip: string) => ConflictPolicy;
  /** Another node's name, by one of its hardware addresses. */
  readonly nodeOf: (mac: string) => string | undefined;
  /** All other speakers have told their hardware addresses: one that is none of theirs is a foreign machine's. */
  readonly macsKnown: () => boolean;
  readonly isAlive: (node: string) => boolean;
  /** This node hears no peer. */
  readonly frozen: () => boolean;
};
