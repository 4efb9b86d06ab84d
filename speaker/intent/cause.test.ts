import { equal } from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import { type Members, membersNamed } from "../membership/members.ts";
import { type Cause, causeOf, type Touched } from "./cause.ts";
import type { Context } from "./context.ts";
import { decide } from "./desired.ts";
import { saying } from "./fixture/facts.ts";
import { advertisement, context, node, service } from "./fixture/world.ts";
import type { Sha256 } from "./l2-election.ts";

const sha256: Sha256 = (text) => hash("sha256", text, "buffer");
const names = ["node-a", "node-b"];
const subject = service({ ingress: ["10.20.30.1"] });
const serving = [{ nodeName: "node-a", canServe: true }];
const advertised = (...nodes: readonly string[]) => snapshot(pool("pool", ["10.20.30.0/24"], { l2: [advertisement(nodes)] }));
/** node-b comes first in the election; the decision is node-a's. */
const both = context(names, sha256, { snapshot: advertised(...names) });
const membersBut = (changes: Partial<Members>): Context => ({ ...both, members: { ...both.members, ...changes } });
const withoutB = membersNamed(["node-a"]);

function causeFrom(before: Context | undefined, after: Context, touched?: Touched): Cause {
  return causeOf({ service: subject, endpoints: serving, announced: [], touched, before, after });
}

const members: readonly (readonly [what: string, cause: Cause, without: Context])[] = [
  ["the owner died", "member-died", { ...both, members: { ...withoutB, dead: new Set(["node-b"]) } }],
  ["the owner takes no addresses any more", "member-left", { ...both, members: withoutB }],
  [
    "the owner lost its place in the subnet",
    "member-facts",
    membersBut({ facts: saying({ "node-a": { eth0: ["10.20.30.0/24"] }, "node-b": { eth0: [] } }) }),
  ],
  [
    "the owner's network became unavailable",
    "node",
    { ...both, nodes: new Map([["node-b", node("node-b", { networkUnavailable: true })]]) },
  ],
  ["the advertisement selects the owner no more", "configuration", { ...both, snapshot: advertised("node-a") }],
];
for (const [what, cause, without] of members) {
  test(`a node takes over since ${what}: ${cause}`, () => {
    equal(decide(subject, serving, without).type, "announce");
    equal(causeFrom(both, without), cause);
  });
}

test("a node yields to one that became a candidate: member-came", () => {
  equal(causeFrom({ ...both, members: withoutB }, both), "member-came");
});

test("a node yields to one that came to reach the subnet: member-facts", () => {
  const apart = membersBut({ facts: saying({ "node-a": { eth0: ["10.20.30.0/24"] }, "node-b": { eth0: [] } }) });
  equal(causeFrom(apart, both), "member-facts");
});

test("a node takes what nobody could own, since it now knows the pool: member-facts", () => {
  const without = { setAside: ["IPAddressPool/pool"] };
  const before = membersBut({ facts: saying({ "node-a": without, "node-b": without }) });
  equal(causeFrom(before, membersBut({ facts: saying({ "node-a": {}, "node-b": without }) })), "member-facts");
});

test("a node that counts itself out yields by its own state", () => {
  const after = { ...both, members: membersNamed([]) };
  equal(causeFrom({ ...both, members: withoutB }, after), "own-state");
});

test("a node that comes back from being cut off takes by its own state", () => {
  const frozen: Members = { ...withoutB, conduct: "freeze" };
  equal(causeFrom({ ...both, members: frozen }, { ...both, members: withoutB }), "own-state");
});

test("of two nodes the one that lives, which could not tell for a moment whether the other does, takes over from the dead", () => {
  const asking = membersBut({ conduct: "freeze" });
  equal(causeFrom(asking, { ...both, members: { ...withoutB, dead: new Set(["node-b"]) } }), "member-died");
});

test("a node yields when a speaker of MetalLB's comes", () => {
  const alone = { ...both, members: withoutB };
  equal(causeFrom(alone, { ...alone, foreignSpeakers: new Set(["node-b"]) }), "foreign-speaker");
});

test("what concerned the one Service is the cause where the circumstances are the same", () => {
  equal(causeFrom(undefined, both, "endpoints"), "endpoints");
  equal(causeFrom(both, both, "service"), "service");
});

test("what concerned the one Service is not the cause where the circumstances alone would have done it", () => {
  equal(causeFrom(both, { ...both, members: withoutB }, "endpoints"), "member-left");
});

test("nothing else changed: this node's own interfaces", () => {
  equal(causeFrom(undefined, both), "own-state");
});

test("two changes of which either would have sufficed, or neither, are several", () => {
  const after = { ...both, members: withoutB, snapshot: advertised("node-a") };
  equal(causeFrom(both, after), "several");
});
