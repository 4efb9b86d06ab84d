import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { adopt } from "../../crds/config/adopt.ts";
import { emptyResources, type Resources } from "../../crds/config/resources.ts";
import type { ConfigurationState } from "../../crds/types/configuration-state.ts";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import { FakeApi } from "../framework/fake/fake-api.ts";
import { FakeClock } from "../framework/fake/fake-clock.ts";
import { createStatusWriter } from "../framework/status-writer.ts";
import { createWriteLimiter } from "../framework/write-limiter.ts";
import { type Configuration, configurationOf } from "./configuration.ts";
import { ConfigurationStateReconciler } from "./configuration-state.ts";

const key = { namespace: "metallb-system", name: "controller" };
const type = resourceTypes.configurationstates;
const pool = (addresses: readonly string[]): object => ({ metadata: { name: "p" }, spec: { addresses } });
const meaning = (...pools: readonly object[]): Configuration =>
  configurationOf(adopt(undefined, { ...emptyResources, pools }), new Set());

function reconcilerOn(api: FakeApi, configuration: Configuration): () => Promise<ConfigurationState | undefined> {
  const clock = new FakeClock();
  const peek = (): ConfigurationState | undefined => api.peek<ConfigurationState>(type, key);
  const states = { synced: true, size: 1, get: peek, list: () => [].values() };
  const status = createStatusWriter({ api, limiter: createWriteLimiter({ clock }) });
  const owner = { apiVersion: "v1", kind: "Pod", name: "controller-1", uid: "u" };
  const reconciler = new ConfigurationStateReconciler({ api, clock, status, states, owner, configuration: () => configuration });
  return async () => {
    for (let pass = 0; pass < 4; pass++) await reconciler.reconcile(key);
    return peek();
  };
}

test("the state is created with its label and owner, and is valid", async () => {
  const state = await reconcilerOn(new FakeApi(), meaning(pool(["10.0.0.0/24"])))();
  deepEqual(state?.metadata.labels, { "metallb.io/component-type": "controller" });
  equal(state?.metadata.ownerReferences?.[0]?.name, "controller-1");
  equal(state?.status?.result, "Valid");
  equal(state?.status?.errorSummary, "");
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
