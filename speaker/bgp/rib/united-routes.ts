import { type AttributeSet, attributeSetOf, mergeAttributes } from "./attribute-set.ts";
import type { Routes } from "./route-table.ts";

/** The routes for a session that several BGPPeers ask for: what is announced to any of them. @param all not empty, of one table. */
export function unitedRoutes(all: readonly Routes[]): Routes {
  const [first] = all;
  if (first === undefined) throw new RangeError("a session without a BGPPeer");
  if (all.length === 1) return first;
  return {
    keys: () => first.keys(),
    attributesOf: (key) => united(all.flatMap((routes) => routes.attributesOf(key) ?? [])),
    get complete() {
      return first.complete;
    },
  };
}

function united(sets: readonly AttributeSet[]): AttributeSet | undefined {
  const [first] = sets;
  if (first === undefined || sets.every((set) => set.key === first.key)) return first;
  return attributeSetOf(mergeAttributes(sets.map(({ attributes }) => attributes)));
}
