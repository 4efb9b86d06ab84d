import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { L2Advertisement } from "../../crds/types/l2-advertisement.ts";
import type { DerivedCondition } from "../framework/conditions.ts";
import { acceptedCondition } from "./accepted-condition.ts";
import { type ConditionsDeps, ConditionsReconciler } from "./conditions-reconciler.ts";
import { type Configuration, findingsOn } from "./configuration.ts";
import { advertisesCondition } from "./referenced-condition.ts";

/** Derives the conditions Accepted and Referenced of an L2Advertisement. */
export class L2AdvertisementReconciler extends ConditionsReconciler<L2Advertisement> {
  constructor(deps: ConditionsDeps<L2Advertisement>) {
    super(resourceTypes.l2advertisements, deps);
  }

  protected conditions({ metadata }: L2Advertisement, configuration: Configuration): readonly DerivedCondition[] {
    const { name, generation = 0 } = metadata;
    const findings = findingsOn(configuration, "L2Advertisement", name);
    const names = configuration.poolsOfL2.get(name) ?? [];
    return [acceptedCondition(findings, generation, names.length > 0), advertisesCondition(findings, generation, names)];
  }
}
