import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import type { EndpointView } from "./cluster.ts";
import { advertisement, context, node, service } from "./fixture/world.ts";
import { standOf } from "./stand.ts";

const serving: readonly EndpointView[] = [{ nodeName: "b", canServe: true }];
const world = context(["a", "b"], () => new Uint8Array(32), {
  snapshot: snapshot(pool("pool", ["192.0.2.0/24"], { l2: [advertisement(["a", "b"], { scores: new Map([["a", 7]]) })] })),
});

test("a node stands with its score, and the text that decides between equal ones", () => {
  deepEqual(standOf(service(), serving, world), { key: "192.0.2.1", score: 7 });
  deepEqual(standOf(service(), serving, { ...world, self: "b" }), { key: "192.0.2.1", score: 0 });
});

test("a node does not stand for what no node announces, nor where it may not", () => {
  equal(standOf(undefined, serving, world), undefined);
  equal(standOf(service({ ingress: [] }), serving, world), undefined);
  equal(standOf(service(), [], world), undefined);
  equal(standOf(service({ externalTrafficPolicy: "Local" }), serving, world), undefined);
  const nodes = new Map([["a", node("a", { networkUnavailable: true })]]);
  equal(standOf(service(), serving, { ...world, nodes }), undefined);
});
