import { deepEqual, equal } from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import type { Context } from "../../intent/context.ts";
import { decide } from "../../intent/desired.ts";
import { context, service } from "../../intent/fixture/world.ts";
import { withoutCandidate } from "../../intent/succession.ts";
import { membersNamed } from "../../membership/members.ts";
import { PreparedTakeovers, type Takeover } from "./prepared-takeovers.ts";

const nodes = ["n1", "n2", "n3"];
const keys = Array.from({ length: 60 }, (_, i) => `s${i}`);
const endpoints = [{ nodeName: "n1", canServe: true }] as const;
const all = context(nodes, (text) => hash("sha256", text, "buffer"));
const serviceOf = (key: string) => service({ key, ingress: [`192.0.2.${key.slice(1)}`] });

function ownerOf(key: string, ctx: Context): string | undefined {
  const verdict = decide(serviceOf(key), endpoints, ctx);
  return verdict.type === "silent" && verdict.owner?.by === "herald" ? verdict.owner.node : undefined;
}

/** Everything that others own in `all` is prepared for. */
function prepared(): PreparedTakeovers {
  const takeovers = new PreparedTakeovers({ service: serviceOf, endpoints: () => endpoints });
  takeovers.enter(all);
  for (const key of keys) {
    const owner = ownerOf(key, all);
    if (owner !== undefined) takeovers.note(key, owner);
  }
  while (!takeovers.isComplete) takeovers.prepareNext(all);
  return takeovers;
}

const keysOf = (takeovers: readonly Takeover[]): readonly string[] => takeovers.map(({ key }) => key);
const lost = withoutCandidate(all, "n3");
const heritage = keys.filter((key) => ownerOf(key, all) === "n3" && decide(serviceOf(key), endpoints, lost).type === "announce");

test("when one node is gone, exactly what this node announces now is taken over, each as it would be decided", () => {
  const taken = prepared().enter(lost);
  deepEqual(keysOf(taken), heritage);
  for (const { key, verdict } of taken) deepEqual(verdict, decide(serviceOf(key), endpoints, lost));
});

test("a Service that changed, and one that nothing was prepared for yet, are left to be decided on", () => {
  const takeovers = prepared();
  const [changed = ""] = heritage;
  takeovers.forget(changed);
  deepEqual(keysOf(takeovers.enter(lost)), heritage.slice(1));
});

test("where more has changed than that, nothing is taken over, and what was prepared is dropped", () => {
  const takeovers = prepared();
  deepEqual(takeovers.enter({ ...lost, members: membersNamed(["n1"]) }), []);
  deepEqual(takeovers.enter(all), []);
  deepEqual(takeovers.enter(lost), []);
});

test("a time in which this node does not know whether it is cut off changes nothing", () => {
  const takeovers = prepared();
  deepEqual(takeovers.enter({ ...all, members: { ...all.members, conduct: "freeze" } }), []);
  deepEqual(keysOf(takeovers.enter(lost)), heritage);
});

test("what elections do not ask may change: all that was prepared is kept, and nothing is taken over", () => {
  const takeovers = prepared();
  const same = { ...all, nodes: new Map(all.nodes), members: { ...all.members, dead: new Set(["n4"]) } };
  deepEqual(takeovers.enter(same), []);
  for (const key of keys) {
    const owner = ownerOf(key, same);
    if (owner !== undefined) takeovers.note(key, owner);
  }
  deepEqual(keysOf(takeovers.enter({ ...lost, nodes: same.nodes })), heritage);
});

test("each Service is prepared once", () => {
  let asked = 0;
  const takeovers = new PreparedTakeovers({
    service: (key) => {
      asked += 1;
      return serviceOf(key);
    },
    endpoints: () => endpoints,
  });
  takeovers.note("s1", "n2");
  takeovers.note("s2", "n3");
  for (const isComplete of [false, true, true]) {
    takeovers.prepareNext(all);
    equal(takeovers.isComplete, isComplete);
  }
  equal(asked, 2);
});
