import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { L2Advertisement } from "../../crds/types/l2-advertisement.ts";
import { conditionTypes } from "../../crds/types/well-known.ts";
import type { DerivedCondition } from "../framework/conditions.ts";
import { acceptedCondition, textOf } from "./accepted-condition.ts";
import { type ConditionsDeps, ConditionsReconciler } from "./conditions-reconciler.ts";
import { type Configuration, findingsOn } from "./configuration.ts";

/** Derives the conditions Accepted and Referenced of an L2Advertisement. */
export class L2AdvertisementReconciler extends ConditionsReconciler<L2Advertisement> {
  constructor(deps: ConditionsDeps<L2Advertisement>) {
    super(resourceTypes.l2advertisements, deps);
  }

  protected conditions({ metadata }: L2Advertisement, configuration: Configuration): readonly DerivedCondition[] {
    const { name, generation = 0 } = metadata;
    const findings = findingsOn(configuration, "L2Advertisement", name);
    const pools = configuration.poolsOfL2.get(name) ?? [];
    const pending = findings.filter(({ severity }) => severity === "pending");
    const base = { type: conditionTypes.referenced, observedGeneration: generation };
    const referenced: DerivedCondition =
      pending.length > 0
        ? { ...base, status: "False", reason: "ReferenceUnresolved", message: textOf(pending) }
        : pools.length === 0
          ? { ...base, status: "False", reason: "NoPool", message: "No valid IPAddressPool is selected: nothing is announced." }
          : { ...base, status: "True", reason: "Resolved", message: `Announces ${shown(pools)}.` };
    return [acceptedCondition(findings, generation, pools.length > 0), referenced];
  }
}

function shown(names: readonly string[]): string {
  return names.length <= 10 ? names.join(", ") : `${names.slice(0, 10).join(", ")} and ${names.length - 10} more pools`;
}
