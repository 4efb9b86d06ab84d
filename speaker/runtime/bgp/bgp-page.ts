import { setImmediate as turn } from "node:timers/promises";
import { formatCommunity } from "../../../crds/community.ts";
import { formatAddress } from "../../../crds/net/address.ts";
import { formatPrefix } from "../../../crds/net/prefix.ts";
import type { AttributeSet } from "../../bgp/rib/attribute-set.ts";
import { type PrefixKey, prefixOfKey } from "../../bgp/rib/prefix-key.ts";
import { RouteTable } from "../../bgp/rib/route-table.ts";
import type { BgpDesk } from "./bgp-desk.ts";
import type { BgpSessionFacts } from "./bgp-facts.ts";
import { neighbourOf } from "./bgp-report.ts";

/** Routes in one answer. */
const perPage = 500;
/** Services looked at before others have their turn. */
const perTurn = 200;

/** All sessions of this node: plain data. */
export function sessionFacts(bgp: BgpDesk): readonly object[] {
  const unopened = bgp.unopened.map(({ peers, notReady }) => ({ peers, state: "Idle", notReady, ...passwordFact(peers, bgp) }));
  return [...bgp.sessions.map((session) => ({ ...sessionFact(session), ...passwordFact(session.peers, bgp) })), ...unopened];
}

/**
 * What a BGPPeer of this node is to be told (Adj-RIB-Out, RFC 4271 §3.2), whether its session is up or not.
 * @param after as in the last answer's `next`; empty: from the first.
 * @returns undefined: this node has no such peer.
 */
export async function routesPage(bgp: BgpDesk, peer: string, after: string): Promise<object | undefined> {
  if (!bgp.peers.names.includes(peer)) return undefined;
  const table = new RouteTable();
  let seen = 0;
  for (const [service, announcements] of [...bgp.entries()]) {
    table.set(service, announcements);
    seen += 1;
    if (seen % perTurn === 0) await turn();
  }
  const routes = table.routesFor(peer);
  const keys = [...routes.keys()].filter((key) => key > after && routes.attributesOf(key) !== undefined).sort();
  const page = keys.slice(0, perPage);
  const facts = page.map((key) => routeFact(key, routes.attributesOf(key)));
  return { peer, routes: facts, ...(keys.length > page.length && { next: page.at(-1) }) };
}

/**
 * The last messages of a BGPPeer's session, oldest first.
 * @returns undefined: this node has no such peer. "silent": whoever knows it does not answer.
 */
export async function tracePage(bgp: BgpDesk, peer: string): Promise<object | "silent" | undefined> {
  if (!bgp.peers.names.includes(peer)) return undefined;
  const messages = await bgp.traces.ask(peer);
  if (messages === undefined) return "silent";
  return { peer, messages: messages.map(({ atMs, ...message }) => ({ at: new Date(atMs).toISOString(), ...message })) };
}

function sessionFact(session: BgpSessionFacts): object {
  const { peers, vrf, state, sinceMs, ends, negotiated, lastError, wanted, advertised, unsendable, counts } = session;
  return {
    peers,
    neighbour: neighbourOf(session),
    vrf: vrf ?? "default",
    state,
    since: new Date(sinceMs).toISOString(),
    ...(ends !== undefined && { localAddress: formatAddress(ends.local) }),
    ...(negotiated !== undefined && { negotiated }),
    ...(lastError !== undefined && { lastError }),
    wanted,
    advertised,
    unsendable,
    messages: counts,
  };
}

/** Which Secret a session's password was read from, in which version. */
function passwordFact(peers: readonly string[], { peers: known }: BgpDesk): object {
  const [password] = peers.flatMap((peer) => known.secretOf(peer) ?? []);
  return password === undefined ? {} : { password };
}

function routeFact(key: PrefixKey, set: AttributeSet | undefined): object {
  const { communities = [], ...attributes } = set?.attributes ?? {};
  return { prefix: formatPrefix(prefixOfKey(key)), ...attributes, communities: communities.map(formatCommunity) };
}
