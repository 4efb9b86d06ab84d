import { advertisementsWithoutNode } from "./advice/advertisement-without-node.ts";
import { advertisementsWithoutPeer } from "./advice/advertisement-without-peer.ts";
import { advertisementsWithoutPool } from "./advice/advertisement-without-pool.ts";
import { localPrefsWithoutEffect } from "./advice/local-pref-without-effect.ts";
import { nodeAddressesInPools } from "./advice/node-address-in-pool.ts";
import { peersWithoutNode } from "./advice/peer-without-node.ts";
import { sharedRouterIDs } from "./advice/shared-router-id.ts";
import { type Situation, situationOf } from "./advice/situation.ts";
import { sourceAddressesNotHeld } from "./advice/source-address-not-held.ts";
import { unadvertisedPools } from "./advice/unadvertised-pool.ts";
import { unreachablePeers } from "./advice/unreachable-peer.ts";
import type { Compiled } from "./compile.ts";
import type { Finding } from "./finding.ts";
import { compareFindings } from "./problem.ts";
import type { Resources } from "./resources.ts";

/** Some of the lists of {@link Resources}, by name. */
export type Lists = ReadonlySet<keyof Resources>;

type Rule = {
  /** Without one of these lists the rule would speak of what it does not know. */
  readonly needs: readonly (keyof Resources)[];
  readonly find: (situation: Situation) => readonly Finding[];
};

const rules: readonly Rule[] = [
  { needs: ["pools", "l2Advertisements", "bgpAdvertisements"], find: unadvertisedPools },
  { needs: ["pools"], find: advertisementsWithoutPool },
  { needs: ["nodes"], find: advertisementsWithoutNode },
  { needs: ["bgpPeers"], find: advertisementsWithoutPeer },
  { needs: ["bgpPeers"], find: localPrefsWithoutEffect },
  { needs: ["bgpPeers"], find: unreachablePeers },
  { needs: ["pools", "nodes"], find: nodeAddressesInPools },
  { needs: ["bgpPeers", "nodes"], find: sourceAddressesNotHeld },
  { needs: ["bgpPeers", "nodes"], find: sharedRouterIDs },
  { needs: ["bgpPeers", "nodes"], find: peersWithoutNode },
];

/**
 * What is legal and surely not meant: warnings about objects that stand. Total, like compile, and as independent of the
 * order of the objects.
 * @param compiled what compile makes of `resources`.
 * @param known the lists that were read, all of them when absent; rules that need another one are passed over.
 */
export function advise(resources: Resources, { snapshot, findings }: Compiled, known?: Lists): readonly Finding[] {
  const situation = situationOf(resources, snapshot, findings);
  return rules
    .filter(({ needs }) => known === undefined || needs.every((list) => known.has(list)))
    .flatMap(({ find }) => find(situation))
    .sort(compareFindings);
}
