import { compileSelectors, matchesAny } from "../../selector.ts";
import type { Finding } from "../finding.ts";
import { listOf, property } from "../identity.ts";
import { advice, type Situation } from "./situation.ts";

/** An advertisement whose node selectors match no node. */
export function advertisementsWithoutNode({ advertisements, nodes }: Situation): readonly Finding[] {
  return advertisements.flatMap(({ ref, spec }) => {
    const raw = property(spec, "nodeSelectors");
    if (listOf(raw).length === 0) return [];
    const { selectors } = compileSelectors(raw);
    if (nodes.some(({ labels }) => matchesAny(selectors, labels))) return [];
    return [advice(ref, "AdvertisementWithoutNode", "spec.nodeSelectors", "no node has such labels yet: it announces nothing")];
  });
}
