import type { Peer } from "../../crds/config/snapshot.ts";
import type { BGPPeer } from "../../crds/types/bgp-peer.ts";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { DerivedCondition } from "../framework/conditions.ts";
import { acceptedCondition } from "./accepted-condition.ts";
import { type ConditionsDeps, ConditionsReconciler } from "./conditions-reconciler.ts";
import { type Configuration, findingsOn } from "./configuration.ts";
import { resolvedCondition } from "./referenced-condition.ts";

/** Derives the conditions Accepted and Referenced of a BGPPeer. */
export class BGPPeerReconciler extends ConditionsReconciler<BGPPeer> {
  constructor(deps: ConditionsDeps<BGPPeer>) {
    super(resourceTypes.bgppeers, deps);
  }

  protected conditions({ metadata }: BGPPeer, configuration: Configuration): readonly DerivedCondition[] {
    const { name, generation = 0 } = metadata;
    const findings = findingsOn(configuration, "BGPPeer", name);
    const peer = configuration.adopted.snapshot.peerByName.get(name);
    return [
      acceptedCondition(findings, generation, peer !== undefined),
      resolvedCondition(findings, generation, references(peer)),
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
