import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../operator/framework/fake/fake-clock.ts";
import type { Unreachable } from "../status/unreachable.ts";
import { ReachabilityReport } from "./reachability-report.ts";

function setUp() {
  const clock = new FakeClock();
  const unreachable = new Map<string, Unreachable>();
  const said: string[] = [];
  const report = new ReachabilityReport({
    clock,
    unreachable: () => unreachable,
    onChange: () => said.push(report.condition?.message ?? "nothing"),
  });
  const add = (key: string): void => {
    unreachable.set(key, { key, ips: ["198.51.100.1"], shortcoming: "noNodeReachesSubnet" });
    report.follow();
  };
  return { clock, unreachable, said, report, add };
}

test("a thousand unreachable Services one after the other are two conditions: the first, and all of them", async () => {
  const { clock, said, add } = setUp();
  for (let i = 0; i < 1_000; i += 1) add(`default/s${i}`);
  equal(said.length, 1);
  await clock.advance(5_000);
  equal(said.length, 2);
  match(said[1] ?? "", /and 990 more$/);
  await clock.advance(60_000);
  equal(said.length, 2);
});

test("the condition stays as it was said until it is time to say the next", async () => {
  const { clock, report, add } = setUp();
  add("default/a");
  const first = report.condition;
  add("default/b");
  deepEqual(report.condition, first);
  await clock.advance(5_000);
  match(report.condition?.message ?? "", /default\/b/);
});

test("the condition goes when everything can be reached", async () => {
  const { clock, unreachable, report, said, add } = setUp();
  add("default/a");
  unreachable.clear();
  report.follow();
  await clock.advance(5_000);
  equal(report.condition, undefined);
  equal(said.at(-1), "nothing");
});
