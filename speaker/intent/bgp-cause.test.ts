import { equal } from "node:assert/strict";
import { test } from "node:test";
import { decideBgp } from "./bgp.ts";
import { bgpCauseOf, type Cause, type Touched } from "./cause.ts";
import type { EndpointView } from "./cluster.ts";
import type { Context } from "./context.ts";
import { bgpAdvertisement, bgpContext } from "./fixture/bgp-world.ts";
import { node, service } from "./fixture/world.ts";

const serving: readonly EndpointView[] = [{ nodeName: "a", canServe: true }];
const announcing = bgpContext([bgpAdvertisement()]);
const elsewhere = bgpContext([bgpAdvertisement({ nodes: new Set(["b"]) })]).snapshot;

function causeFrom(before: Context | undefined, after: Context, touched?: Touched): Cause {
  return bgpCauseOf({ service: service(), endpoints: serving, announced: [], touched, before, after });
}

const silent: readonly (readonly [what: string, cause: Cause, changes: Partial<Context>])[] = [
  ["a speaker of MetalLB's came to this node", "foreign-speaker", { foreignHere: true }],
  ["the node is empty", "drain", { drain: "gone" }],
  ["the node's network became unavailable", "node", { nodes: new Map([["a", node("a", { networkUnavailable: true })]]) }],
  ["the advertisement selects the node no more", "configuration", { snapshot: elsewhere }],
];
for (const [what, cause, changes] of silent)
  test(`BGP falls silent since ${what}, and speaks when that is over: ${cause}`, () => {
    const after = { ...announcing, ...changes };
    equal(decideBgp(service(), serving, after).type, "silent");
    equal(causeFrom(announcing, after), cause);
    equal(causeFrom(after, announcing), cause);
  });

test("what concerned the one Service is the cause where the circumstances are the same, or are not known", () => {
  equal(causeFrom(announcing, announcing, "endpoints"), "endpoints");
  equal(causeFrom(undefined, announcing, "service"), "service");
  equal(causeFrom(announcing, { ...announcing, drain: "leaving" }, "endpoints"), "endpoints");
  equal(causeFrom(announcing, { ...announcing, drain: "gone" }, "endpoints"), "drain");
});

test("two changes of which either would have sufficed, or none at all, are several", () => {
  equal(causeFrom(announcing, { ...announcing, drain: "gone", snapshot: elsewhere }), "several");
  equal(causeFrom(announcing, announcing), "several");
  equal(causeFrom(undefined, announcing), "several");
});
