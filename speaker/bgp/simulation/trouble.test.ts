import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { World } from "./world.ts";

const seeds = Array.from({ length: 30 }, (_, index) => index + 1);

function up(options: ConstructorParameters<typeof World>[0]): World {
  const world = new World(options).start();
  ok(world.runUntilUp(5000) !== undefined);
  world.run(60_000);
  return world;
}

test("a connection that breaks is replaced at once", () => {
  for (const seed of seeds) {
    const world = up({ seed });
    world.breakAll();
    const tookMs = world.runUntilUp(10_000);
    ok(tookMs !== undefined && tookMs <= 4000, `seed ${seed}: ${tookMs} ms`);
  }
});

test("a silent path ends the session on both sides within the hold time, with 4/0", () => {
  const world = up({ seed: 2 });
  const { now } = world;
  world.reachable = false;
  world.run(9000);
  for (const party of world.parties) {
    equal(party.did("notification 4/0", now).length, 1);
    match(party.did("session-down", now)[0]?.text ?? "", /hold timer expired/);
  }
  world.reachable = true;
  ok(world.runUntilUp(60_000) !== undefined);
});

test("with a hold time of 0 a session needs no word to stay", () => {
  const world = up({ seed: 3, right: { holdTimeSeconds: 0, keepaliveMs: 0 } });
  const { now } = world;
  world.run(86_400_000);
  ok(world.isUp);
  for (const party of world.parties) deepEqual(party.did("", now), []);
});

test("a speaker that restarts with graceful restart says nothing, and sends End-of-RIB when it is complete", () => {
  const world = up({ seed: 4, right: { gracefulRestart: true }, left: { gracefulRestart: true } });
  const { now } = world;
  world.right.restart({ type: "graceful-restart" }, 5000);
  const again = world.runUntilUp(20_000);
  ok(again !== undefined && again < 8000);
  deepEqual(
    [world.left.did("notification", now), world.right.did("notification", now)].map((deeds) =>
      deeds.filter(({ text }) => text !== "notification 6/7"),
    ),
    [[], []],
  );
  equal(world.right.did("update", now).length, 0);
  world.right.event({ type: "rib-complete" });
  equal(world.right.did("update", now).length, 1);
});

test("a speaker that dies without a word and comes back replaces its old session, long before the hold time", () => {
  const slow = { holdTimeSeconds: 3600, keepaliveMs: 1_200_000 };
  const world = up({ seed: 5, left: { ...slow, passive: true }, right: slow });
  world.reachable = false;
  world.right.restart({ type: "graceful-restart" }, 1000);
  world.run(500);
  world.reachable = true;
  world.run(600);
  ok(world.runUntilUp(3000) !== undefined);
});

const stops = [
  { reason: { type: "peer-removed" }, code: "6/3" },
  { reason: { type: "configuration-changed" }, code: "6/6" },
  { reason: { type: "administrative-shutdown", text: "maintenance" }, code: "6/2" },
] as const;
for (const { reason, code } of stops)
  test(`a stop for ${reason.type} is ${code}, and the other side is not faster than once a second afterwards`, () => {
    const world = up({ seed: 6, left: { connectTimeMs: 1000 } });
    const { now } = world;
    world.right.event({ type: "stop", reason });
    world.run(60_000);
    equal(world.right.did(`notification ${code}`, now).length, 1);
    match(world.left.did("session-down", now)[0]?.text ?? "", new RegExp(`code ${code}`));
    const attempts = world.left.did("connect", now).length;
    ok(attempts > 20 && attempts <= 61, `${attempts} attempts`);
  });

test("a speaker that ends every session a second after it came up is tried ever more seldom, and well again once it behaves", () => {
  const way = { connectTimeMs: 1000 };
  const world = new World({ seed: 7, left: { ...way, acceptsInbound: false }, right: { ...way, passive: true } }).start();
  for (let second = 0; second < 600; second += 1) {
    world.run(1000);
    if (world.isUp) world.right.hearNonsense();
  }
  const ups = world.left.did("session-up").length;
  ok(ups >= 9 && ups <= 16, `${ups} sessions in ten minutes`);
  ok(world.left.did("connect").length <= 3 * ups, `${world.left.did("connect").length} attempts`);
  ok(world.runUntilUp(180_000) !== undefined);
  world.run(600_000);
  ok(world.isUp);
});

type Fault = {
  readonly kind: "break" | "silence" | "nonsense" | "reset" | "bfd-down" | "restart";
  readonly side: 0 | 1;
  readonly waitMs: number;
};

function strike(world: World, { kind, side }: Fault): void {
  const party = world.parties[side];
  switch (kind) {
    case "break":
      world.breakAll();
      return;
    case "silence":
      world.reachable = false;
      world.agenda.at(world.now + 15_000, () => {
        world.reachable = true;
      });
      return;
    case "nonsense":
      party.hearNonsense();
      return;
    case "reset":
    case "bfd-down":
      party.event({ type: kind });
      return;
    case "restart":
      party.restart({ type: "graceful-restart" }, 2000);
      return;
  }
}

/** What well-behaved speakers may say to each other under such faults. */
const honest = new Set([
  "notification 3/1",
  "notification 4/0",
  "notification 6/2",
  "notification 6/4",
  "notification 6/5",
  "notification 6/7",
  "notification 6/10",
]);

/** An OPEN that a dead connection swallowed is waited for four minutes; then come the longest pause and the handshake. */
const boundMs = 240_000 + 120_000 + 15_000;

test("after any faults the session is up again within a bounded time, and no NOTIFICATION was out of place", () => {
  const fault = fc.record({
    kind: fc.constantFrom("break", "silence", "nonsense", "reset", "bfd-down", "restart"),
    side: fc.constantFrom(0, 1),
    waitMs: fc.integer({ min: 0, max: 20_000 }),
  }) as fc.Arbitrary<Fault>;
  const options = fc.record({
    gracefulRestart: fc.boolean(),
    connectTimeMs: fc.option(fc.constantFrom(1000, 5000), { nil: undefined }),
    leftListens: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.array(fault, { maxLength: 12 }), options, (seed, faults, chosen) => {
      const { gracefulRestart, connectTimeMs, leftListens } = chosen;
      const of = { gracefulRestart, ...(connectTimeMs !== undefined && { connectTimeMs }) };
      const world = new World({ seed, left: { ...of, acceptsInbound: leftListens }, right: of }).start();
      for (const each of faults) {
        world.run(each.waitMs);
        strike(world, each);
      }
      world.run(15_000);
      ok(world.runUntilUp(boundMs) !== undefined, `${world.left.name} and ${world.right.name}`);
      world.run(1000);
      const { now } = world;
      world.run(60_000);
      for (const party of world.parties) {
        deepEqual(party.did("session-down", now), []);
        equal(party.mostEstablished, 1);
        for (const { text } of party.did("notification")) ok(honest.has(text), text);
        const times = party.did("connect").map(({ at }) => at);
        ok(
          times.every(
            (at, index) => index === 0 || faults.some(({ kind }) => kind === "restart") || at - (times[index - 1] ?? 0) >= 1000,
          ),
        );
      }
    }),
    { numRuns: 200 },
  );
});
