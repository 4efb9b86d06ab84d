import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { CarrierDamping } from "./carrier-damping.ts";

const up = { name: "eth0", carrier: true };
const down = { name: "eth0", carrier: false };
const fit = (damping: CarrierDamping, link: typeof up, now: number) => [...damping.follow([link], now)];

test("an interface that was never seen without its carrier is fit at once, also when it comes later", () => {
  deepEqual(fit(new CarrierDamping(), up, 0), ["eth0"]);
  const damping = new CarrierDamping();
  deepEqual(fit(damping, down, 0), []);
  deepEqual(fit(damping, up, 10), ["eth0"]);
});

test("a lost carrier counts at once, its return after five seconds", () => {
  const damping = new CarrierDamping();
  fit(damping, up, 0);
  deepEqual(fit(damping, down, 100), []);
  deepEqual(fit(damping, up, 200), []);
  equal(damping.nextAt(300), 5_200);
  deepEqual(fit(damping, up, 5_199), []);
  deepEqual(fit(damping, up, 5_200), ["eth0"]);
  equal(damping.nextAt(5_200), undefined);
});

test("each further loss doubles the time, to five minutes at most", () => {
  const damping = new CarrierDamping();
  let now = 0;
  fit(damping, up, now);
  for (const expected of [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
    now += 1_000;
    fit(damping, down, now);
    now += 1_000;
    fit(damping, up, now);
    equal((damping.nextAt(now) ?? 0) - now, expected);
  }
});

test("an hour later a loss is forgotten", () => {
  const damping = new CarrierDamping();
  fit(damping, up, 0);
  fit(damping, down, 1_000);
  fit(damping, up, 2_000);
  fit(damping, down, 4_000_000);
  fit(damping, up, 4_001_000);
  equal(damping.nextAt(4_001_000), 4_006_000);
});

test("while no carrier is there nothing is waited for", () => {
  const damping = new CarrierDamping();
  fit(damping, up, 0);
  fit(damping, down, 1_000);
  equal(damping.nextAt(1_000), undefined);
});
