import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { AnnouncementTable } from "./announcement-table.ts";
import { AnnouncementWave } from "./announcement-wave.ts";
import { address } from "./fake/segment.ts";

function tableOf(count: number): AnnouncementTable {
  const table = new AnnouncementTable();
  for (let i = 0; i < count; i += 1) {
    table.set(`default/s${i}`, [{ address: address(`10.0.${i >> 8}.${i & 255}`), interfaces: [] }]);
  }
  return table;
}

/** `<kind> <address>` of one step. */
function step(wave: AnnouncementWave, room = Number.POSITIVE_INFINITY): readonly string[] {
  const taken: string[] = [];
  wave.step(
    () => taken.length < room,
    ({ text }, kind) => taken.push(`${kind} ${text}`),
  );
  return taken;
}

test("a wave hands on as many addresses as there is room for, each once, and ends", () => {
  const table = tableOf(3);
  const wave = new AnnouncementWave(() => table.values());
  equal(wave.pending, false);
  wave.start("announce");
  deepEqual([step(wave, 2), wave.pending], [["announce 10.0.0.0", "announce 10.0.0.1"], true]);
  deepEqual([step(wave, 2), wave.pending], [["announce 10.0.0.2"], false]);
});

test("one step looks at a few hundred addresses, however many there are", () => {
  const table = tableOf(3000);
  const wave = new AnnouncementWave(() => table.values());
  wave.start("announce");
  const sizes = [step(wave).length];
  while (wave.pending) sizes.push(step(wave).length);
  equal(
    sizes.reduce((sum, size) => sum + size, 0),
    3000,
  );
  ok(Math.max(...sizes) <= 256);
});

test("a wave that is asked for while one runs follows it from the first address to the last; announcing outdoes refreshing", () => {
  const table = tableOf(2);
  const wave = new AnnouncementWave(() => table.values());
  wave.start("refresh");
  deepEqual(step(wave, 1), ["refresh 10.0.0.0"]);
  wave.start("announce");
  wave.start("refresh");
  deepEqual(step(wave), ["refresh 10.0.0.1", "announce 10.0.0.0", "announce 10.0.0.1"]);
  equal(wave.pending, false);
});

test("addresses that come and go while a wave runs are met or not met, and do not stop it", () => {
  const table = tableOf(3);
  const wave = new AnnouncementWave(() => table.values());
  wave.start("announce");
  step(wave, 1);
  table.delete("default/s1");
  table.set("default/new", [{ address: address("192.0.2.2"), interfaces: [] }]);
  deepEqual(step(wave), ["announce 10.0.0.2", "announce 192.0.2.2"]);
});
