import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { KubeError } from "../api/kube-api.ts";
import { FakeClock, settle } from "../fake/fake-clock.ts";
import { createWriteLimiter } from "./write-limiter.ts";

/** `count` writes, each `ms` long; `fail` may throw in its turn. */
async function load(
  limiter: ReturnType<typeof createWriteLimiter>,
  clock: FakeClock,
  count: number,
  ms: number,
  fail?: () => void,
) {
  const writes = Array.from({ length: count }, () =>
    limiter.run(async () => {
      await new Promise<void>((resolve) => void clock.after(ms, resolve));
      fail?.();
    }),
  );
  const settled = Promise.allSettled(writes);
  for (let i = 0; i < 2 * count && limiter.inFlight + limiter.waiting > 0; i++) await clock.advance(ms);
  return settled;
}

test("begins with 8 in flight and grows to 32 while the server answers quickly", async () => {
  const clock = new FakeClock();
  const limiter = createWriteLimiter({ clock });
  const gate = Promise.withResolvers<void>();
  const held = Array.from({ length: 20 }, () => limiter.run(() => gate.promise));
  await settle();
  equal(limiter.inFlight, 8);
  equal(limiter.waiting, 12);
  gate.resolve();
  await Promise.all(held);
  await load(limiter, clock, 500, 5);
  equal(limiter.limit, 32);
});

test("does not grow while it is not used to the full", async () => {
  const clock = new FakeClock();
  const limiter = createWriteLimiter({ clock });
  for (let i = 0; i < 100; i++) await limiter.run(() => Promise.resolve());
  equal(limiter.limit, 8);
});

test("a 429 halves the limit once per round and holds all writes for Retry-After", async () => {
  const clock = new FakeClock();
  const limiter = createWriteLimiter({ clock });
  const refuse = () => {
    throw new KubeError("slow down", 429, "TooManyRequests", 2);
  };
  await load(limiter, clock, 8, 5, refuse);
  equal(limiter.limit, 4);
  let ran = false;
  const write = limiter.run(async () => {
    ran = true;
  });
  await clock.advance(1990);
  equal(ran, false);
  await clock.advance(10);
  await write;
  equal(ran, true);
});

test("answers that become much slower lower the limit", async () => {
  const clock = new FakeClock();
  const limiter = createWriteLimiter({ clock });
  await load(limiter, clock, 300, 5);
  const before = limiter.limit;
  await load(limiter, clock, 64, 1000);
  ok(limiter.limit < before);
});

test("a refusal that concerns the object alone changes nothing, and reaches the caller", async () => {
  const limiter = createWriteLimiter({ clock: new FakeClock() });
  await rejects(
    limiter.run(() => Promise.reject(new KubeError("changed", 409, "Conflict"))),
    /changed/,
  );
  equal(limiter.limit, 8);
  equal(limiter.inFlight, 0);
});

test("with a rate, writes beyond the burst are spread over time, in their order", async () => {
  const clock = new FakeClock();
  const limiter = createWriteLimiter({ clock, rate: { perSecond: 10, burst: 3 } });
  const begun: number[] = [];
  for (let i = 0; i < 6; i++) void limiter.run(async () => void begun.push(i));
  await settle();
  deepEqual(begun, [0, 1, 2]);
  await clock.advance(99);
  deepEqual(begun, [0, 1, 2]);
  await clock.advance(1);
  deepEqual(begun, [0, 1, 2, 3]);
  await clock.advance(200);
  deepEqual(begun, [0, 1, 2, 3, 4, 5]);
});

test("a rest earns no more than the burst", async () => {
  const clock = new FakeClock();
  const limiter = createWriteLimiter({ clock, rate: { perSecond: 10, burst: 3 } });
  await clock.advance(60_000);
  let begun = 0;
  for (let i = 0; i < 6; i++) void limiter.run(async () => void begun++);
  await settle();
  equal(begun, 3);
});
