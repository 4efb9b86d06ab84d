import { deepEqual, equal } from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { membersNamed } from "../membership/members.ts";
import type { Context } from "./context.ts";
import { decide } from "./desired.ts";
import { anyWorld, names } from "./fixture/any-world.ts";
import { saying } from "./fixture/facts.ts";
import { context, node } from "./fixture/world.ts";
import type { Sha256 } from "./l2-election.ts";
import { lossesBetween, withoutCandidate } from "./succession.ts";

const sha256: Sha256 = (text) => hash("sha256", text, "buffer");

/** What may come about at once, of `ctx` without the node: all as it was, or something else with it. */
function changes(ctx: Context, gone: string, other: string): readonly Partial<Context>[] {
  const { members, nodes } = withoutCandidate(ctx, gone);
  const facts = new Map([...members.facts].filter(([name]) => name !== gone));
  const alone = { ...members, dead: new Set([...members.dead, gone]), facts };
  const without = new Set([...members.alive].filter((name) => name !== other));
  return [
    { members: alone },
    { members: { ...alone, alive: without } },
    { members: { ...alone, conduct: "freeze" } },
    { members: { ...alone, facts: new Map([...facts, ...saying({ [other]: { eth1: ["192.0.2.0/24"] } })]) } },
    { members: alone, nodes: new Map([...nodes, [other, node(other, { networkUnavailable: true })]]) },
    { members: alone, foreignSpeakers: new Set([other]) },
    { members: alone, snapshot: { ...ctx.snapshot, pools: [] } },
  ];
}

test("where one candidate or none went every node decides as it did beforehand for such a cluster, whatever else may have changed", () => {
  fc.assert(
    fc.property(anyWorld(sha256), fc.constantFrom(...names), fc.constantFrom(...names), (world, gone, other) => {
      const { ctx, subject, endpoints } = world;
      for (const [index, change] of changes(ctx, gone, other).entries())
        for (const self of names) {
          const [before, after] = [
            { ...ctx, self },
            { ...ctx, self, ...change },
          ];
          const losses = lossesBetween(before, after);
          if (index === 0) deepEqual(losses, ctx.members.alive.has(gone) ? [gone] : []);
          if (losses === undefined || losses.length > 1) continue;
          const expected = losses.reduce(withoutCandidate, before);
          deepEqual(decide(subject, endpoints, after), decide(subject, endpoints, expected));
        }
    }),
    { numRuns: 300 },
  );
});

const before = context(["a", "b", "c"], sha256, {
  members: { ...membersNamed(["a", "b", "c"]), facts: saying({ a: { eth0: ["192.0.2.0/24"] }, b: { eth0: [] } }) },
});

test("a node that leaves is a loss, whatever it had said and however it is called afterwards", () => {
  const [first] = changes(before, "b", "c");
  deepEqual(lossesBetween(before, { ...before, ...first }), ["b"]);
  deepEqual(lossesBetween(before, withoutCandidate(before, "b")), ["b"]);
  deepEqual(lossesBetween(before, withoutCandidate(withoutCandidate(before, "b"), "c")), ["b", "c"]);
});

test("what elections do not ask makes no difference", () => {
  const dead = { ...before, members: { ...before.members, dead: new Set(["d"]) } };
  deepEqual(lossesBetween(before, dead), []);
  deepEqual(lossesBetween(before, { ...before, nodes: new Map(before.nodes), foreignHere: true }), []);
});

test("nothing else with it: a gain, another conduct, facts, nodes, speakers of MetalLB's or configuration", () => {
  const [, two, ...others] = changes(before, "b", "c");
  deepEqual(lossesBetween(before, { ...before, ...two }), ["b", "c"]);
  for (const change of others) equal(lossesBetween(before, { ...before, ...change }), undefined);
  equal(lossesBetween(before, { ...before, members: membersNamed(["a", "c", "d"]) }), undefined);
  equal(lossesBetween(withoutCandidate(before, "b"), before), undefined);
});
