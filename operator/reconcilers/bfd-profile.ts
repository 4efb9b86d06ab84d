import type { BFDProfile } from "../../crds/types/bfd-profile.ts";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { DerivedCondition } from "../framework/conditions.ts";
import { acceptedCondition } from "./accepted-condition.ts";
import { type ConditionsDeps, ConditionsReconciler } from "./conditions-reconciler.ts";
import { type Configuration, findingsOn } from "./configuration.ts";
import { usedCondition } from "./referenced-condition.ts";

/** Derives the conditions Accepted and Referenced of a BFDProfile. */
export class BFDProfileReconciler extends ConditionsReconciler<BFDProfile> {
  constructor(deps: ConditionsDeps<BFDProfile>) {
    super(resourceTypes.bfdprofiles, deps);
  }

  protected conditions({ metadata }: BFDProfile, configuration: Configuration): readonly DerivedCondition[] {
    const { name, generation = 0 } = metadata;
    const { peers, bfdProfiles } = configuration.adopted.snapshot;
    const users = peers.filter(({ bfdProfile }) => bfdProfile === name).map((peer) => peer.name);
    const accepted = acceptedCondition(findingsOn(configuration, "BFDProfile", name), generation, bfdProfiles.has(name));
    return [accepted, usedCondition(generation, "BGPPeer", users)];
  }
}
