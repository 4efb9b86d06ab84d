import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FakeClock } from "./fake/fake-clock.ts";
import { WorkQueue } from "./workqueue.ts";

function queue() {
  const clock = new FakeClock();
  return { clock, queue: new WorkQueue({ clock }) };
}

test("a key that is added twice before it is taken runs once, first come first served", async () => {
  const { queue: q } = queue();
  for (const key of ["a", "b", "a"]) q.add(key);
  deepEqual([await q.take(), await q.take()], ["a", "b"]);
  equal(q.length, 0);
});

test("a key that is added while a worker has it runs once more afterwards, never beside", async () => {
  const { queue: q } = queue();
  q.add("a");
  await q.take();
  q.add("a");
  q.add("a");
  equal(q.length, 0);
  equal(q.idle, false);
  q.done("a");
  equal(q.length, 1);
  await q.take();
  q.done("a");
  equal(q.idle, true);
});

test("of several delays of one key the earliest holds", async () => {
  const { clock, queue: q } = queue();
  q.addAfter("a", 100);
  q.addAfter("a", 10);
  q.addAfter("a", 50);
  clock.tick(9);
  equal(q.length, 0);
  clock.tick(1);
  equal(q.length, 1);
  equal(clock.pending, 0);
});

test("back-off doubles from 5 ms to 1000 s for each key alone, and begins anew once forgotten", () => {
  const { queue: q } = queue();
  const delays = Array.from({ length: 20 }, () => q.addRateLimited("a"));
  deepEqual(delays.slice(0, 4), [5, 10, 20, 40]);
  equal(delays.at(-1), 1_000_000);
  equal(q.addRateLimited("b"), 5);
  q.forget("a");
  equal(q.addRateLimited("a"), 5);
});

test("closing lets waiting workers go and drops what waits", async () => {
  const { clock, queue: q } = queue();
  const waiting = q.take();
  q.addAfter("later", 10);
  q.close();
  q.add("a");
  equal(await waiting, undefined);
  equal(await q.take(), undefined);
  equal(q.length + clock.pending, 0);
});

test("no order of additions and completions loses a key or gives it to two workers", async () => {
  const steps = fc.array(fc.record({ add: fc.boolean(), key: fc.constantFrom("a", "b", "c") }));
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const { queue: q } = queue();
      const running = new Set<string>();
      const dirty = new Set<string>();
      const takeOne = async () => {
        const key = (await q.take()) ?? "";
        equal(running.has(key), false);
        equal(dirty.delete(key), true);
        running.add(key);
      };
      for (const { add, key } of sequence) {
        if (add) {
          q.add(key);
          dirty.add(key);
        } else if (running.delete(key)) q.done(key);
        if (q.length > 0) await takeOne();
      }
      for (const key of running) q.done(key);
      running.clear();
      while (q.length > 0) await takeOne();
      equal(dirty.size, 0);
    }),
  );
});
