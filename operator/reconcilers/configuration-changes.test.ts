import { deepEqual, equal, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import { emptyResources } from "../../crds/config/resources.ts";
import type { L2Advertisement, Pool } from "../../crds/config/snapshot.ts";
import { type Condition, resourceTypes } from "../../crds/types/kubernetes.ts";
import type { KubeObject } from "../framework/api/kube-object.ts";
import type { Conditioned } from "./conditions-reconciler.ts";
import { configurationOf } from "./configuration.ts";
import { FakeCluster, namespace } from "./fake/cluster.ts";

const many = 1_000;
const { ipaddresspools, l2advertisements } = resourceTypes;

test("which pools an advertisement announces is read off every pool once, whatever the number of advertisements", () => {
  let reads = 0;
  const advertisement = (name: string): L2Advertisement => ({
    name,
    nodes: new Set(),
    interfaces: [],
    serviceSelectors: [],
    scores: new Map(),
  });
  const read = (l2: readonly L2Advertisement[]) => () => {
    reads++;
    return l2;
  };
  const pools = Array.from({ length: many }, (_, i): Pool => {
    const l2 = [advertisement(`ad${i}`), advertisement("all")];
    return Object.defineProperty(pool(`p${i}`, [`10.${i >> 8}.${i & 0xff}.0/24`]), "l2", { get: read(l2) });
  });
  const adopted = { inForce: emptyResources, snapshot: snapshot(...pools), findings: [], spared: new Set<string>() };
  const { poolsOfL2 } = configurationOf(adopted, new Set());
  deepEqual([poolsOfL2.get("ad7"), poolsOfL2.get("all")?.length, poolsOfL2.get("none")], [["p7"], many, undefined]);
  equal(reads, many);
});

describe("among 1,000 pools", () => {
  let cluster: FakeCluster;
  before(async () => {
    cluster = new FakeCluster();
    for (let i = 0; i < many; i++) cluster.putPool(`p${i}`, [`10.${i >> 8}.${i & 0xff}.0/29`]);
    put("all", {});
    await cluster.start();
    await cluster.run(5_000);
  });
  after(() => cluster.close());

  const put = (name: string, spec: object): KubeObject =>
    cluster.api.put(l2advertisements, { metadata: { namespace, name }, spec } as KubeObject);
  const conditions = (name: string): readonly Condition[] =>
    cluster.api.peek<Conditioned>(ipaddresspools, { namespace, name })?.status?.conditions ?? [];
  /** How often a status was looked at because of `change`. */
  const looksAfter = async (change: () => void): Promise<number> => {
    const looks = cluster.statusUpdates;
    change();
    await cluster.run();
    return cluster.statusUpdates - looks;
  };

  test("a compilation that finds nothing new looks at no status", async () => {
    equal(await looksAfter(() => cluster.source.compile()), 0);
  });

  test("an edit of one pool looks at the status of that pool only", async () => {
    const looks = await looksAfter(() => cluster.putPool("p500", ["10.1.244.0/28"]));
    ok(looks > 0 && looks <= 8, `${looks} looks`);
    deepEqual(
      conditions("p500").map(({ type, status, observedGeneration }) => `${type}=${status} @${observedGeneration}`),
      ["Accepted=True @2", "Referenced=True @2"],
    );
  });

  test("a new advertisement of two pools looks at these and itself", async () => {
    const looks = await looksAfter(() => put("two", { ipAddressPools: ["p1", "p2"], interfaces: ["eth0"] }));
    ok(looks > 0 && looks <= 12, `${looks} looks`);
    ok(conditions("p1").some(({ message }) => message.includes("all, two")));
  });

  test("an edit after which the same is to be said is acknowledged all the same", async () => {
    const looks = await looksAfter(() => cluster.putPool("p900", ["10.3.132.0/29"], { autoAssign: false }));
    ok(looks > 0 && looks <= 8, `${looks} looks`);
    deepEqual(
      conditions("p900").map(({ observedGeneration }) => observedGeneration),
      [2, 2],
    );
  });

  test("an edit that becomes a clash with another pool looks at both", async () => {
    const looks = await looksAfter(() => cluster.putPool("p7", ["10.0.8.0/29"]));
    ok(looks > 0 && looks <= 12, `${looks} looks`);
    deepEqual(
      conditions("p7").map(({ reason }) => reason),
      ["PoolOverlap", "Advertised"],
    );
  });
});

test("no verdict is written about a version that was not compiled", async () => {
  const cluster = new FakeCluster();
  try {
    cluster.putPool("p", ["10.0.0.0/29"]);
    await cluster.start();
    const written: unknown[] = [];
    const { mergePatch } = cluster.api;
    cluster.api.mergePatch = async (type, key, patch, options) => {
      const { status } = patch as { readonly status?: { readonly conditions?: readonly Condition[] } };
      written.push(...(status?.conditions ?? []).map(({ reason, observedGeneration }) => `${reason} @${observedGeneration}`));
      return mergePatch.call(cluster.api, type, key, patch, options) as never;
    };
    cluster.putPool("p", ["10.0.0.9-10.0.0.1"]);
    await cluster.run();
    deepEqual(written, ["RangeReversed @2", "NotAdvertised @2"]);
  } finally {
    await cluster.close();
  }
});

test("conditions that the definitions did not have are tried again after ten minutes", async () => {
  const cluster = new FakeCluster();
  try {
    const { mergePatch } = cluster.api;
    cluster.api.mergePatch = async (type, key, patch, options) => {
      const { status, ...rest } = patch as { readonly status?: { readonly conditions?: unknown } };
      const { conditions: _, ...known } = status ?? {};
      return mergePatch.call(cluster.api, type, key, { ...rest, status: known }, options) as never;
    };
    cluster.putPool("p", ["10.0.0.0/29"]);
    await cluster.start();
    const shown = () => cluster.api.peek<Conditioned>(ipaddresspools, { namespace, name: "p" })?.status?.conditions?.length;
    equal(shown(), undefined);
    cluster.api.mergePatch = mergePatch;
    await cluster.run(12 * 60_000);
    equal(shown(), 2);
  } finally {
    await cluster.close();
  }
});
