import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { Takeovers } from "./takeovers.ts";

const ip = "192.0.2.2";

/** One that has been asked for at time 0. */
function asked(): Takeovers {
  const takeovers = new Takeovers(150);
  equal(takeovers.take(ip, 0, 0), false);
  deepEqual(takeovers.tick(0), { ask: [ip], free: [] });
  return takeovers;
}

test("an address is taken when nobody who may have it answers", () => {
  const takeovers = asked();
  equal(takeovers.take(ip, 0, 10), false);
  equal(takeovers.answered(ip, false, 150), true);
  deepEqual([takeovers.take(ip, 0, 150), takeovers.isWaiting(ip), takeovers.nextAt()], [true, false, undefined]);
});

test("an address for which a member answers is not taken, and asked for again: at once at first, then with pauses", () => {
  const takeovers = new Takeovers(150);
  takeovers.take(ip, 0, 0);
  const askedAt: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    const now = takeovers.nextAt() ?? Number.NaN;
    deepEqual(takeovers.tick(now).ask, [ip]);
    askedAt.push(now);
    takeovers.answered(ip, true, now + 150);
    equal(takeovers.take(ip, 0, now + 150), false);
  }
  deepEqual(askedAt, [0, 150, 300, 450, 950, 1450]);
});

test("an address that a member has given up is taken with the next answer", () => {
  const takeovers = asked();
  equal(takeovers.answered(ip, true, 150), false);
  deepEqual(takeovers.tick(150).ask, [ip]);
  equal(takeovers.answered(ip, false, 300), true);
});

test("a probe that does not end is waited for 2 s longer than it takes", () => {
  const takeovers = asked();
  equal(takeovers.nextAt(), 2150);
  deepEqual(takeovers.tick(2149), { ask: [], free: [] });
  deepEqual(takeovers.tick(2150), { ask: [], free: [ip] });
  equal(takeovers.take(ip, 0, 2150), true);
});

test("a node that others come before asks later", () => {
  const takeovers = new Takeovers(150);
  takeovers.take(ip, 250, 0);
  deepEqual([takeovers.tick(249).ask, takeovers.nextAt(), takeovers.tick(250).ask], [[], 250, [ip]]);
});

test("what was not taken is told when the members can be asked again, and asked for anew when they cannot", () => {
  const takeovers = asked();
  deepEqual(takeovers.end(), [ip]);
  deepEqual([takeovers.size, takeovers.take(ip, 0, 20)], [0, false]);
  deepEqual(takeovers.tick(20).ask, [ip]);
});

test("an address for which this node is not elected any more is forgotten, and an answer for it means nothing", () => {
  const takeovers = asked();
  takeovers.forget(ip);
  deepEqual([takeovers.answered(ip, false, 150), takeovers.size], [false, 0]);
});

test("with a probe time of zero everything is taken at once", () => {
  const takeovers = new Takeovers(0);
  deepEqual([takeovers.take(ip, 250, 0), takeovers.size], [true, 0]);
});
