import { errorCode } from "../../codec/bgp/registry.ts";
import type { Negotiated } from "./negotiated.ts";
import { refusal } from "./notification.ts";
import { jitter } from "./retry-time.ts";
import type { Link } from "./session-state.ts";
import type { Turn } from "./turn.ts";

/** RFC 9687 §3.1: the longer of this and two hold times. */
const sendHoldMs = 480_000;

/** Until when the peer must be heard again; undefined: it need not. */
export function holdTime({ now }: Pick<Turn, "now">, { holdTimeSeconds }: Negotiated): number | undefined {
  return holdTimeSeconds === 0 ? undefined : now + holdTimeSeconds * 1000;
}

/** When to send the next KEEPALIVE; undefined: never. */
export function keepaliveTime({ now, random }: Pick<Turn, "now" | "random">, { keepaliveMs }: Negotiated): number | undefined {
  return keepaliveMs === 0 ? undefined : now + keepaliveMs * jitter(random);
}

/** What is due on one link. */
export function linkTick(turn: Turn, link: Link): void {
  if (isPast(turn, link.holdUntil)) {
    const farewell = refusal(errorCode.holdTimer, 0, "nothing came from it within the hold time");
    turn.end(link, { farewell, reason: `hold timer expired: nothing came from ${turn.peer}`, cause: endCause(link) });
  } else if (isPast(turn, link.sendHoldUntil)) {
    const farewell = refusal(errorCode.sendHoldTimer, 0, "it does not read what is sent to it");
    turn.end(link, { farewell, reason: `send hold timer expired: ${turn.peer} does not read`, cause: endCause(link) });
  } else if (link.phase !== "OpenSent" && isPast(turn, link.keepaliveAt)) {
    turn.send(link.connection, { type: "keepalive" });
    turn.put({ ...link, keepaliveAt: keepaliveTime(turn, link.negotiated) });
  }
}

/** The peer stopped reading. Without a hold time it may. RFC 9687 §3.2. */
export function blocked(turn: Turn, link: Link): void {
  if (link.phase !== "Established" || link.sendHoldUntil !== undefined) return;
  const { holdTimeSeconds } = link.negotiated;
  if (holdTimeSeconds === 0) return;
  turn.put({ ...link, sendHoldUntil: turn.now + Math.max(sendHoldMs, 2 * holdTimeSeconds * 1000) });
}

export function unblocked(turn: Turn, link: Link): void {
  if (link.sendHoldUntil !== undefined) turn.put({ ...link, sendHoldUntil: undefined });
}

function endCause({ phase }: Link): "lost" | "failed" {
  return phase === "Established" ? "lost" : "failed";
}

function isPast({ now }: Turn, time: number | undefined): boolean {
  return time !== undefined && time <= now;
}
