import { ceaseSubcode, errorCode } from "../../codec/bgp/registry.ts";
import { type Refusal, refusal } from "./notification.ts";
import { backOffMs } from "./retry-time.ts";
import type { Moment } from "./session-event.ts";
import type { SessionState } from "./session-state.ts";

/** What a session remembers of those before it. */
export type Damping = Pick<SessionState, "falls" | "dampedUntil" | "upSince">;

/** As at the beginning: nothing has fallen. */
export const undamped: Damping = { falls: 0, dampedUntil: undefined, upSince: undefined };

/** A session that stood for so long is none that falls again and again. */
const steadyMs = 30_000;

/**
 * After a session fell. The first one that fell soon after it came up costs nothing; a peer whose sessions go on falling is left
 * alone for 1, 2, 4 ... 120 s, less a quarter at most. DampPeerOscillations and the IdleHoldTimer of RFC 4271 §8.1.1.
 */
export function fallen({ falls: before, upSince }: Damping, { now, random }: Moment): Damping {
  const soon = upSince !== undefined && now - upSince < steadyMs;
  const falls = soon ? before + 1 : 0;
  return { falls, dampedUntil: falls < 2 ? undefined : now + backOffMs(falls - 1, random), upSince: undefined };
}

/** What there is to say of it beside why the last session fell; empty: nothing. */
export function dampingText({ falls, dampedUntil }: Damping, now: number): string {
  if (dampedUntil === undefined) return "";
  const seconds = Math.ceil((dampedUntil - now) / 1000);
  return `; ${falls} sessions in a row fell within half a minute each, so it is left alone for ${seconds} s`;
}

/** To a peer that connects although it is to be left alone; undefined: it is not. */
export function dampingRefusal({ dampedUntil }: Damping, now: number): Refusal | undefined {
  if (dampedUntil === undefined || dampedUntil <= now) return undefined;
  return refusal(errorCode.cease, ceaseSubcode.connectionRejected, "its sessions fall again and again");
}
