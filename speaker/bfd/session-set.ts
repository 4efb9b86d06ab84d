import type { BfdSessionParameters } from "./session-parameters.ts";
import { pathText } from "./session-path.ts";

/** One session for all BGP peers on the same path. */
export type SharedSession = {
  readonly parameters: BfdSessionParameters;
  /** Names of BGPPeers, sorted, at least one. */
  readonly peers: readonly string[];
};

/**
 * Peers on the same path share one session, with the values of the first of them by name: any order of the list gives the same.
 * @returns sessions by {@link pathText}.
 */
export function sharedSessions(
  wanted: readonly { readonly peer: string; readonly parameters: BfdSessionParameters }[],
): ReadonlyMap<string, SharedSession> {
  const sessions = new Map<string, SharedSession>();
  const byName = [...wanted].sort((a, b) => (a.peer < b.peer ? -1 : a.peer > b.peer ? 1 : 0));
  for (const { peer, parameters } of byName) {
    const key = pathText(parameters);
    const first = sessions.get(key);
    const shared = first === undefined ? { parameters, peers: [peer] } : { ...first, peers: [...first.peers, peer] };
    sessions.set(key, shared);
  }
  return sessions;
}
