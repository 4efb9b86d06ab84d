import type { BfdControl, BfdState } from "../codec/bfd.ts";
import type { BfdEcho } from "../codec/bfd-echo.ts";
import { type Echo, idleEcho } from "./echo.ts";
import { type OwnTiming, settled, slowTxMs } from "./own-timing.ts";
import type { BfdSessionParameters } from "./session-parameters.ts";

/** One BFD session in asynchronous mode, without authentication. RFC 5880. Times are milliseconds of one monotonic clock. */
export type Session = {
  readonly parameters: BfdSessionParameters;
  /** bfd.LocalDiscr, not 0. */
  readonly discriminator: number;
  readonly state: BfdState;
  /** bfd.LocalDiag. */
  readonly diagnostic: number;
  /** What the other side said last; undefined: nothing for a detection time. */
  readonly remote?: RemoteWord;
  readonly timing: OwnTiming;
  readonly echo: Echo;
  /** This node's forwarding stands still: the session is not to come up. */
  readonly held: boolean;
  readonly sentAt: number;
  /** When the next packet is due; infinite: never. */
  readonly transmitAt: number;
  /** AdminDown was said long enough then; infinite: it was; undefined: the session is wanted. */
  readonly endAt?: number;
};

/** What one packet said, and when it was read. */
export type RemoteWord = Omit<BfdControl, "poll" | "final" | "yourDiscriminator"> & { readonly heardAt: number };

/** What the shell knows when it calls. */
export type Moment = {
  readonly now: number;
  /** All that had arrived at that time has been read and given to the machine. */
  readonly readUntil: number;
  /** 0 up to 1. */
  readonly random: number;
};

/** A session that has not said anything yet, and does so at its first tick unless it is passive. */
export function newSession(parameters: BfdSessionParameters, discriminator: number, secret: number, now: number): Session {
  return {
    parameters,
    discriminator,
    state: "Down",
    diagnostic: 0,
    timing: settled({ txMs: slowTxMs, rxMs: parameters.requiredMinRxMs }),
    echo: idleEcho(secret),
    held: false,
    sentAt: Number.NEGATIVE_INFINITY,
    transmitAt: parameters.passive ? Number.POSITIVE_INFINITY : now,
  };
}

/** When {@link Session} has something to do next, if nothing happens before; infinite: never. */
export function nextAt(session: Session): number {
  const { transmitAt, echo, endAt = Number.POSITIVE_INFINITY } = session;
  return Math.min(transmitAt, detectAt(session), echo.sendAt, echoExpiresAt(session), endAt);
}

/** When silence means that the other side is lost. RFC 5880 §6.8.4. */
export function detectAt(session: Session): number {
  const { remote, endAt } = session;
  return remote === undefined || endAt !== undefined
    ? Number.POSITIVE_INFINITY
    : remote.heardAt + detectionTimeMs(session, remote);
}

/** The other side's multiplier, by the slower one of what it sends and what is accepted here. RFC 5880 §6.8.4. */
export function detectionTimeMs({ timing }: Session, remote: RemoteWord): number {
  return remote.detectMultiplier * Math.max(timing.used.rxMs, remote.desiredMinTxUs / 1_000);
}

/** Milliseconds between two packets, before jitter; undefined: nothing is sent unasked. RFC 5880 §6.8.7. */
export function transmitIntervalMs({ parameters, remote, state, timing, endAt }: Session): number | undefined {
  if (endAt === Number.POSITIVE_INFINITY) return undefined;
  if (remote === undefined) return parameters.passive ? undefined : timing.used.txMs;
  if (remote.requiredMinRxUs === 0) return undefined;
  if (remote.demand && state === "Up" && remote.state === "Up" && !timing.polling) return undefined;
  return Math.max(timing.used.txMs, remote.requiredMinRxUs / 1_000);
}

/** Why a session that is to send echo packets sends none, whatever its peer does; undefined: nothing is in the way. */
export function echoUnused({ echo, multihop, remote }: BfdSessionParameters): string | undefined {
  if (!echo) return undefined;
  if (multihop) return "echo not used: multihop";
  return remote.family === "IPv4" ? undefined : "echo not used: IPv6";
}

/** Milliseconds between two echo packets, before jitter; undefined: none are sent. RFC 5880 §6.8.9, RFC 5881 §4. */
export function echoIntervalMs({ parameters, remote, state, echo }: Session): number | undefined {
  if (!parameters.echo || echoUnused(parameters) !== undefined) return undefined;
  if (!echo.open || state !== "Up" || remote === undefined || remote.requiredMinEchoRxUs === 0) return undefined;
  return Math.max(parameters.echoIntervalMs, remote.requiredMinEchoRxUs / 1_000);
}

/** When an echo that did not come back means that the path is broken. */
export function echoExpiresAt(session: Session): number {
  const { echo, remote } = session;
  const intervalMs = echoIntervalMs(session);
  if (intervalMs === undefined || remote === undefined || !echo.proven || echo.awaitedSince === undefined)
    return Number.POSITIVE_INFINITY;
  return echo.awaitedSince + remote.detectMultiplier * intervalMs;
}

/** The packet that the session would send now. */
export function packetOf(session: Session, final = false): BfdControl {
  const { parameters, timing, remote } = session;
  return {
    diagnostic: session.diagnostic,
    state: session.state,
    poll: timing.polling && !final,
    final,
    controlPlaneIndependent: false,
    demand: false,
    detectMultiplier: parameters.detectMultiplier,
    myDiscriminator: session.discriminator,
    yourDiscriminator: remote?.myDiscriminator ?? 0,
    desiredMinTxUs: timing.said.txMs * 1_000,
    requiredMinRxUs: timing.said.rxMs * 1_000,
    requiredMinEchoRxUs: parameters.echoIntervalMs * 1_000,
  };
}

/** The echo packet that the session sent last. */
export function echoOf({ discriminator, echo }: Session): BfdEcho {
  return { discriminator, sequence: echo.sequence, secret: echo.secret };
}
