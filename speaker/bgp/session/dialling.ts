import { notificationFor } from "../../codec/bgp/notification.ts";
import { ceaseSubcode, errorCode } from "../../codec/bgp/registry.ts";
import { dampingRefusal } from "./damping.ts";
import { openOf } from "./negotiation.ts";
import { refusal } from "./notification.ts";
import { routerIdOf } from "./router-id.ts";
import type { Ends } from "./session-event.ts";
import { establishedLink, type Link } from "./session-state.ts";
import type { Turn } from "./turn.ts";

/** A router that does not answer is given up after this, where no connect time is configured. */
const patienceMs = 10_000;

/** Until the peer's OPEN comes. RFC 4271 §8.2.2. */
const openHoldMs = 240_000;

/** What is due of connecting. */
export function dialTick(turn: Turn): void {
  const { dialling } = turn.state;
  if (dialling !== undefined && dialling.giveUpAt <= turn.now) {
    turn.effects.push({ type: "cancel-connect", attempt: dialling.attempt });
    dialFailed(turn, `${turn.peer} does not answer: no TCP connection within the time for it`);
  }
  if (turn.state.dialAt === undefined || turn.state.dialAt > turn.now) return;
  const promising = turn.state.links.some(({ phase }) => phase !== "OpenSent");
  if (promising) turn.change({ dialAt: undefined });
  else dial(turn);
}

function dial(turn: Turn): void {
  const { config, now } = turn;
  const attempt = turn.state.attempts + 1;
  const dialling = { attempt, giveUpAt: now + (config.connectTimeMs ?? patienceMs) };
  turn.change({ attempts: attempt, dialling, dialledAt: now, dialAt: undefined });
  turn.effects.push({ type: "connect", attempt, transport: config.transport });
}

export function connectFailed(turn: Turn, attempt: number, reason: string): void {
  if (turn.state.dialling?.attempt === attempt) dialFailed(turn, `cannot connect to ${turn.peer}: ${reason}`);
}

function dialFailed(turn: Turn, reason: string): void {
  turn.change({ dialling: undefined, lastError: reason });
  turn.retry("failed");
  turn.logFailure(reason);
}

export function connected(turn: Turn, attempt: number, connection: number, ends: Ends): void {
  if (turn.link(connection) !== undefined) return;
  if (turn.state.dialling?.attempt !== attempt) {
    turn.close(connection);
    return;
  }
  turn.change({ dialling: undefined });
  open(turn, { connection, origin: "outbound", ends });
}

/** The peer connected. A connection of its that is not yet a session is replaced: it knows best which one it means. */
export function inbound(turn: Turn, connection: number, ends: Ends): void {
  if (turn.link(connection) !== undefined) return;
  if (!turn.state.running || !turn.config.acceptsInbound) {
    turn.close(connection);
    return;
  }
  const rejection = dampingRefusal(turn.state, turn.now);
  if (rejection !== undefined) {
    turn.send(connection, notificationFor(rejection));
    turn.close(connection);
    return;
  }
  const collision = refusal(errorCode.cease, ceaseSubcode.collision, "another connection of the peer took its place");
  const established = establishedLink(turn.state);
  if (established !== undefined && established.negotiated.peerGracefulRestart === undefined) {
    turn.send(connection, notificationFor(collision));
    turn.close(connection);
    return;
  }
  const former = turn.state.links.find(({ origin, phase }) => origin === "inbound" && phase !== "Established");
  if (former !== undefined) turn.drop(former, collision, collision.reason);
  open(turn, { connection, origin: "inbound", ends });
}

/** Our OPEN goes out at once on every connection. */
function open(turn: Turn, { connection, origin, ends }: Pick<Link, "connection" | "origin" | "ends">): void {
  const { config, state } = turn;
  const ownIdentifier = routerIdOf(config, ends);
  const { capabilities } = state;
  turn.put({
    phase: "OpenSent",
    connection,
    origin,
    ends,
    ownIdentifier,
    capabilities,
    holdUntil: turn.now + openHoldMs,
    keepaliveAt: undefined,
    sendHoldUntil: undefined,
  });
  turn.send(connection, openOf(config, { ownIdentifier, capabilities, restarting: !state.converged }));
}
