import type { Peer } from "../../crds/config/snapshot.ts";
import type { BGPPeer } from "../../crds/types/bgp-peer.ts";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { DerivedCondition } from "../framework/conditions.ts";
import { acceptedCondition } from "./accepted-condition.ts";
import { type ConditionsDeps, ConditionsReconciler } from "./conditions-reconciler.ts";
import { type Configuration, findingsOn } from "./configuration.ts";
import { resolvedCondition } from "./referenced-condition.ts";
import { type PeerSessions, sessionsUpCondition } from "./sessions-up-condition.ts";

/** Derives the conditions Accepted, Referenced and SessionsUp of a BGPPeer. */
export class BGPPeerReconciler extends ConditionsReconciler<BGPPeer> {
  readonly #sessions: (peer: string) => PeerSessions;

  /** @param sessions what the speakers say of their sessions with the peer of that name. */
  constructor(deps: ConditionsDeps<BGPPeer>, sessions: (peer: string) => PeerSessions) {
    super(resourceTypes.bgppeers, deps);
    this.#sessions = sessions;
  }

  protected conditions({ metadata }: BGPPeer, configuration: Configuration): readonly DerivedCondition[] {
    const { name, generation = 0 } = metadata;
    const findings = findingsOn(configuration, "BGPPeer", name);
    const peer = configuration.adopted.snapshot.peerByName.get(name);
    return [
      acceptedCondition(findings, generation, peer !== undefined),
      resolvedCondition(findings, generation, references(peer)),
      sessionsUpCondition(peer, this.#sessions(name), generation),
    ];
  }
}

function references(peer: Peer | undefined): Pick<DerivedCondition, "status" | "reason" | "message"> {
  if (peer === undefined) return { status: "Unknown", reason: "NotInForce", message: "The peer is not in force: see Accepted." };
  const { password, bfdProfile } = peer;
  const named = [
    ...(password?.type === "secret" ? [`Secret ${password.name}`] : []),
    ...(bfdProfile === undefined ? [] : [`BFDProfile ${bfdProfile}`]),
  ];
  const message = named.length === 0 ? "It names no other object." : `It uses ${named.join(" and ")}.`;
  return { status: "True", reason: "Resolved", message };
}
