import type { Daemons } from "./daemons.ts";
import type { AddressFamily } from "./router-description.ts";

export type RouterKind = "frr" | "bird" | "gobgp";

/** A router that runs. Neighbours are named as its description does. */
export interface Router {
  readonly kind: RouterKind;
  /** Its processes: to be stopped, killed, held and started again. */
  readonly daemons: Daemons;
  session(neighbor: string): Promise<SessionView>;
  /** What each neighbour announced of this prefix, in no order. */
  paths(prefix: string): Promise<readonly LearntPath[]>;
  /** Every prefix that any neighbour announces. */
  prefixes(family: AddressFamily): Promise<readonly string[]>;
  /** Undefined while there is no BFD session with it. */
  bfd(neighbor: string): Promise<BfdView | undefined>;
  /** Ends the session, after which GoBGP stays away for 30 s; or asks for all routes again (RFC 2918). */
  clear(neighbor: string, how: "hard" | "refresh"): Promise<void>;
  /** A question in the program's own words; for what the rest does not answer. */
  ask(question: string): Promise<string>;
}

/** RFC 4271 §8.2.2. */
export type SessionState = "Idle" | "Connect" | "Active" | "OpenSent" | "OpenConfirm" | "Established";

export type SessionView = {
  readonly state: SessionState;
  /** As negotiated; absent while there is no session. */
  readonly holdSeconds?: number;
  readonly keepaliveSeconds?: number;
  /** Why the last session, or the last attempt, ended: the program's own words. */
  readonly lastError?: string;
  /** How often an established session has ended. */
  readonly drops: number;
  /** Accepted from this neighbour, of all families. */
  readonly prefixes: number;
};

/** One neighbour's route as the router holds it; texts have one form, whichever program says them. */
export type LearntPath = {
  readonly neighbor: string;
  /** The next hop of the message; in IPv6 the link-local one may follow. */
  readonly nextHops: readonly string[];
  /** `65001 65002 {65003,65004}` */
  readonly asPath: string;
  readonly origin: "igp" | "egp" | "incomplete";
  readonly med?: number;
  /** BIRD also has one where the message had none. */
  readonly localPref?: number;
  /** Sorted, in numbers: NO_EXPORT is `65535:65281`. */
  readonly communities: readonly string[];
  readonly largeCommunities: readonly string[];
  readonly best: boolean;
  /** Kept while its speaker restarts. RFC 4724. */
  readonly stale: boolean;
};

/** Intervals in milliseconds. Absent: the program does not say. */
export type BfdView = {
  readonly state: "AdminDown" | "Down" | "Init" | "Up";
  /** What the neighbour's packets say. */
  readonly remote?: {
    readonly receiveMs: number;
    readonly transmitMs: number;
    readonly echoReceiveMs: number;
    readonly multiplier: number;
  };
  /** How long the neighbour may be silent. */
  readonly detectionMs?: number;
  /** How often the session went down. */
  readonly drops?: number;
};
