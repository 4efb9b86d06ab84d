import type { BfdControl, BfdState } from "../codec/bfd.ts";
import type { BfdEcho } from "../codec/bfd-echo.ts";
import { type Cause, diagnosticOf } from "./diagnostic.ts";
import { returned, sent, stopped } from "./echo.ts";
import { answered, polled, settled, slowTxMs, wanting } from "./own-timing.ts";
import {
  detectAt,
  detectionTimeMs,
  echoExpiresAt,
  echoIntervalMs,
  echoOf,
  type Moment,
  packetOf,
  type Session,
  transmitIntervalMs,
} from "./session.ts";
import type { BfdSessionParameters } from "./session-parameters.ts";

export type Event =
  /** A packet that belongs to this session. */
  | { readonly type: "received"; readonly packet: BfdControl }
  | { readonly type: "tick" }
  /** Other values for the same path. */
  | { readonly type: "configured"; readonly parameters: BfdSessionParameters }
  | { readonly type: "held"; readonly held: boolean }
  /** Whether echo packets can be sent. */
  | { readonly type: "echo-path"; readonly open: boolean }
  | { readonly type: "echo-returned"; readonly echo: BfdEcho }
  /** The session is not wanted any more: the other side is told that this is no failure. */
  | { readonly type: "shut-down" };

export type Effect =
  | { readonly type: "send"; readonly packet: BfdControl }
  | { readonly type: "send-echo"; readonly echo: BfdEcho }
  | { readonly type: "changed"; readonly from: BfdState; readonly to: BfdState; readonly cause: Cause }
  /** What was shut down has said so for long enough. */
  | { readonly type: "ended" };

export type Outcome = { readonly session: Session; readonly effects: readonly Effect[] };

/** One of the last words may be lost. */
const farewells = 3;

/** Our state × the state that the peer reports → our next state; absent = stay. RFC 5880 §6.8.6. */
const onReceived: { readonly [mine in BfdState]: { readonly [theirs in BfdState]?: BfdState } } = {
  AdminDown: {},
  Down: { Down: "Init", Init: "Up" },
  Init: { AdminDown: "Down", Init: "Up", Up: "Up" },
  Up: { AdminDown: "Down", Down: "Down" },
};

/** Total and deterministic: no clock, no throw. The caller performs `effects` in order. */
export function transition(session: Session, event: Event, moment: Moment): Outcome {
  const { session: after, effects } = happened(session, event, moment);
  const control = withPackets(session, after, event, moment);
  const echo = withEcho(control.session, moment);
  return { session: echo.session, effects: [...effects, ...control.effects, ...echo.effects] };
}

function happened(session: Session, event: Event, { now, readUntil }: Moment): Outcome {
  switch (event.type) {
    case "received":
      return received(session, event.packet, now);
    case "tick":
      return expired(session, now, readUntil);
    case "configured":
      return unchanged(configured(session, event.parameters));
    case "held":
      return held(session, event.held);
    case "echo-path":
      return unchanged({ ...session, echo: { ...session.echo, open: event.open } });
    case "echo-returned":
      return unchanged({ ...session, echo: returned(session.echo, session.discriminator, event.echo) ?? session.echo });
    case "shut-down":
      return shutDown(session, now);
  }
}

function unchanged(session: Session): Outcome {
  return { session, effects: [] };
}

function received(session: Session, packet: BfdControl, now: number): Outcome {
  if (session.state === "AdminDown") return unchanged(session);
  const { poll: _poll, final, yourDiscriminator: _your, ...word } = packet;
  const heard = {
    ...session,
    remote: { ...word, heardAt: now },
    timing: final ? answered(session.timing) : session.timing,
  };
  const next = session.held ? undefined : onReceived[session.state][packet.state];
  if (next === undefined) return unchanged(heard);
  const lost = packet.state === "AdminDown" ? "neighbour-admin-down" : "neighbour-down";
  return entered(heard, next, next === "Down" ? lost : "answered");
}

/** Silence counts only up to when all was read that has arrived: a late caller is no silent peer. */
function expired(session: Session, now: number, readUntil: number): Outcome {
  if (session.endAt !== undefined)
    return now < session.endAt ? unchanged(session) : { session: ended(session), effects: [{ type: "ended" }] };
  const until = Math.min(now, readUntil);
  if (detectAt(session) <= until) {
    // bfd.RemoteDiscr becomes 0: whoever answers next may be another. RFC 5880 §6.8.1.
    const { remote: _, ...silent } = session;
    return session.state === "Init" || session.state === "Up" ? entered(silent, "Down", "expired") : unchanged(silent);
  }
  return echoExpiresAt(session) <= until ? entered(session, "Down", "echo-failed") : unchanged(session);
}

function configured(session: Session, parameters: BfdSessionParameters): Session {
  const txMs = session.state === "Up" ? parameters.desiredMinTxMs : slowTxMs;
  const intervals = { txMs, rxMs: parameters.requiredMinRxMs };
  const timing = session.state === "Up" ? wanting(session.timing, intervals) : settled(intervals);
  return { ...session, parameters, timing };
}

function held(session: Session, isHeld: boolean): Outcome {
  const next = { ...session, held: isHeld };
  const falls = isHeld && (session.state === "Init" || session.state === "Up");
  return falls ? entered(next, "Down", "held") : unchanged(next);
}

/** The other side has heard it, at the latest, when it would have missed us. RFC 5880 §6.8.16. */
function shutDown(session: Session, now: number): Outcome {
  if (session.endAt !== undefined) return unchanged(session);
  const { remote, parameters } = session;
  if (remote === undefined) return { session: ended(session), effects: [{ type: "ended" }] };
  const intervalMs = transmitIntervalMs(session) ?? slowTxMs;
  const endAt = now + Math.max(parameters.detectMultiplier * intervalMs, detectionTimeMs(session, remote));
  const { session: down, effects } = entered(session, "AdminDown", "removed");
  const last = { ...down, endAt };
  const word: Effect = { type: "send", packet: packetOf(last) };
  return { session: last, effects: [...effects, ...Array.from({ length: farewells - 1 }, () => word)] };
}

/** Says nothing any more. */
function ended({ remote: _, ...session }: Session): Session {
  return { ...session, state: "AdminDown", endAt: Number.POSITIVE_INFINITY };
}

function entered(session: Session, state: BfdState, cause: Cause): Outcome {
  const { parameters } = session;
  const slow = settled({ txMs: slowTxMs, rxMs: parameters.requiredMinRxMs });
  const fast = { txMs: parameters.desiredMinTxMs, rxMs: parameters.requiredMinRxMs };
  const timing = state === "Up" ? polled(wanting(session.timing, fast)) : slow;
  return {
    session: { ...session, state, diagnostic: diagnosticOf[cause], timing },
    effects: [{ type: "changed", from: session.state, to: state, cause }],
  };
}

/** Sends what is due, what changed, and what was asked for; and says when the next packet is due. RFC 5880 §6.8.7. */
function withPackets(before: Session, after: Session, event: Event, { now, random }: Moment): Outcome {
  const intervalMs = transmitIntervalMs(after);
  const effects: Effect[] = [];
  const final = event.type === "received" && event.packet.poll && after.state !== "AdminDown";
  if (final) effects.push({ type: "send", packet: packetOf(after, true) });
  const news = !final && saysElse(packetOf(before), packetOf(after));
  const due = event.type === "tick" && after.transmitAt <= now;
  const sends = intervalMs !== undefined && (news || due);
  if (sends) effects.push({ type: "send", packet: packetOf(after) });
  const sentAt = sends ? now : after.sentAt;
  const transmitAt = nextTransmission(before, { ...after, sentAt }, intervalMs, now, random);
  return { session: { ...after, sentAt, transmitAt }, effects };
}

/** Planned anew after each packet, and whenever the interval is another: a longer wait than the peer's patience must not stand. */
function nextTransmission(before: Session, after: Session, intervalMs: number | undefined, now: number, random: number): number {
  if (intervalMs === undefined) return Number.POSITIVE_INFINITY;
  const hasSent = after.sentAt !== before.sentAt;
  if (!hasSent && (intervalMs === transmitIntervalMs(before) || slowsDown(before, after))) return after.transmitAt;
  return Math.max(now, after.sentAt + jittered(intervalMs, after.parameters.detectMultiplier, random));
}

/**
 * The peer knows that packets come more seldom from now on. One more goes out in the former rhythm: the network may have swapped
 * the one that said so with one before, and by that the peer would soon lose patience.
 */
function slowsDown(before: Session, after: Session): boolean {
  const isUp = before.state === "Up" && after.state === "Up";
  const sameLimit = before.remote?.requiredMinRxUs === after.remote?.requiredMinRxUs;
  return isUp && sameLimit && after.timing.used.txMs > before.timing.used.txMs;
}

/** 75 to 100 % of the interval; 75 to 90 % where one lost packet is too many. RFC 5880 §6.8.7. */
function jittered(intervalMs: number, detectMultiplier: number, random: number): number {
  return intervalMs * (0.75 + random * (detectMultiplier === 1 ? 0.15 : 0.25));
}

/** Whether the peer should not have to wait for the second of the two. */
function saysElse(a: BfdControl, b: BfdControl): boolean {
  return (
    a.state !== b.state ||
    a.diagnostic !== b.diagnostic ||
    a.detectMultiplier !== b.detectMultiplier ||
    a.desiredMinTxUs !== b.desiredMinTxUs ||
    a.requiredMinRxUs !== b.requiredMinRxUs ||
    a.requiredMinEchoRxUs !== b.requiredMinEchoRxUs
  );
}

/** The first echo packet goes out as soon as it may. */
function withEcho(session: Session, { now, random }: Moment): Outcome {
  const { echo, parameters } = session;
  const intervalMs = echoIntervalMs(session);
  if (intervalMs === undefined) return unchanged({ ...session, echo: stopped(echo) });
  if (echo.sendAt > now && echo.sendAt !== Number.POSITIVE_INFINITY)
    return unchanged({ ...session, echo: { ...echo, sendAt: Math.min(echo.sendAt, now + intervalMs) } });
  const after = { ...session, echo: sent(echo, now, now + jittered(intervalMs, parameters.detectMultiplier, random)) };
  return { session: after, effects: [{ type: "send-echo", echo: echoOf(after) }] };
}
