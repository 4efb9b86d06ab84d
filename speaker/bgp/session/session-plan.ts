import type { Peer } from "../../../crds/config/snapshot.ts";
import { formatAddress } from "../../../crds/net/address.ts";
import { type NodeFacts, type SessionConfig, sessionConfigOf } from "./session-config.ts";
import type { StopReason } from "./session-event.ts";

/** One session that is to run on this node. */
export type PlannedSession = {
  readonly key: string;
  readonly config: SessionConfig;
  /** Names of the BGPPeers that ask for it, sorted: what is announced to any of them is announced on this session. */
  readonly peers: readonly string[];
  readonly bfdProfile?: string;
  /** Why it may not be opened for the time being; one that is up may stay. */
  readonly notReady?: string;
};

/** What to do, in this order, so that a session that stops makes way for the one in its place. */
export type SessionChange =
  | { readonly type: "stop"; readonly key: string; readonly reason: StopReason }
  /** The session goes on with this: timers, names, BFD. */
  | { readonly type: "update"; readonly session: PlannedSession }
  | { readonly type: "start"; readonly session: PlannedSession };

/**
 * Which router is meant, and who we are to it: two BGPPeers that agree in this are one session, as a router has room for one
 * only. Names are no part of it, so that a BGPPeer that gets another name keeps its session. Holds no password.
 */
export function sessionKey({ myASN, ownAS, remoteAS, transport }: SessionConfig): string {
  const { endpoint, port, source, vrf } = transport;
  const place = endpoint.type === "address" ? formatAddress(endpoint.address) : `%${endpoint.name}`;
  const from = source === undefined ? "" : formatAddress(source);
  return [place, port, from, vrf, myASN, ownAS, remoteAS].join(" ");
}

/** The sessions of this node, in the order of their first peer's name. Where peers of one session differ, the first one counts. */
export function planSessions(peers: readonly Peer[], facts: NodeFacts): readonly PlannedSession[] {
  const sessions = new Map<string, PlannedSession>();
  const own = peers.filter(({ nodes }) => nodes.has(facts.nodeName));
  for (const peer of own.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const config = sessionConfigOf(peer, facts);
    const key = sessionKey(config);
    const { name, bfdProfile, notReady } = peer;
    const planned = sessions.get(key);
    if (planned === undefined) {
      sessions.set(key, {
        key,
        config,
        peers: [name],
        ...(bfdProfile !== undefined && { bfdProfile }),
        ...(notReady !== undefined && { notReady }),
      });
    } else {
      sessions.set(key, {
        ...(bfdProfile !== undefined && { bfdProfile }),
        ...planned,
        peers: [...planned.peers, name],
      });
    }
  }
  return [...sessions.values()];
}

/** What makes the running sessions the planned ones. Timers are changed in place, and act when the next session is agreed on. */
export function sessionChanges(
  running: ReadonlyMap<string, PlannedSession>,
  planned: readonly PlannedSession[],
): readonly SessionChange[] {
  const stops: SessionChange[] = [];
  const updates: SessionChange[] = [];
  const starts: SessionChange[] = [];
  const wanted = new Map(planned.map((session) => [session.key, session]));
  const stillNamed = new Set(planned.flatMap(({ peers }) => peers));
  for (const { key, peers } of running.values()) {
    if (wanted.has(key)) continue;
    const moved = peers.some((name) => stillNamed.has(name));
    stops.push({ type: "stop", key, reason: { type: moved ? "configuration-changed" : "peer-removed" } });
  }
  for (const session of planned) {
    const former = running.get(session.key);
    if (former === undefined) {
      if (session.notReady === undefined) starts.push({ type: "start", session });
      continue;
    }
    // Without its password, say, a session keeps what it has.
    const next = session.notReady === undefined ? session : { ...session, config: former.config };
    if (textOf(lasting(former.config)) !== textOf(lasting(next.config))) {
      stops.push({ type: "stop", key: session.key, reason: { type: "configuration-changed" } });
      starts.push({ type: "start", session });
    } else if (textOf(former) !== textOf(next)) {
      updates.push({ type: "update", session: next });
    }
  }
  return [...stops, ...updates, ...starts];
}

/** What cannot change while a session is up. */
function lasting({ holdTimeSeconds, keepaliveMs, connectTimeMs, ...rest }: SessionConfig): object {
  return rest;
}

/** For comparing only: a password may be in it. Fields always come in the same order. */
function textOf(value: object): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part));
}
