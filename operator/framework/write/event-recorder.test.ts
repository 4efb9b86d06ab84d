import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { KubeError } from "../api/kube-api.ts";
import type { KubeObject, ResourceType } from "../api/kube-object.ts";
import { FakeApi } from "../fake/fake-api.ts";
import { FakeClock, settle } from "../fake/fake-clock.ts";
import { FakeLog } from "../fake/fake-log.ts";
import { createEventRecorder } from "./event-recorder.ts";
import type { Involved } from "./events.ts";
import { createWriteLimiter } from "./write-limiter.ts";

type Event = KubeObject & {
  readonly count: number;
  readonly lastTimestamp: string;
  readonly involvedObject: object;
  readonly message: string;
};
const events: ResourceType = { group: "", version: "v1", plural: "events", kind: "Event" };

function setup(rate?: { readonly perSecond: number; readonly burst: number }) {
  const api = new FakeApi();
  const clock = new FakeClock();
  const limits = rate === undefined ? {} : { limiter: createWriteLimiter({ clock, rate }) };
  const recorder = createEventRecorder({ api, clock, log: new FakeLog(), component: "metallb-controller", ...limits });
  const stored = () => [...api.store.of(events).values()] as Event[];
  return { api, clock, recorder, stored };
}

function service(name = "s"): Involved {
  return { apiVersion: "v1", kind: "Service", metadata: { name, namespace: "n", uid: `uid-${name}`, resourceVersion: "7" } };
}

test("an event names its object, its component and its times", async () => {
  const { recorder, stored } = setup();
  recorder.record(service(), "Normal", "IPAllocated", 'Assigned IP ["192.0.2.1"]');
  await recorder.flush();
  const [event] = stored();
  const { metadata, apiVersion: _, ...rest } = event ?? { metadata: { name: "" } };
  match(metadata.name, /^s\.[0-9a-f]+$/);
  equal(metadata.namespace, "n");
  const time = "2026-01-01T00:00:00Z";
  const involvedObject = { apiVersion: "v1", kind: "Service", namespace: "n", name: "s", uid: "uid-s", resourceVersion: "7" };
  deepEqual(JSON.parse(JSON.stringify(rest)), {
    kind: "Event",
    involvedObject,
    type: "Normal",
    reason: "IPAllocated",
    message: 'Assigned IP ["192.0.2.1"]',
    count: 1,
    firstTimestamp: time,
    lastTimestamp: time,
    source: { component: "metallb-controller" },
    reportingComponent: "metallb-controller",
    reportingInstance: "",
  });
});

test("an event that repeats raises the count, whether it was sent already or still waits", async () => {
  const { api, clock, recorder, stored } = setup();
  for (let i = 0; i < 2; i++) recorder.record(service(), "Warning", "AllocationFailed", "full");
  await recorder.flush();
  clock.tick(61_000);
  recorder.record(service(), "Warning", "AllocationFailed", "full");
  await recorder.flush();
  deepEqual(
    stored().map(({ count, lastTimestamp }) => [count, lastTimestamp]),
    [[3, "2026-01-01T00:01:01Z"]],
  );
  deepEqual(
    api.requests.map((request) => request.verb),
    ["create", "patch", "patch"],
  );
});

test("an event that the server has forgotten is made anew", async () => {
  const { api, recorder, stored } = setup();
  recorder.record(service(), "Normal", "R", "m");
  await recorder.flush();
  for (const event of stored()) api.remove(events, { namespace: "n", name: event.metadata.name });
  recorder.record(service(), "Normal", "R", "m");
  await recorder.flush();
  deepEqual(
    stored().map(({ count }) => count),
    [1],
  );
});

test("an object without namespace has its events in default, and a long message is cut", async () => {
  const { recorder, stored } = setup();
  recorder.record({ apiVersion: "v1", kind: "Node", metadata: { name: "node" } }, "Normal", "R", "m".repeat(5000));
  await recorder.flush();
  equal(stored()[0]?.metadata.namespace, "default");
  equal(stored()[0]?.message.length, 1024);
});

test("one object that chatters is limited to 25 and then one in five minutes; others are not", async () => {
  const { clock, recorder, stored } = setup();
  for (let i = 0; i < 100; i++) recorder.record(service(), "Normal", "R", `message ${i}`);
  recorder.record(service("other"), "Normal", "R", "m");
  await recorder.flush();
  equal(stored().length, 26);
  equal(recorder.dropped, 75);
  clock.tick(300_000);
  recorder.record(service(), "Normal", "R", "later");
  await recorder.flush();
  equal(stored().length, 27);
});

test("a server that hangs holds nobody up, and what waits is bounded", () => {
  const { api, recorder } = setup();
  api.hook(() => new Promise(() => {}));
  for (let i = 0; i < 3000; i++) recorder.record(service(`s${i}`), "Normal", "R", "m");
  equal(recorder.dropped, 3000 - 1004);
});

test("a refusal is counted and does not stop the next event", async () => {
  const { api, recorder, stored } = setup();
  api.fail(() => true, new KubeError("forbidden", 403, "Forbidden"));
  recorder.record(service("a"), "Normal", "R", "m");
  recorder.record(service("b"), "Normal", "R", "m");
  await recorder.flush();
  equal(recorder.dropped, 1);
  equal(stored().length, 1);
});

test("events wait for their turn at the limiter", async () => {
  const { clock, recorder, stored } = setup({ perSecond: 2, burst: 3 });
  for (const name of ["a", "b", "c", "d", "e"]) recorder.record(service(name), "Normal", "R", "m");
  await settle();
  equal(stored().length, 3);
  await clock.advance(500);
  equal(stored().length, 4);
});
