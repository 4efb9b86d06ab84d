import type { BFDProfile } from "../../crds/types/bfd-profile.ts";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { DerivedCondition } from "../framework/conditions.ts";
import { acceptedCondition } from "./accepted-condition.ts";
import { type ConditionsDeps, ConditionsReconciler } from "./conditions-reconciler.ts";
import { type Configuration, findingsOn } from "./configuration.ts";

/** Derives the condition Accepted of a BFDProfile. */
export class BFDProfileReconciler extends ConditionsReconciler<BFDProfile> {
  constructor(deps: ConditionsDeps<BFDProfile>) {
    super(resourceTypes.bfdprofiles, deps);
  }

  protected conditions({ metadata }: BFDProfile, configuration: Configuration): readonly DerivedCondition[] {
    return [acceptedCondition(findingsOn(configuration, "BFDProfile", metadata.name), metadata.generation ?? 0, false)];
  }
}
