import type { BGPAdvertisement } from "../../crds/types/bgp-advertisement.ts";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { DerivedCondition } from "../framework/conditions.ts";
import { acceptedCondition } from "./accepted-condition.ts";
import { type ConditionsDeps, ConditionsReconciler } from "./conditions-reconciler.ts";
import { type Configuration, findingsOn } from "./configuration.ts";

/** Derives the condition Accepted of a BGPAdvertisement. */
export class BGPAdvertisementReconciler extends ConditionsReconciler<BGPAdvertisement> {
  constructor(deps: ConditionsDeps<BGPAdvertisement>) {
    super(resourceTypes.bgpadvertisements, deps);
  }

  protected conditions({ metadata }: BGPAdvertisement, configuration: Configuration): readonly DerivedCondition[] {
    return [acceptedCondition(findingsOn(configuration, "BGPAdvertisement", metadata.name), metadata.generation ?? 0, false)];
  }
}
