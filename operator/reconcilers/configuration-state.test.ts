import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { test } from "node:test";
import { adopt } from "../../crds/config/adopt.ts";
import type { Finding } from "../../crds/config/finding.ts";
import { emptyResources, type Resources } from "../../crds/config/resources.ts";
import type { ConfigurationState } from "../../crds/types/configuration-state.ts";
import { type OwnerReference, resourceTypes } from "../../crds/types/kubernetes.ts";
import { FakeApi } from "../framework/fake/fake-api.ts";
import { FakeClock } from "../framework/fake/fake-clock.ts";
import { createStatusWriter } from "../framework/write/status-writer.ts";
import { createWriteLimiter } from "../framework/write/write-limiter.ts";
import { type Configuration, configurationOf } from "./configuration.ts";
import { ConfigurationStateReconciler } from "./configuration-state.ts";

const key = { namespace: "metallb-system", name: "controller" };
const type = resourceTypes.configurationstates;
const pool = (addresses: readonly string[]): object => ({ metadata: { name: "p" }, spec: { addresses } });
const ownPod = { apiVersion: "v1", kind: "Pod", name: "controller-1", uid: "u" };
const legacy: Finding = {
  code: "LegacyConfiguration",
  severity: "warning",
  object: { kind: "ConfigMap", namespace: "metallb-system", name: "config" },
  others: [],
  message: "legacy configuration ignored: herald convert",
};
const meaning = (...pools: readonly object[]): Configuration =>
  configurationOf(adopt(undefined, { ...emptyResources, pools }), new Set());

type Surroundings = { legacy?: Finding | undefined; owner?: OwnerReference; clock?: FakeClock };

function reconcilerOn(
  api: FakeApi,
  configuration: Configuration | undefined,
  around: Surroundings = {},
): () => Promise<ConfigurationState | undefined> {
  const { clock = new FakeClock() } = around;
  const peek = (): ConfigurationState | undefined => api.peek<ConfigurationState>(type, key);
  const states = { synced: true, size: 1, get: peek, list: () => [].values() };
  const status = createStatusWriter({ api, limiter: createWriteLimiter({ clock }) });
  const { owner = ownPod } = around;
  const legacy = () => around.legacy;
  const reconciler = new ConfigurationStateReconciler({
    ...{ api, clock, status, states, owner, legacy },
    configuration: () => configuration,
  });
  return async () => {
    for (let pass = 0; pass < 4; pass++) await reconciler.reconcile(key);
    return peek();
  };
}

test("the state is created with its label and owner, and is valid", async () => {
  const api = new FakeApi();
  const state = await reconcilerOn(api, meaning(pool(["10.0.0.0/24"])))();
  deepEqual(state?.metadata.labels, { "metallb.io/component-type": "controller" });
  equal(state?.metadata.ownerReferences?.[0]?.name, "controller-1");
  equal(state?.status?.result, "Valid");
  equal(state?.status?.errorSummary, "");
  deepEqual(
    api.requests.map(({ verb, subresource }) => [verb, subresource]),
    [
      ["create", undefined],
      ["apply", "status"],
      ["patch", "status"],
    ],
  );
  deepEqual(
    state?.status?.conditions?.map(({ type: name, status, reason }) => [name, status, reason]),
    [["poolReconcilerValid", "True", "Reconciled"]],
  );
});

test("an error in a pool makes it invalid, and the summary says which", async () => {
  const state = await reconcilerOn(new FakeApi(), meaning(pool(["nonsense"])))();
  equal(state?.status?.result, "Invalid");
  equal(state?.status?.errorSummary?.startsWith("configuration error: "), true);
  equal(state?.status?.conditions?.[0]?.reason, "ConfigurationError");
});

test("an error in a Community makes it invalid too; one in a peer or advertisement is for the speakers to report", async () => {
  const of = (resources: Partial<Resources>): Configuration =>
    configurationOf(adopt(undefined, { ...emptyResources, ...resources }), new Set());
  const communities = [{ metadata: { name: "c" }, spec: { communities: [{ name: "x", value: "1:x" }] } }];
  const invalid = await reconcilerOn(new FakeApi(), of({ communities }))();
  equal(invalid?.status?.errorSummary?.startsWith('configuration error: Community "c": '), true);
  const bgpPeers = [{ metadata: { name: "p" }, spec: { myASN: 0 } }];
  const bgpAdvertisements = [{ metadata: { name: "a" }, spec: { aggregationLength: 33 } }];
  equal((await reconcilerOn(new FakeApi(), of({ bgpPeers, bgpAdvertisements }))())?.status?.result, "Valid");
});

test("nothing is written again, and other parts' conditions stay", async () => {
  const api = new FakeApi();
  const foreign = {
    type: "other",
    status: "True",
    reason: "R",
    message: "",
    lastTransitionTime: "2026-01-01T00:00:00Z",
  } as const;
  api.put<ConfigurationState>(type, { metadata: key, status: { conditions: [foreign] } });
  const pass = reconcilerOn(api, meaning());
  await pass();
  const before = api.requests.length;
  await pass();
  equal(api.requests.length, before);
});

test("every error has its line, and an error of a kind that only speakers act on has none", async () => {
  const pools = [pool(["nonsense"]), { ...pool(["rubbish"]), metadata: { name: "q" } }];
  const l2Advertisements = [{ metadata: { name: "l2" }, spec: { interfaces: "eth0" } }];
  const resources = { ...emptyResources, pools, l2Advertisements };
  const state = await reconcilerOn(new FakeApi(), configurationOf(adopt(undefined, resources), new Set()))();
  const lines = state?.status?.errorSummary?.split("\n") ?? [];
  deepEqual(
    lines.map((line) => /^configuration error: .*"(p|q)"/.exec(line)?.[1]),
    ["p", "q"],
  );
});

test("as long as nothing is known the result is Unknown", async () => {
  const state = await reconcilerOn(new FakeApi(), undefined)();
  deepEqual(state?.status, { result: "Unknown", errorSummary: "" });
});

test("as long as nothing is known, what a former leader said stays", async () => {
  const api = new FakeApi();
  await reconcilerOn(api, meaning(pool(["nonsense"])), { legacy })();
  const before = api.peek<ConfigurationState>(type, key)?.status;
  deepEqual((await reconcilerOn(api, undefined)())?.status, before);
});

test("the conditions of others are not applied as our own", async () => {
  const api = new FakeApi();
  const other = { type: "other", status: "True", reason: "R", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" } as const;
  api.put<ConfigurationState>(type, { metadata: key, status: { conditions: [other] } });
  await reconcilerOn(api, meaning())();
  const applied = api.requests.find(({ verb }) => verb === "apply")?.body as ConfigurationState | undefined;
  deepEqual(
    applied?.status?.conditions?.map(({ type: name }) => name),
    ["poolReconcilerValid"],
  );
});

test("the condition is applied by MetalLB's field manager, whoever has it", async () => {
  const api = new FakeApi();
  await reconcilerOn(api, meaning())();
  const applied = api.requests.filter(({ verb }) => verb === "apply");
  deepEqual(
    applied.map(({ fieldManager, subresource, force }) => [fieldManager, subresource, force]),
    [["poolReconciler", "status", true]],
  );
});

test("a condition of others that says ConfigurationError makes the result Invalid, any other reason does not", async () => {
  for (const [reason, result] of [
    ["ConfigurationError", "Invalid"],
    ["UnknownError", "Valid"],
  ] as const) {
    const api = new FakeApi();
    const pass = reconcilerOn(api, meaning());
    const own = (await pass())?.status?.conditions ?? [];
    const other = {
      type: "other",
      status: "False",
      reason,
      message: "broken",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    } as const;
    api.put<ConfigurationState>(type, { metadata: key, status: { conditions: [...own, other] } });
    const state = await pass();
    deepEqual([state?.status?.result, state?.status?.errorSummary], [result, result === "Invalid" ? "broken" : ""]);
  }
});

test("the time of the condition is that of its last change, and an error that is mended is gone", async () => {
  const api = new FakeApi();
  const clock = new FakeClock();
  const times = async (configuration: Configuration) => {
    clock.tick(5_000);
    const state = await reconcilerOn(api, configuration, { clock })();
    return [state?.status?.result, state?.status?.conditions?.[0]?.lastTransitionTime];
  };
  const [, first] = await times(meaning(pool(["nonsense"])));
  deepEqual(await times(meaning(pool(["rubbish"]))), ["Invalid", first]);
  const [result, last] = await times(meaning());
  equal(result, "Valid");
  notEqual(last, first);
});

test("a state that another replica left becomes the own Pod's, so that it does not go with the other", async () => {
  const api = new FakeApi();
  await reconcilerOn(api, meaning(), { owner: { ...ownPod, name: "controller-0", uid: "old" } })();
  const state = await reconcilerOn(api, meaning())();
  deepEqual(state?.metadata.ownerReferences, [ownPod]);
  equal(state?.status?.result, "Valid");
});

test("a state that another replica takes back at once is taken again a second later only", async () => {
  const api = new FakeApi();
  const clock = new FakeClock();
  const one = reconcilerOn(api, meaning(), { clock });
  const two = reconcilerOn(api, meaning(), { clock, owner: { ...ownPod, name: "controller-2" } });
  await one();
  const owner = async (state: Promise<ConfigurationState | undefined>) => (await state)?.metadata.ownerReferences?.[0]?.name;
  deepEqual([await owner(two()), await owner(one()), await owner(two())], ["controller-2", "controller-1", "controller-1"]);
  clock.tick(1_000);
  equal(await owner(two()), "controller-2");
});

test("a label that somebody took away comes back, others stay", async () => {
  const api = new FakeApi();
  api.put<ConfigurationState>(type, { metadata: { ...key, labels: { mine: "x" } } });
  deepEqual((await reconcilerOn(api, meaning())())?.metadata.labels, { mine: "x", "metallb.io/component-type": "controller" });
});

test("a deleted state is made again with its verdict", async () => {
  const api = new FakeApi();
  const pass = reconcilerOn(api, meaning(pool(["nonsense"])));
  await pass();
  api.remove(type, key);
  equal((await pass())?.status?.result, "Invalid");
});

test("an old ConfigMap is a condition and part of the summary, and leaves the result Valid; both go with it", async () => {
  const api = new FakeApi();
  const around: Surroundings = { legacy };
  const pass = reconcilerOn(api, meaning(), around);
  const found = await pass();
  deepEqual([found?.status?.result, found?.status?.errorSummary], ["Valid", legacy.message]);
  const conditions = found?.status?.conditions?.map(({ type: name, status, reason }) => [name, status, reason]);
  deepEqual(conditions, [
    ["legacyConfigurationFound", "True", "Ignored"],
    ["poolReconcilerValid", "True", "Reconciled"],
  ]);
  around.legacy = undefined;
  const gone = await pass();
  deepEqual([gone?.status?.errorSummary, gone?.status?.conditions?.map(({ type: name }) => name)], ["", ["poolReconcilerValid"]]);
});

test("an old ConfigMap's sentence comes after the errors", async () => {
  const state = await reconcilerOn(new FakeApi(), meaning(pool(["nonsense"])), { legacy })();
  equal(state?.status?.result, "Invalid");
  match(state?.status?.errorSummary ?? "", /^configuration error: .*\nlegacy configuration ignored/);
});
