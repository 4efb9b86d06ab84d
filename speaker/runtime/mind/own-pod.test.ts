import { equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import { KubeError } from "../../../operator/framework/api/kube-api.ts";
import { FakeApi } from "../../../operator/framework/fake/fake-api.ts";
import { FakeLog } from "../../../operator/framework/fake/fake-log.ts";
import { ownPod } from "./own-pod.ts";

const key = { namespace: "metallb-system", name: "speaker-1" };
const forbidden = new KubeError("pods is forbidden", 403, "Forbidden");

function world() {
  const api = new FakeApi();
  const waits: number[] = [];
  const wait = async (ms: number): Promise<void> => void waits.push(ms);
  return { api, waits, read: () => ownPod(api, key, new FakeLog(), wait) };
}

test("an API server that has not read its roles yet is asked again", async () => {
  const { api, waits, read } = world();
  api.put(resourceTypes.pods, { metadata: key });
  api.fail(() => true, forbidden, 3);
  equal((await read()).name, "speaker-1");
  equal(waits.length, 3);
});

test("a Pod that may not be read for half a minute is an error", async () => {
  const { api, waits, read } = world();
  api.fail(() => true, forbidden, 1000);
  await rejects(read, forbidden);
  equal(waits.length, 29);
});

test("a Pod that does not exist is an error at once", async () => {
  const { waits, read } = world();
  await rejects(read, /check --pod-name and --namespace/);
  equal(waits.length, 0);
});
