import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "../../crds/config/finding.ts";
import { FakeLog } from "../framework/fake/fake-log.ts";
import type { Involved } from "../framework/write/events.ts";
import { LegacyConfigurationReconciler, type SeenConfigMap, slimConfigMap } from "./legacy-configuration.ts";

const key = { namespace: "metallb-system", name: "config" };
const seen = (uid: string): SeenConfigMap => ({ metadata: { ...key, uid }, legacy: true });

/** A reconciler that sees what `present` is set to. */
function watching() {
  const log = new FakeLog();
  const events: string[] = [];
  const world: { present: SeenConfigMap | undefined } = { present: undefined };
  const configMaps = {
    synced: true,
    size: 1,
    get: () => world.present,
    list: () => (world.present === undefined ? [] : [world.present]).values(),
  };
  const record = ({ kind, metadata }: Involved, type: string, reason: string) =>
    void events.push(`${kind} ${metadata.uid} ${type} ${reason}`);
  const reconciler = new LegacyConfigurationReconciler({ configMaps, events: { record }, log });
  const see = async (present: SeenConfigMap | undefined) => {
    world.present = present;
    await reconciler.reconcile(key);
  };
  return { see, events, log, reconciler };
}

test("nothing of the text is kept, only whether it is a legacy configuration", () => {
  const metadata = { ...key, uid: "1", resourceVersion: "2" };
  const annotated = { ...metadata, annotations: { "kubectl.kubernetes.io/last-applied-configuration": "hunter2" } };
  deepEqual(slimConfigMap({ metadata: annotated, data: { config: "password: hunter2" } } as SeenConfigMap), {
    metadata,
    legacy: true,
  });
  for (const data of [undefined, {}, { config: " \n" }, { other: "x" }, { config: 1 }])
    deepEqual(slimConfigMap({ metadata, data } as SeenConfigMap), { metadata });
});

test("one event for each ConfigMap, however often it changes, and one line in the log", async () => {
  const { see, events, log } = watching();
  for (const present of [undefined, seen("1"), seen("1"), { metadata: { ...key, uid: "1" } }]) await see(present);
  deepEqual(events, ["ConfigMap 1 Warning LegacyConfiguration"]);
  equal(log.at("warn").length, 1);
});

test("a ConfigMap that is made again gets an event again", async () => {
  const { see, events } = watching();
  for (const present of [seen("1"), undefined, seen("2"), seen("3")]) await see(present);
  deepEqual(events.length, 3);
});

test("the finding stands while the ConfigMap is there", async () => {
  const { see, reconciler } = watching();
  const found: (Finding | undefined)[] = [];
  for (const present of [undefined, seen("1"), { metadata: key }]) {
    await see(present);
    found.push(reconciler.finding);
  }
  deepEqual(
    found.map((finding) => finding && [finding.severity, finding.object]),
    [undefined, ["warning", { kind: "ConfigMap", ...key }], undefined],
  );
});
