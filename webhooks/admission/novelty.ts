import type { Finding, ObjectRef } from "../../crds/config/finding.ts";
import type { Resources } from "../../crds/config/resources.ts";
import { type AddressSet, intersect, subtract } from "../../crds/net/address-set.ts";
import { nameOf } from "./placement.ts";
import { heldTwice, isEmptySet, poolAddresses } from "./pool-addresses.ts";

/** What compile found before and after a write, with the resources it was found in. */
export type Comparison = {
  readonly without: Resources;
  readonly before: readonly Finding[];
  readonly withRequest: Resources;
  readonly after: readonly Finding[];
};

/**
 * The findings that the write brings. A finding counts as old when the same was said of the same objects before, wherever in
 * the object it stands now. An overlap is old when the two pools share no address that they did not share before, whoever is
 * blamed for it now: a write that makes an overlap smaller, or leaves it as it is, is not held up by it.
 */
export function newFindings(comparison: Comparison): readonly Finding[] {
  const known = new Map<string, number>();
  for (const finding of comparison.before) {
    const key = identity(finding);
    known.set(key, (known.get(key) ?? 0) + 1);
  }
  const grown = new Map<string, boolean>();
  return comparison.after.filter((finding) => {
    const key = identity(finding);
    const left = known.get(key) ?? 0;
    if (left > 0) {
      known.set(key, left - 1);
      return false;
    }
    if (finding.code !== "PoolOverlap") return true;
    const names = participants(finding).map((object) => object.name);
    const pair = JSON.stringify(names);
    const grows = grown.get(pair) ?? growsOverlap(names, comparison);
    grown.set(pair, grows); // two pools may share addresses in many places
    return grows;
  });
}

/** Everyone that takes part in a finding, the blamed object first. */
export function participants(finding: Finding): readonly ObjectRef[] {
  return [finding.object, ...finding.others];
}

function identity(finding: Finding): string {
  const objects = participants(finding).map(({ kind, name }) => `${kind}/${name}`);
  const message = finding.message.replaceAll(/\[\d+\]/g, "[]"); // an entry may have moved
  return JSON.stringify([finding.code, finding.severity, objects.sort(), message]);
}

function growsOverlap(names: readonly string[], { without, withRequest }: Comparison): boolean {
  return !isEmptySet(subtract(sharedBy(names, withRequest), sharedBy(names, without)));
}

function sharedBy([first = "", second = first]: readonly string[], resources: Resources): AddressSet {
  const pool = poolNamed(first, resources);
  return first === second ? heldTwice(pool) : intersect(poolAddresses(pool), poolAddresses(poolNamed(second, resources)));
}

function poolNamed(name: string, { pools }: Resources): unknown {
  return pools.find((pool) => nameOf(pool) === name);
}
