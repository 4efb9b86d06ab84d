import type { BGPAdvertisement } from "../../crds/types/bgp-advertisement.ts";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { DerivedCondition } from "../framework/conditions.ts";
import { acceptedCondition } from "./accepted-condition.ts";
import { type ConditionsDeps, ConditionsReconciler } from "./conditions-reconciler.ts";
import { type Configuration, findingsOn } from "./configuration.ts";
import { advertisesCondition } from "./referenced-condition.ts";

/** Derives the conditions Accepted and Referenced of a BGPAdvertisement. */
export class BGPAdvertisementReconciler extends ConditionsReconciler<BGPAdvertisement> {
  constructor(deps: ConditionsDeps<BGPAdvertisement>) {
    super(resourceTypes.bgpadvertisements, deps);
  }

  protected conditions({ metadata }: BGPAdvertisement, configuration: Configuration): readonly DerivedCondition[] {
    const { name, generation = 0 } = metadata;
    const findings = findingsOn(configuration, "BGPAdvertisement", name);
    const names = configuration.poolsOfBGP.get(name) ?? [];
    return [acceptedCondition(findings, generation, names.length > 0), advertisesCondition(findings, generation, names)];
  }
}
