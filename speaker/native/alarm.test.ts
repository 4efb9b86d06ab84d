import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { openAlarm } from "./alarm.ts";

/** Resolves when it rings, with the milliseconds since now. */
function ringing(): { readonly alarm: ReturnType<typeof openAlarm>; readonly rings: number[]; readonly rung: Promise<void> } {
  const rings: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const since = performance.now();
  const alarm = openAlarm(() => {
    rings.push(performance.now() - since);
    resolve();
  });
  return { alarm, rings, rung: promise };
}

test("an alarm rings once, and not before its time", async () => {
  const { alarm, rings, rung } = ringing();
  alarm.set(20);
  await rung;
  ok((rings[0] ?? 0) >= 20);
  const later = ringing();
  later.alarm.set(30);
  await later.rung;
  equal(rings.length, 1);
  alarm.close();
  later.alarm.close();
});

test("an alarm that is set anew rings at the new time alone, sooner or later", async () => {
  const [sooner, later] = [ringing(), ringing()];
  sooner.alarm.set(60_000);
  sooner.alarm.set(1);
  later.alarm.set(1);
  later.alarm.set(40);
  await Promise.all([sooner.rung, later.rung]);
  deepEqual([sooner.rings.length, later.rings.length], [1, 1]);
  ok((later.rings[0] ?? 0) >= 40);
  sooner.alarm.close();
  later.alarm.close();
});

test("an alarm can be set again when it has rung, for no time at all, too", async () => {
  let rings = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const alarm = openAlarm(() => {
    rings += 1;
    if (rings === 3) resolve();
    else alarm.set(0);
  });
  alarm.set(0);
  await promise;
  alarm.close();
});

test("an alarm that was closed does not ring", async () => {
  const { alarm, rings } = ringing();
  alarm.set(1);
  alarm.close();
  alarm.set(1);
  const after = ringing();
  after.alarm.set(20);
  await after.rung;
  after.alarm.close();
  deepEqual(rings, []);
});
