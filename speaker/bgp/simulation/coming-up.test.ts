import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import type { Capability } from "../../codec/bgp/capability.ts";
import type { BgpMessage, OpenMessage } from "../../codec/bgp/message.ts";
import type { SessionConfig } from "../session/session-config.ts";
import { World } from "./world.ts";

const seeds = Array.from({ length: 100 }, (_, index) => index + 1);

test("two speakers that both connect come to one session, on the same connection, and it stays", () => {
  let collisions = 0;
  for (const seed of seeds) {
    const world = new World({ seed }).start();
    ok(world.runUntilUp(5000) !== undefined, `seed ${seed}`);
    const { now } = world;
    world.run(600_000);
    ok(world.isUp, `seed ${seed}`);
    for (const party of world.parties) {
      deepEqual(party.did("session-down", now), []);
      const said = new Set(party.did("notification").map(({ text }) => text));
      said.delete("notification 6/7");
      deepEqual([...said], [], `seed ${seed}`);
      collisions += party.did("notification 6/7").length;
    }
  }
  ok(collisions > 0, "no two connections ever collided");
});

test("a speaker that only connects and one that only waits come to a session", () => {
  const ways: readonly (readonly [Partial<SessionConfig>, Partial<SessionConfig>])[] = [
    [{ acceptsInbound: false }, { passive: true }],
    [{ passive: true }, { acceptsInbound: false }],
    [{ acceptsInbound: false }, {}],
  ];
  for (const [left, right] of ways) ok(new World({ seed: 1, left, right }).start().runUntilUp(5000) !== undefined);
});

test("two speakers that only wait stay apart, and so do two that nobody can reach", () => {
  const waiting = new World({ seed: 1, left: { passive: true }, right: { passive: true } }).start().run(600_000);
  deepEqual([waiting.left.name, waiting.right.name], ["Active", "Active"]);
  const deaf = new World({ seed: 1, left: { acceptsInbound: false }, right: { acceptsInbound: false } }).start();
  deaf.run(600_000);
  match(deaf.left.lastError, /connection refused/);
});

test("one speaker that is there long before the other is found by it at once", () => {
  const world = new World({ seed: 3 });
  world.left.event({ type: "start" });
  world.run(600_000);
  world.right.event({ type: "start" });
  ok(world.runUntilUp(1000) !== undefined);
});

/** Runs for ten minutes two speakers that cannot agree. */
function apart(
  left: Partial<SessionConfig>,
  right: Partial<SessionConfig>,
  disguise?: (open: OpenMessage) => OpenMessage,
): World {
  const world = new World({ seed: 5, left: { ...left, acceptsInbound: false }, right });
  if (disguise !== undefined) {
    world.right.disguise = (message: BgpMessage) => (message.type === "open" ? disguise(message) : message);
  }
  return world.start().run(600_000);
}

const same = { routerID: 7, remoteAS: "internal", myASN: 64512, ownAS: 64512 } as const;
const refusals = [
  { name: "a version of its own", code: "2/1", world: () => apart({}, {}, (open) => ({ ...open, version: 5 })) },
  { name: "another AS than expected", code: "2/2", world: () => apart({ remoteAS: 64999 }, {}) },
  { name: "AS 0", code: "2/2", world: () => apart({ remoteAS: "external" }, {}, asZero) },
  { name: "identifier 0", code: "2/3", world: () => apart({}, {}, (open) => ({ ...open, identifier: 0 })) },
  { name: "the same identifier in the same AS", code: "2/3", world: () => apart(same, same) },
  { name: "a hold time of 2 s", code: "2/6", world: () => apart({}, {}, (open) => ({ ...open, holdTimeSeconds: 2 })) },
  { name: "no family of the other's", code: "2/7", world: () => apart({}, { families: ["IPv6"] }) },
];

function asZero(open: OpenMessage): OpenMessage {
  const capabilities = open.capabilities.filter(({ type }: Capability) => type !== "four-octet-as");
  return { ...open, autonomousSystem: 0, capabilities };
}

for (const { name, code, world } of refusals)
  test(`a peer with ${name} is refused with ${code}, and tried ever more seldom`, () => {
    const { left } = world();
    const said = new Set(left.did("notification").map(({ text }) => text));
    deepEqual([...said], [`notification ${code}`]);
    equal(left.did("session-up").length, 0);
    match(left.lastError, /^refused 10\.0\.0\.2: /);
    const attempts = left.did("connect").length;
    ok(attempts >= 8 && attempts <= 14, `${attempts} attempts in ten minutes`);
  });

test("a peer that does not know capabilities gets an OPEN without them, and the session is up", () => {
  const world = new World({ seed: 6, left: { acceptsInbound: false } });
  let seen = 0;
  world.left.disguise = (message) => {
    if (message.type === "open") seen = message.capabilities.length;
    return message;
  };
  world.right.disguise = (message) => {
    if (message.type === "keepalive" && seen > 0) return { type: "notification", code: 2, subcode: 4, data: new Uint8Array() };
    return message;
  };
  world.start();
  ok(world.runUntilUp(10_000) !== undefined);
  equal(seen, 0);
});
