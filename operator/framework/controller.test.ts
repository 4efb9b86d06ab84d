import { deepEqual, equal } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { KubeError } from "./api/kube-api.ts";
import { createController } from "./controller.ts";
import { FakeClock, settle } from "./fake/fake-clock.ts";
import { FakeLog } from "./fake/fake-log.ts";
import { done, type Request, type Result, TerminalError } from "./reconciler.ts";

function running(t: TestContext, reconcile: (request: Request) => Promise<Result>, workers = 1) {
  const clock = new FakeClock();
  const log = new FakeLog();
  const counts = { updates: 0, updateErrors: 0 };
  const metrics = { updates: { inc: () => void counts.updates++ }, updateErrors: { inc: () => void counts.updateErrors++ } };
  const controller = createController({ name: "test", reconciler: { reconcile }, clock, log, metrics, workers });
  const stop = new AbortController();
  const stopped = controller.start(stop.signal);
  t.after(async () => {
    stop.abort();
    await stopped;
  });
  return { clock, log, counts, controller, stop, stopped };
}

test("a request reaches the reconciler by namespace and name", async (t) => {
  const seen: Request[] = [];
  const { controller } = running(t, async (request) => {
    seen.push(request);
    return done;
  });
  controller.enqueue({ namespace: "n", name: "a" });
  controller.enqueue({ name: "cluster" });
  await settle();
  deepEqual(seen, [{ namespace: "n", name: "a" }, { name: "cluster" }]);
  equal(controller.idle, true);
});

test("a failure is retried with back-off, logged and counted until it succeeds", async (t) => {
  let attempts = 0;
  const { controller, clock, counts, log } = running(t, async () => {
    if (++attempts < 4) throw new Error("not yet");
    return done;
  });
  controller.enqueue({ name: "a" });
  await clock.advance(5 + 10 + 20);
  equal(attempts, 4);
  deepEqual(counts, { updates: 4, updateErrors: 3 });
  equal(log.at("error").length, 3);
  await clock.advance(1000);
  equal(attempts, 4);
});

test("back-off begins anew after a success", async (t) => {
  const outcomes = ["fail", "fail", "fail", "succeed", "fail", "succeed"];
  const { controller, clock } = running(t, async () => {
    if (outcomes.shift() === "fail") throw new Error("not yet");
    return done;
  });
  controller.enqueue({ name: "a" });
  await clock.advance(5 + 10 + 20);
  controller.enqueue({ name: "a" });
  await clock.advance(5);
  deepEqual(outcomes, []);
});

test("a terminal error waits for the next change", async (t) => {
  let attempts = 0;
  const { controller, clock } = running(t, async () => {
    attempts++;
    throw new TerminalError("never");
  });
  controller.enqueue({ name: "a" });
  await clock.advance(10_000);
  equal(attempts, 1);
  controller.enqueue({ name: "a" });
  await settle();
  equal(attempts, 2);
});

test("a conflict is retried without an error in the log, and Retry-After is obeyed", async (t) => {
  const errors = [new KubeError("changed", 409, "Conflict"), new KubeError("slow", 429, "TooManyRequests", 3)];
  let attempts = 0;
  const { controller, clock, log } = running(t, async () => {
    attempts++;
    const error = errors.shift();
    if (error !== undefined) throw error;
    return done;
  });
  controller.enqueue({ name: "a" });
  await clock.advance(5);
  equal(attempts, 2);
  await clock.advance(2999);
  equal(attempts, 2);
  await clock.advance(1);
  equal(attempts, 3);
  deepEqual(log.at("error"), []);
});

test("a reconciler can ask to be called again", async (t) => {
  let attempts = 0;
  const { controller, clock } = running(t, async () => ({ requeueAfterMs: ++attempts < 3 ? 100 : 0 }));
  controller.enqueue({ name: "a" });
  await clock.advance(150);
  equal(attempts, 2);
});

test("several workers run several keys at once, and start resolves when the last has ended", async (t) => {
  const gate = Promise.withResolvers<void>();
  let active = 0;
  const { controller, stop, stopped } = running(
    t,
    async () => {
      active++;
      await gate.promise;
      active--;
      return done;
    },
    3,
  );
  for (const name of ["a", "b", "c", "d"]) controller.enqueue({ name });
  await settle();
  equal(active, 3);
  stop.abort();
  gate.resolve();
  await stopped;
  equal(active, 0);
});
