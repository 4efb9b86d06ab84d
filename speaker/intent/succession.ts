import { equalSets } from "../../crds/equal-sets.ts";
import { electoralText } from "../membership/members.ts";
import type { Context } from "./context.ts";
import { candidacyOf } from "./eligibility.ts";

/** What elections on layer 2 will be held in when `node` is a candidate no longer and all else is as it is. */
export function withoutCandidate(context: Context, node: string): Context {
  const alive = new Set(context.members.alive);
  alive.delete(node);
  return { ...context, members: { ...context.members, alive } };
}

/**
 * The candidates by whose going alone elections on layer 2 may differ: of one, `decide` says the same in `after` as in
 * {@link withoutCandidate} of `before` and that one; of none, the same in both. Undefined: there is more.
 */
export function lossesBetween(before: Context, after: Context): readonly string[] | undefined {
  const [was, is] = [before.members, after.members];
  const gone = [...was.alive].filter((node) => !is.alive.has(node));
  const same =
    is.alive.size === was.alive.size - gone.length &&
    before.self === after.self &&
    before.snapshot === after.snapshot &&
    before.options === after.options &&
    was.conduct === is.conduct &&
    equalSets(before.foreignSpeakers, after.foreignSpeakers) &&
    sameNodes(before, after) &&
    [...is.alive].every((node) => electoralText(was.facts.get(node)) === electoralText(is.facts.get(node)));
  return same ? gone : undefined;
}

function sameNodes({ nodes: before }: Context, { nodes: after }: Context): boolean {
  if (before.size !== after.size) return false;
  for (const [name, view] of after) {
    const known = before.get(name);
    if (known === undefined || candidacyOf(known).join() !== candidacyOf(view).join()) return false;
  }
  return true;
}
