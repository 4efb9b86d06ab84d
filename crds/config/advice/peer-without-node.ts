import type { Finding } from "../finding.ts";
import { listOf, property } from "../identity.ts";
import { advice, type Situation } from "./situation.ts";

/** A BGPPeer whose node selectors match no node. */
export function peersWithoutNode({ peers, snapshot }: Situation): readonly Finding[] {
  return peers.flatMap(({ ref, spec }) => {
    const peer = snapshot.peerByName.get(ref.name);
    if (peer === undefined || peer.nodes.size > 0 || listOf(property(spec, "nodeSelectors")).length === 0) return [];
    return [advice(ref, "PeerWithoutNode", "spec.nodeSelectors", "no node has such labels yet: no session is opened")];
  });
}
