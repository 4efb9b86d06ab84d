import type { BGPPeer } from "../../crds/types/bgp-peer.ts";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { DerivedCondition } from "../framework/conditions.ts";
import { acceptedCondition } from "./accepted-condition.ts";
import { type ConditionsDeps, ConditionsReconciler } from "./conditions-reconciler.ts";
import { type Configuration, findingsOn } from "./configuration.ts";

/** Derives the condition Accepted of a BGPPeer. */
export class BGPPeerReconciler extends ConditionsReconciler<BGPPeer> {
  constructor(deps: ConditionsDeps<BGPPeer>) {
    super(resourceTypes.bgppeers, deps);
  }

  protected conditions({ metadata }: BGPPeer, configuration: Configuration): readonly DerivedCondition[] {
    return [acceptedCondition(findingsOn(configuration, "BGPPeer", metadata.name), metadata.generation ?? 0, false)];
  }
}
