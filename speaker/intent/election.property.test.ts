import { deepEqual, equal } from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { snapshot } from "../../crds/config/fixture/pools.ts";
import { announceable } from "./announceable.ts";
import type { EndpointView } from "./cluster.ts";
import type { Context } from "./context.ts";
import { decide } from "./desired.ts";
import { advertisements, anyWorld, names } from "./fixture/any-world.ts";
import type { Sha256 } from "./l2-election.ts";
import { ownerOf, someOwner } from "./owner.ts";

const sha256: Sha256 = (text) => hash("sha256", text, "buffer");

/** As the node itself sees it: without the objects that it says mean nothing to it. */
function seenBy(self: string, ctx: Context): Context {
  const setAside = ctx.members.facts.get(self)?.setAside ?? [];
  const pools = ctx.snapshot.pools
    .filter(({ name }) => !setAside.includes(`IPAddressPool/${name}`))
    .map((each) => ({ ...each, l2: each.l2.filter(({ name }) => !setAside.includes(`L2Advertisement/${name}`)) }));
  return { ...ctx, self, snapshot: snapshot(...pools) };
}

const isWithin = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => [...a].every((one) => b.has(one));

/**
 * Of any two members one understands every advertisement that the other does. Where each lacks one that the other understands,
 * neither knows whom that one names: both may announce, and settle it as a contest.
 */
function understandMoreOrLess({ members }: Context): boolean {
  const keys = advertisements.map((name) => `L2Advertisement/${name}`);
  const lacks = [...members.alive].map((node) => new Set(members.facts.get(node)?.setAside.filter((key) => keys.includes(key))));
  return lacks.every((a) => lacks.every((b) => isWithin(a, b) || isWithin(b, a)));
}

test("nodes that understand different objects elect alike: at most one announces, and one does if somebody can", () => {
  fc.assert(
    fc.property(anyWorld(sha256), ({ ctx, subject, endpoints }) => {
      fc.pre(understandMoreOrLess(ctx));
      const announcing = names.filter((self) => decide(subject, endpoints, seenBy(self, ctx)).type === "announce");
      const found = announceable(subject, endpoints, ctx);
      const owner = typeof found === "string" ? undefined : ownerOf(found, ctx);
      deepEqual(announcing, owner?.by === "herald" ? [owner.node] : []);
    }),
    { numRuns: 500 },
  );
});

test("there is some possible owner exactly when somebody announces, whatever nodes say of themselves", () => {
  fc.assert(
    fc.property(anyWorld(sha256), fc.constantFrom(...names), ({ ctx, subject, endpoints }, hint) => {
      const found = announceable(subject, endpoints, ctx);
      fc.pre(typeof found !== "string");
      equal(someOwner(found, ctx, hint) !== undefined, ownerOf(found, ctx).by !== "nobody");
    }),
  );
});

test("what nodes say of their interfaces never leaves an address without an owner", () => {
  fc.assert(
    fc.property(anyWorld(sha256), ({ ctx, subject, endpoints }) => {
      const facts = new Map([...ctx.members.facts].map(([node, each]) => [node, { ...each, setAside: [] }]));
      const found = announceable(subject, endpoints, ctx);
      fc.pre(typeof found !== "string");
      const silent: Context = { ...ctx, members: { ...ctx.members, facts: new Map() } };
      equal(ownerOf(found, { ...ctx, members: { ...ctx.members, facts } }).by, ownerOf(found, silent).by);
    }),
  );
});

test("endpoints on dead nodes count for nothing while others serve: the owner is the same without them", () => {
  fc.assert(
    fc.property(anyWorld(sha256), ({ ctx, subject, endpoints }) => {
      const living = endpoints.filter(({ nodeName, canServe }) => canServe && !ctx.members.dead.has(nodeName ?? ""));
      fc.pre(living.length > 0);
      const ownerBy = (of: readonly EndpointView[]): unknown => {
        const found = announceable(subject, of, ctx);
        return typeof found === "string" ? found : ownerOf(found, ctx);
      };
      deepEqual(ownerBy(endpoints), ownerBy(living));
    }),
  );
});
