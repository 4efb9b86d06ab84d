import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { probesOf } from "./probes.ts";
import { SharedState } from "./shared-state.ts";

/** Threads that all tick at 1,000 ms, and a beat that looks since then. */
function setUp() {
  const shared = new SharedState(SharedState.allocate());
  const told: string[] = [];
  let now = 1_000;
  const probes = probesOf({
    shared,
    now: () => now,
    membershipTrouble: () => undefined,
    onChange: (thread, reason) => told.push(`${thread}: ${reason ?? "well"}`),
  });
  shared.tick(now);
  shared.tickMind(now);
  shared.setTapsAlive(true);
  shared.setMindReady();
  const failing = (checks: (typeof probes)["live"]): readonly string[] =>
    Object.entries(checks).flatMap(([name, check]) => (check() === undefined ? [] : name));
  return {
    shared,
    told,
    /** The names of the checks that fail. */
    fails: () => ({ live: failing(probes.live), ready: failing(probes.ready) }),
    /** Time passes in which the named threads tick. */
    pass: (ms: number, ...ticking: readonly ("wire" | "mind")[]) => {
      now += ms;
      if (ticking.includes("wire")) shared.tick(now);
      if (ticking.includes("mind")) shared.tickMind(now);
    },
  };
}

test("threads that run fail no probe", () => {
  const { fails, told } = setUp();
  deepEqual(fails(), { live: [], ready: [] });
  deepEqual(told, []);
});

test("a wire that stands still for longer than 1.5 s fails both probes", () => {
  const { fails, pass } = setUp();
  pass(1_501, "mind");
  deepEqual(fails(), { live: ["wire"], ready: ["wire"] });
});

test("a mind that stands still for longer than 10 s fails readiness, for a minute nothing else", () => {
  const { fails, pass } = setUp();
  pass(10_000, "wire");
  deepEqual(fails(), { live: [], ready: [] });
  pass(1, "wire");
  deepEqual(fails(), { live: [], ready: ["mind"] });
  pass(49_999, "wire");
  deepEqual(fails(), { live: [], ready: ["mind"] });
});

test("a mind that stands still for longer than a minute fails both probes: a new process is to come", () => {
  const { fails, pass } = setUp();
  pass(60_001, "wire");
  deepEqual(fails(), { live: ["mind"], ready: ["mind"] });
});

test("a mind that comes back is well at once", () => {
  const { fails, pass } = setUp();
  pass(60_001, "wire");
  fails();
  pass(1, "wire", "mind");
  deepEqual(fails(), { live: [], ready: [] });
});

test("a mind that has decided nothing yet, and a wire that is mute, are alive and not ready", () => {
  const shared = new SharedState(SharedState.allocate());
  const { live, ready } = probesOf({ shared, now: () => 1_000, membershipTrouble: () => undefined, onChange: () => undefined });
  shared.setMuted(true);
  const failing = (checks: typeof live): readonly string[] =>
    Object.keys(checks).filter((name) => checks[name]?.() !== undefined);
  deepEqual([failing(live), failing(ready)], [[], ["mind", "muted"]]);
});

test("each change is told once, however often the probes are asked", () => {
  const { fails, pass, told } = setUp();
  pass(10_001, "wire");
  for (let i = 0; i < 3; i++) fails();
  pass(1, "wire", "mind");
  for (let i = 0; i < 3; i++) fails();
  deepEqual(told, ["mind: the thread that follows the cluster stands still", "mind: well"]);
});
