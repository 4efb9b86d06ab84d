import { configurationState } from "../../crds/types/well-known.ts";
import type { DerivedCondition } from "../../operator/framework/conditions.ts";

/** How one session stands. */
export type SessionStanding = {
  /** Names of the BGPPeers that ask for it. */
  readonly peers: readonly string[];
  /** Whom it is with: address and port, or interface. */
  readonly neighbour: string;
  /** The standard's name of its state. */
  readonly state: string;
  /** The other side's AS while the session is Established. */
  readonly peerAS?: number;
  /** Why there was none last, in words. */
  readonly lastError?: string;
};

/** One condition for each BGPPeer of this node: the operator counts them over all nodes. Sorted by type. */
export function sessionConditions(sessions: readonly SessionStanding[]): readonly DerivedCondition[] {
  const conditions = sessions.flatMap((session) => session.peers.map((peer) => conditionOf(peer, session)));
  return conditions.sort((a, b) => (a.type < b.type ? -1 : 1));
}

function conditionOf(peer: string, { neighbour, state, peerAS, lastError }: SessionStanding): DerivedCondition {
  const type = `${configurationState.sessionConditionPrefix}${peer}`;
  if (state === "Established") {
    return { type, status: "True", reason: state, message: `${neighbour} of AS ${peerAS ?? "unknown"}` };
  }
  const message = lastError === undefined ? `no session with ${neighbour} yet` : lastError;
  // OpenSent and the like last for moments, and each would be a write.
  return { type, status: "False", reason: "Down", message };
}
