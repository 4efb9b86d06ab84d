import { listOf, property } from "../../crds/config/identity.ts";
import type { Community } from "../../crds/types/community.ts";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { DerivedCondition } from "../framework/conditions.ts";
import { acceptedCondition } from "./accepted-condition.ts";
import { type ConditionsDeps, ConditionsReconciler } from "./conditions-reconciler.ts";
import { type Configuration, findingsOn } from "./configuration.ts";
import { usedCondition } from "./referenced-condition.ts";

/** Derives the conditions Accepted and Referenced of a Community. */
export class CommunityReconciler extends ConditionsReconciler<Community> {
  constructor(deps: ConditionsDeps<Community>) {
    super(resourceTypes.communities, deps);
  }

  protected conditions({ metadata, spec }: Community, configuration: Configuration): readonly DerivedCondition[] {
    const { name, generation = 0 } = metadata;
    const { communities, bgpAdvertisements } = configuration.adopted.inForce;
    const aliases = new Set((spec?.communities ?? []).map((alias) => alias.name ?? ""));
    const users = bgpAdvertisements.filter((advertisement) => names(advertisement).some((text) => aliases.has(text)));
    const isInForce = communities.some((each) => nameOf(each) === name);
    return [
      acceptedCondition(findingsOn(configuration, "Community", name), generation, isInForce),
      usedCondition(generation, "BGPAdvertisement", users.map(nameOf).sort()),
    ];
  }
}

/** What a BGPAdvertisement writes as communities; aliases and values look alike. */
function names(advertisement: unknown): readonly string[] {
  return listOf(property(property(advertisement, "spec"), "communities")).filter((text) => typeof text === "string");
}

function nameOf(object: unknown): string {
  return String(property(property(object, "metadata"), "name"));
}
