import type { Community } from "../../crds/types/community.ts";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { DerivedCondition } from "../framework/conditions.ts";
import { acceptedCondition } from "./accepted-condition.ts";
import { type ConditionsDeps, ConditionsReconciler } from "./conditions-reconciler.ts";
import { type Configuration, findingsOn } from "./configuration.ts";

/** Derives the condition Accepted of a Community. */
export class CommunityReconciler extends ConditionsReconciler<Community> {
  constructor(deps: ConditionsDeps<Community>) {
    super(resourceTypes.communities, deps);
  }

  protected conditions({ metadata }: Community, configuration: Configuration): readonly DerivedCondition[] {
    return [acceptedCondition(findingsOn(configuration, "Community", metadata.name), metadata.generation ?? 0, false)];
  }
}
