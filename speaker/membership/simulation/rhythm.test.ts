import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { lanTiming } from "../timing.ts";
import { agree, nodeNames, timeUntil } from "./agreement.ts";
import { World } from "./world.ts";

/** When each node sent its beats, once for all its watchers. */
function beatsOf(world: World, forMs: number): ReadonlyMap<string, readonly number[]> {
  const beats = new Map<string, number[]>();
  world.onSend = (from, _to, { type }) => {
    if (type !== "beat") return;
    const times = beats.get(from) ?? [];
    if (times.at(-1) !== world.now) times.push(world.now);
    beats.set(from, times);
  };
  world.run(forMs);
  return beats;
}

test("nodes that started at different times come to beat together", () => {
  const names = nodeNames(3);
  const world = new World({ seed: 1 });
  world.setPods(names);
  for (const name of names) {
    world.start(name);
    world.run(47);
  }
  world.run(20_000);
  const [first = [], ...others] = beatsOf(world, 3000).values();
  equal(others.length, 2);
  for (const at of first.slice(1, -1)) {
    for (const times of others) ok(times.some((other) => Math.abs(other - at) <= 2));
  }
});

for (const count of [2, 3, 50])
  test(`of ${count} nodes none beats much sooner or later than it is due, whenever the others beat`, () => {
    const world = new World({ seed: 2 });
    world.startJoined(nodeNames(count));
    world.segment.jitterMs = 20;
    for (const times of beatsOf(world, 10_000).values()) {
      for (const [i, at] of times.slice(1).entries()) {
        const sinceMs = at - (times[i] ?? 0);
        ok(sinceMs >= lanTiming.beatMs - 10 && sinceMs <= lanTiming.beatMs + 10);
      }
    }
  });

test("who has just begun to watch a dead node keeps nobody from finding its death", () => {
  const names = nodeNames(5);
  for (let seed = 1; seed <= 20; seed += 1) {
    const world = new World({ seed });
    world.startJoined(names);
    world.run(1000);
    const dying = world.chance.some(names, 3);
    for (const name of dying) world.kill(name);
    const rest = names.filter((name) => !dying.includes(name));
    const took = timeUntil(world, () => agree(world, rest, rest, names), 2000, 5);
    ok(took !== undefined && took <= 620, `${took}`);
  }
});
