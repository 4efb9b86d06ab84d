import type { BgpMessage, NotificationMessage, OpenMessage, RouteRefreshMessage } from "../../codec/bgp/message.ts";
import { notificationText } from "../../codec/bgp/notification-text.ts";
import { ceaseSubcode, errorCode, fsmSubcode, messageTypeCode, openSubcode, unicastFamily } from "../../codec/bgp/registry.ts";
import { survivingOrigin } from "./collision.ts";
import { holdTime, keepaliveTime } from "./link-timers.ts";
import type { Negotiated } from "./negotiated.ts";
import { negotiate } from "./negotiation.ts";
import { notificationFigures, type Refusal, refusal } from "./notification.ts";
import type { RetryCause } from "./retry-time.ts";
import type { AgreedLink, Link, OpenSentLink } from "./session-state.ts";
import type { Turn } from "./turn.ts";

/** One message on a link of this session. RFC 4271 §8.2.2, from OpenSent to Established. */
export function receive(turn: Turn, link: Link, message: BgpMessage): void {
  if (message.type === "notification") notified(turn, link, message);
  else if (link.phase === "OpenSent") whileOpenSent(turn, link, message);
  else if (link.phase === "OpenConfirm") whileOpenConfirm(turn, link, message);
  else whileEstablished(turn, link, message);
}

/** Ends the link for what the peer did. */
export function refuse(turn: Turn, link: Link, farewell: Refusal): void {
  turn.end(link, { farewell, reason: `refused ${turn.peer}: ${farewell.reason}`, cause: "failed" });
}

function whileOpenSent(turn: Turn, link: OpenSentLink, message: BgpMessage): void {
  if (message.type === "open") opened(turn, link, message);
  else refuse(turn, link, unexpected(link, message));
}

function whileOpenConfirm(turn: Turn, link: AgreedLink, message: BgpMessage): void {
  if (message.type === "keepalive") establish(turn, link);
  else refuse(turn, link, unexpected(link, message));
}

function whileEstablished(turn: Turn, link: AgreedLink, message: BgpMessage): void {
  if (message.type === "open") {
    refuse(turn, link, unexpected(link, message));
    return;
  }
  turn.put({ ...link, holdUntil: holdTime(turn, link.negotiated) });
  if (message.type === "route-refresh") askedAgain(turn, link, message);
}

/** The other subtypes belong to a capability that is never sent. RFC 7313 §4. */
function askedAgain(turn: Turn, { negotiated }: AgreedLink, request: RouteRefreshMessage): void {
  const family = unicastFamily(request);
  if (request.subtype !== 0 || family === undefined || !negotiated.families.includes(family)) return;
  turn.effects.push({ type: "resend", family });
}

/** The data are the message's type. RFC 6608 §3, §4. */
function unexpected({ phase }: Link, { type }: BgpMessage): Refusal {
  const { openSent, openConfirm, established } = fsmSubcode;
  const subcode = { OpenSent: openSent, OpenConfirm: openConfirm, Established: established }[phase];
  const data = Uint8Array.of(messageTypeCode[type]);
  return refusal(errorCode.fsm, subcode, `an unexpected ${type.toUpperCase()} in ${phase}`, data);
}

function opened(turn: Turn, link: OpenSentLink, open: OpenMessage): void {
  const answer = negotiate(open, turn.config, link);
  if ("refusal" in answer) {
    refuse(turn, link, answer.refusal);
    return;
  }
  const { negotiated } = answer;
  if (!outlastsOthers(turn, link, negotiated)) return;
  turn.send(link.connection, { type: "keepalive" });
  turn.put({
    ...link,
    phase: "OpenConfirm",
    negotiated,
    endOfRibSent: false,
    // Even where no hold time was agreed on, the KEEPALIVE that confirms our OPEN is not waited for without end.
    holdUntil: holdTime(turn, negotiated) ?? link.holdUntil,
    keepaliveAt: keepaliveTime(turn, negotiated),
  });
}

/** Whether this link stays, beside another one that is further. Whichever does not is closed. */
function outlastsOthers(turn: Turn, link: Link, negotiated: Negotiated): boolean {
  const farewell = refusal(
    errorCode.cease,
    ceaseSubcode.collision,
    `two connections with ${turn.peer} at the same time: one is kept`,
  );
  for (const other of turn.state.links) {
    if (other.connection === link.connection || other.phase === "OpenSent") continue;
    if (other.phase === "Established") {
      // The peer's end of the former connection is gone already: it gets no word. RFC 4724 §5.
      turn.drop(other, undefined, `${turn.peer} restarted`);
    } else if (link.origin === survivingOrigin(negotiated)) {
      turn.drop(other, farewell, farewell.reason);
    } else {
      turn.drop(link, farewell, farewell.reason);
      return false;
    }
  }
  return true;
}

function establish(turn: Turn, link: AgreedLink): void {
  const farewell = refusal(errorCode.cease, ceaseSubcode.collision, `a session with ${turn.peer} is up on another connection`);
  for (const other of turn.state.links) {
    if (other.connection !== link.connection) turn.drop(other, farewell, farewell.reason);
  }
  turn.cancelDial();
  const { negotiated, connection } = link;
  turn.put({ ...link, phase: "Established", holdUntil: holdTime(turn, negotiated) });
  turn.change({ failures: 0, dampedUntil: undefined, upSince: turn.now, lastError: undefined });
  turn.log("info", `session with ${turn.peer} is up: AS ${negotiated.peerAS}, ${negotiated.families.join(" and ")}`);
  turn.effects.push({ type: "session-up", connection, negotiated });
}

/** A NOTIFICATION is never answered with one. RFC 4271 §6.4. */
function notified(turn: Turn, link: Link, message: NotificationMessage): void {
  const did = link.phase === "Established" ? "ended the session" : "refused";
  const reason = `${turn.peer} ${did}: ${notificationText(message)} (${notificationFigures(message)})`;
  if (doesNotKnowCapabilities(turn, link, message)) turn.end(link, { reason, cause: "lost", withoutCapabilities: true });
  else turn.end(link, { reason, cause: causeOf(link, message) });
}

/** RFC 5492 §3: such a peer is tried once more without them, which leaves IPv4. */
function doesNotKnowCapabilities({ config }: Turn, link: Link, { code, subcode }: NotificationMessage): boolean {
  if (link.phase === "Established" || link.capabilities === "none" || !config.families.includes("IPv4")) return false;
  return code === errorCode.open && subcode === openSubcode.unsupportedParameter;
}

const unwanted: readonly number[] = [
  ceaseSubcode.maxPrefixes,
  ceaseSubcode.administrativeShutdown,
  ceaseSubcode.peerDeconfigured,
  ceaseSubcode.connectionRejected,
];

function causeOf({ phase }: Link, { code, subcode }: NotificationMessage): RetryCause {
  if (code === errorCode.cease && subcode === ceaseSubcode.collision) return "collided";
  if (code === errorCode.open || (code === errorCode.cease && unwanted.includes(subcode))) return "refused";
  return phase === "Established" ? "lost" : "failed";
}
