import type { Negotiated } from "./negotiated.ts";
import type { Ends } from "./session-event.ts";

/** RFC 4271 §8.2.2. Active: waits for the peer to connect. */
export type StateName = "Idle" | "Connect" | "Active" | "OpenSent" | "OpenConfirm" | "Established";

/** One session of this node with one peer. All times are milliseconds of the clock of `Moment`. */
export type SessionState = {
  /** Between `start` and `stop`. */
  readonly running: boolean;
  /** The number of the last attempt to connect. */
  readonly attempts: number;
  /** The attempt under way. */
  readonly dialling: { readonly attempt: number; readonly giveUpAt: number } | undefined;
  /** When the last attempt began. */
  readonly dialledAt: number | undefined;
  /** When to connect next; absent while nothing is to be dialled. */
  readonly dialAt: number | undefined;
  /** Attempts in a row that led to no session. */
  readonly failures: number;
  /** Sessions in a row that fell soon after they came up. */
  readonly falls: number;
  /** Until then the peer is left alone. */
  readonly dampedUntil: number | undefined;
  /** Since when a session is up, where it falls by something else than an order. */
  readonly upSince: number | undefined;
  /** At most two, of which at most one is Established: another one beside it is of a peer that has restarted. */
  readonly links: readonly Link[];
  /** A full pass over all Services was made at least once: this process restarts no more. */
  readonly converged: boolean;
  /** What the next OPEN says of our capabilities: nothing, when the peer did not even understand that there are such. */
  readonly capabilities: "all" | "none";
  /** Why there is no session, in words; kept until the next one is up. */
  readonly lastError: string | undefined;
};

/** One TCP connection on which an OPEN was sent. */
export type Link = OpenSentLink | AgreedLink;

export type OpenSentLink = LinkFacts & { readonly phase: "OpenSent" };

export type AgreedLink = LinkFacts & {
  readonly phase: "OpenConfirm" | "Established";
  readonly negotiated: Negotiated;
  readonly endOfRibSent: boolean;
};

export type LinkFacts = {
  readonly connection: number;
  readonly origin: "outbound" | "inbound";
  readonly ends: Ends;
  /** BGP Identifier in our OPEN. */
  readonly ownIdentifier: number;
  /** Whether our OPEN had capabilities. */
  readonly capabilities: "all" | "none";
  /** Absent: no hold time was agreed on. */
  readonly holdUntil: number | undefined;
  readonly keepaliveAt: number | undefined;
  /** While the peer does not read. RFC 9687. */
  readonly sendHoldUntil: number | undefined;
};

/** @param converged whether this process has made its first full pass over all Services, so that it restarts no more. */
export function initialSession(converged: boolean): SessionState {
  return {
    running: false,
    attempts: 0,
    dialling: undefined,
    dialledAt: undefined,
    dialAt: undefined,
    failures: 0,
    falls: 0,
    dampedUntil: undefined,
    upSince: undefined,
    links: [],
    converged,
    capabilities: "all",
    lastError: undefined,
  };
}

/** The standard's name of what the session does, by the connection that is furthest. */
export function stateName({ running, dialling, dialAt, links }: SessionState): StateName {
  if (!running) return "Idle";
  for (const phase of ["Established", "OpenConfirm", "OpenSent"] as const) {
    if (links.some((link) => link.phase === phase)) return phase;
  }
  if (dialling !== undefined) return "Connect";
  return dialAt === undefined ? "Active" : "Idle";
}

/** The link that is Established. */
export function establishedLink({ links }: SessionState): AgreedLink | undefined {
  for (const link of links) if (link.phase === "Established") return link;
  return undefined;
}

/** When to send the next `tick`; undefined: no timer runs. */
export function dueAt({ dialling, dialAt, links }: SessionState): number | undefined {
  const times = links.flatMap((link) => [link.holdUntil, link.keepaliveAt, link.sendHoldUntil]);
  const running = [dialling?.giveUpAt, dialAt, ...times].filter((time) => time !== undefined);
  return running.length === 0 ? undefined : Math.min(...running);
}
