import { ceaseSubcode, errorCode } from "../../codec/bgp/registry.ts";
import { shutdownData } from "../../codec/bgp/shutdown-communication.ts";
import { endOfRib } from "../rib/update-packing.ts";
import { undamped } from "./damping.ts";
import { connected, connectFailed, dialTick, inbound } from "./dialling.ts";
import { blocked, linkTick, unblocked } from "./link-timers.ts";
import { type Refusal, refusal } from "./notification.ts";
import { receive, refuse } from "./receiving.ts";
import type { SessionConfig } from "./session-config.ts";
import type { SessionEffect } from "./session-effect.ts";
import type { Moment, SessionEvent, StopReason } from "./session-event.ts";
import { establishedLink, type Link, type SessionState } from "./session-state.ts";
import { Turn } from "./turn.ts";

export type SessionTransition = { readonly state: SessionState; readonly effects: readonly SessionEffect[] };

/**
 * One BGP session. Total and deterministic: it answers every event in every state, has no clock and no chance but the
 * `moment`, and never throws. The caller performs the effects in order and sends `tick` at `dueAt`. RFC 4271 §8.
 * @param config as it is now: timers may differ from one call to the next; anything else takes a `stop` and a `start`.
 */
export function transition(state: SessionState, event: SessionEvent, config: SessionConfig, moment: Moment): SessionTransition {
  const turn = new Turn(state, config, moment);
  apply(turn, event);
  return { state: turn.state, effects: turn.effects };
}

function apply(turn: Turn, event: SessionEvent): void {
  switch (event.type) {
    case "tick":
      tick(turn);
      return;
    case "start":
      start(turn);
      return;
    case "stop":
      stop(turn, event.reason);
      return;
    case "reset":
      turn.change(undamped);
      restart(turn, refusal(errorCode.cease, ceaseSubcode.administrativeReset, "the session was reset"));
      return;
    case "bfd-down":
      restart(turn, refusal(errorCode.cease, ceaseSubcode.bfdDown, `BFD saw the path to ${turn.peer} fail`));
      return;
    case "rib-complete":
      ribComplete(turn);
      return;
    case "connected":
      connected(turn, event.attempt, event.connection, event.ends);
      return;
    case "connect-failed":
      connectFailed(turn, event.attempt, event.reason);
      return;
    case "inbound":
      inbound(turn, event.connection, event.ends);
      return;
    case "closed":
    case "received":
    case "malformed":
    case "blocked":
    case "unblocked":
      onLink(turn, event);
      return;
  }
}

type LinkEvent = Extract<SessionEvent, { readonly type: "closed" | "received" | "malformed" | "blocked" | "unblocked" }>;

/** What is heard of a connection that is gone means nothing any more. */
function onLink(turn: Turn, event: LinkEvent): void {
  const link = turn.link(event.connection);
  if (link === undefined) return;
  switch (event.type) {
    case "closed":
      closed(turn, link, event.reason);
      return;
    case "received":
      receive(turn, link, event.message);
      return;
    case "malformed":
      refuse(turn, link, event);
      return;
    case "blocked":
      blocked(turn, link);
      return;
    case "unblocked":
      unblocked(turn, link);
      return;
  }
}

function tick(turn: Turn): void {
  for (const link of turn.state.links) linkTick(turn, link);
  dialTick(turn);
}

function start(turn: Turn): void {
  if (turn.state.running) return;
  turn.change({ running: true, failures: 0, ...undamped, lastError: undefined, capabilities: "all" });
  turn.retry("start");
  if (turn.config.passive && !turn.config.acceptsInbound) sayNobodyConnects(turn);
}

function sayNobodyConnects(turn: Turn): void {
  const reason = `${turn.peer} is to connect to this speaker, which does not listen: set --bgp-listen-port, or let the speaker connect`;
  turn.change({ lastError: reason });
  turn.log("warning", reason);
}

function stop(turn: Turn, reason: StopReason): void {
  if (!turn.state.running) return;
  turn.cancelDial();
  const words = stopWords[reason.type];
  const farewell = farewellOf(reason, turn.config.gracefulRestart);
  for (const link of turn.state.links) turn.drop(link, farewell, words);
  turn.change({ running: false, lastError: undefined });
}

const stopWords: { readonly [type in StopReason["type"]]: string } = {
  "peer-removed": "the peer was removed from the configuration",
  "configuration-changed": "the peer's configuration changed",
  "administrative-shutdown": "this speaker shuts down",
  "graceful-restart": "this speaker restarts",
};

/** RFC 4486. A peer without graceful restart is told of the restart, so that it withdraws the routes at once. */
function farewellOf(reason: StopReason, gracefulRestart: boolean): Refusal | undefined {
  const words = stopWords[reason.type];
  switch (reason.type) {
    case "peer-removed":
      return refusal(errorCode.cease, ceaseSubcode.peerDeconfigured, words);
    case "configuration-changed":
      return refusal(errorCode.cease, ceaseSubcode.otherConfigurationChange, words);
    case "administrative-shutdown":
      return refusal(errorCode.cease, ceaseSubcode.administrativeShutdown, words, shutdownData(reason.text ?? ""));
    case "graceful-restart":
      return gracefulRestart ? undefined : refusal(errorCode.cease, ceaseSubcode.administrativeShutdown, words);
  }
}

/** Ends every connection, and begins anew as after a loss. Where none is, nothing changes. */
function restart(turn: Turn, farewell: Refusal): void {
  for (const link of turn.state.links) turn.end(link, { farewell, reason: farewell.reason, cause: "lost" });
}

function closed(turn: Turn, link: Link, reason: string): void {
  if (link.phase === "Established") {
    turn.end(link, { reason: `connection with ${turn.peer} lost: ${reason}`, cause: "lost" });
  } else {
    turn.end(link, { reason: `${turn.peer} closed the connection before the session was up: ${reason}`, cause: "failed" });
  }
}

/** End-of-RIB goes to a peer that asked for it with the capability, for each family once. RFC 4724 §2, §4. */
function ribComplete(turn: Turn): void {
  turn.change({ converged: true });
  const link = establishedLink(turn.state);
  if (link === undefined || link.endOfRibSent || link.negotiated.peerGracefulRestart === undefined) return;
  for (const family of link.negotiated.families) turn.send(link.connection, endOfRib(family));
  turn.put({ ...link, endOfRibSent: true });
}
