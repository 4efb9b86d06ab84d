import { deepEqual, equal, ok } from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import type { ClusterContext } from "../../speaker/intent/context.ts";
import { advertisement, context, node, service } from "../../speaker/intent/fixture/world.ts";
import type { Sha256 } from "../../speaker/intent/l2-election.ts";
import { membersNamed } from "../../speaker/membership/members.ts";
import { standingOf } from "./announcement.ts";
import { changeBetween } from "./context-change.ts";
import { anyChange, anySubject } from "./fake/worlds.ts";
import { Standings } from "./standings.ts";

const sha256: Sha256 = (text) => hash("sha256", text, "buffer");
const names = ["a", "b", "c"];
const endpoints = [{ nodeName: "a", canServe: true }];
const alive = (...members: readonly string[]) => ({ members: membersNamed(members) });
const twoPools = (ofP: readonly string[], ofQ: readonly string[]) => ({
  snapshot: snapshot(
    pool("p", ["192.0.2.0/25"], { l2: [advertisement(ofP)] }),
    pool("q", ["192.0.2.128/25"], { l2: [advertisement(ofQ, { name: "other" })] }),
  ),
});

/** The Services that a change from one context to the other concerns, after all were looked at in the first. */
function concerned(before: ClusterContext, after: ClusterContext, services: Readonly<Record<string, string>>): readonly string[] {
  const standings = new Standings();
  for (const [key, ip] of Object.entries(services))
    standings.note(key, standingOf(service({ ingress: [ip] }), endpoints, before));
  return [...standings.concernedBy(changeBetween(before, after))].sort();
}

test("a Service whose standing a change alters is always found", () => {
  fc.assert(
    fc.property(fc.array(anySubject, { maxLength: 6 }), anyChange(sha256), (subjects, [before, after]) => {
      const standings = new Standings();
      const at = (index: number, ctx: ClusterContext, witness?: string) => {
        const subject = subjects[index];
        return subject && standingOf(subject.service, subject.endpoints, ctx, witness);
      };
      for (const index of subjects.keys())
        standings.note(String(index), at(index, before) ?? { outcome: "not-asked", reason: "notOwner" });
      const found = standings.concernedBy(changeBetween(before, after));
      for (const index of subjects.keys()) {
        const witness = standings.witnessOf(String(index));
        const [was, is] = [at(index, before), at(index, after, witness)];
        if (JSON.stringify(was) !== JSON.stringify(is)) ok(found.has(String(index)), JSON.stringify([was, is]));
      }
    }),
    { numRuns: 3_000 },
  );
});

test("the loss of a node concerns only the Services that rest on it", () => {
  const before = context(names, sha256, twoPools(["a", "b"], ["c"]));
  const services = { inP: "192.0.2.1", inQ: "192.0.2.129" };
  deepEqual(concerned(before, { ...before, ...alive("a", "b") }, services), ["inQ"]);
});

test("a node that joins concerns only the Services that wait for one", () => {
  const services = { inP: "192.0.2.1", inQ: "192.0.2.129" };
  const before = context(names, sha256, { ...twoPools(["a"], ["b"]), ...alive("a") });
  deepEqual(concerned(before, { ...before, ...alive("a", "b", "c") }, services), ["inQ"]);
});

test("a node that an advertisement newly selects concerns nobody who is announced", () => {
  const before = context(names, sha256, twoPools(["a"], ["b"]));
  deepEqual(concerned(before, { ...before, ...twoPools(["a", "c"], ["b"]) }, { inP: "192.0.2.1", inQ: "192.0.2.129" }), []);
});

test("a Service that no longer waits for a node is not concerned by one that joins", () => {
  const before = context(names, sha256, { ...twoPools(["a"], ["b"]), ...alive() });
  const joined = { ...before, ...alive("a") };
  const more = { ...before, ...alive("a", "b") };
  const standings = new Standings();
  standings.note("inP", standingOf(service(), endpoints, before));
  deepEqual([...standings.concernedBy(changeBetween(before, joined))], ["inP"]);
  standings.note("inP", standingOf(service(), endpoints, joined));
  deepEqual([...standings.concernedBy(changeBetween(joined, more))], []);
});

test("an advertisement that changes concerns the Services of its pools", () => {
  const before = context(names, sha256, twoPools(["a"], ["b"]));
  const after = {
    ...before,
    snapshot: snapshot(pool("p", ["192.0.2.0/25"], { l2: [] }), ...before.snapshot.pools.filter(({ name }) => name === "q")),
  };
  deepEqual(concerned(before, after, { inP: "192.0.2.1", inQ: "192.0.2.129" }), ["inP"]);
});

test("a node's other labels concern nobody", () => {
  const before = context(names, sha256, { ...twoPools([], ["b"]), ...alive("b") });
  const nodes = new Map([...before.nodes, ["b", node("b", { labels: { rack: "1" } })]] as const);
  deepEqual(concerned(before, { ...before, nodes }, { inP: "192.0.2.1", inQ: "192.0.2.129" }), []);
});

test("what was forgotten concerns nobody any more", () => {
  const ctx = context(names, sha256, twoPools([], []));
  const standings = new Standings();
  const standing = standingOf(service(), endpoints, ctx);
  const after = { ...ctx, snapshot: snapshot() };
  standings.note("a", standing);
  standings.note("b", standing);
  standings.forget("a");
  deepEqual([...standings.concernedBy(changeBetween(ctx, after))], ["b"]);
  standings.clear();
  equal(standings.concernedBy(changeBetween(ctx, after)).size, 0);
});

test("of two Services the one that is not forgotten is still found, by its pool and by its node", () => {
  const ctx = context(names, sha256, twoPools(["a"], ["b"]));
  const standings = new Standings();
  for (const key of ["gone", "stays"]) standings.note(key, standingOf(service(), endpoints, ctx));
  standings.forget("gone");
  deepEqual([...standings.concernedBy(changeBetween(ctx, { ...ctx, snapshot: snapshot() }))], ["stays"]);
  deepEqual([...standings.concernedBy(changeBetween(ctx, { ...ctx, ...alive("b", "c") }))], ["stays"]);
});

test("a node that a pool's advertisement no longer selects concerns the Services of that pool only", () => {
  const before = context(names, sha256, twoPools(["a"], ["a"]));
  const after = { ...before, ...twoPools([], ["a"]) };
  deepEqual(concerned(before, after, { inP: "192.0.2.1", inQ: "192.0.2.129" }), ["inP"]);
});

test("a pool whose advertisement selects another node concerns only its own Services, of those that wait for a node", () => {
  const before = context(names, sha256, { ...twoPools(["a"], ["b"]), ...alive("c") });
  const after = { ...before, ...twoPools(["a", "c"], ["b"]) };
  deepEqual(concerned(before, after, { inP: "192.0.2.1", inQ: "192.0.2.129" }), ["inP"]);
});

test("a Service that no advertisement selects is not concerned by a node that joins", () => {
  const unadvertised = { snapshot: snapshot(pool("p", ["192.0.2.0/25"], { l2: [] })) };
  const before = context(names, sha256, { ...unadvertised, ...alive("a") });
  deepEqual(concerned(before, { ...before, ...alive("a", "b") }, { inP: "192.0.2.1" }), []);
});
