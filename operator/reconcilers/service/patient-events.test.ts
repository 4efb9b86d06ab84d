import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../framework/fake/fake-clock.ts";
import { createBusyness } from "./busyness.ts";
import { patientEvents } from "./patient-events.ts";

const object = { apiVersion: "v1", kind: "Service", metadata: { name: "a" } };

function recorder(bound?: number) {
  const seen: string[] = [];
  const writes = { inFlight: 0, waiting: 0 };
  const clock = new FakeClock();
  const events = patientEvents(
    { record: (_object, _type, _reason, message) => void seen.push(message) },
    createBusyness(writes, clock),
    clock,
    bound,
  );
  const say = (message: string): void => events.record(object, "Normal", "R", message);
  return { seen, writes, clock, say };
}

test("events pass at once while little is written", () => {
  const { seen, say } = recorder();
  say("a");
  deepEqual(seen, ["a"]);
});

test("events wait while much is written, and keep their order", () => {
  const { seen, writes, clock, say } = recorder();
  writes.inFlight = 30;
  say("a");
  clock.tick(1_000);
  deepEqual(seen, []);
  writes.inFlight = 0;
  say("b");
  clock.tick(300);
  deepEqual(seen, ["a", "b"]);
  equal(clock.pending, 0);
});

test("a break in the writing is not its end", () => {
  const { seen, writes, clock, say } = recorder();
  writes.inFlight = 30;
  say("a");
  for (let i = 0; i < 5; i++) {
    writes.inFlight = 0;
    clock.tick(200);
    writes.inFlight = 30;
    clock.tick(100);
  }
  deepEqual(seen, []);
});

test("beyond the bound the oldest pass", () => {
  const { seen, writes, say } = recorder(2);
  writes.waiting = 1;
  for (const message of ["a", "b", "c"]) say(message);
  deepEqual(seen, ["a"]);
});
