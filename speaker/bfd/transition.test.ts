import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import type { BfdState } from "../codec/bfd.ts";
import { defaults, peerUp, SessionDriver } from "./fixture/session-driver.ts";
import { nextAt, type Session } from "./session.ts";
import { type Event, transition } from "./transition.ts";

const states: readonly BfdState[] = ["AdminDown", "Down", "Init", "Up"];

/** RFC 5880 §6.8.6, written out. */
const table: { readonly [mine in BfdState]: { readonly [theirs in BfdState]: BfdState } } = {
  AdminDown: { AdminDown: "AdminDown", Down: "AdminDown", Init: "AdminDown", Up: "AdminDown" },
  Down: { AdminDown: "Down", Down: "Init", Init: "Up", Up: "Down" },
  Init: { AdminDown: "Down", Down: "Init", Init: "Up", Up: "Up" },
  Up: { AdminDown: "Down", Down: "Down", Init: "Up", Up: "Up" },
};

function inState(state: BfdState): SessionDriver {
  const driver = new SessionDriver();
  if (state === "Init") driver.tick(0).hear({ state: "Down" });
  if (state === "Up" || state === "AdminDown") driver.up();
  if (state === "AdminDown") driver.do({ type: "shut-down" });
  driver.take();
  equal(driver.session.state, state);
  return driver;
}

for (const mine of states) {
  for (const theirs of states) {
    test(`${mine} that hears ${theirs} is ${table[mine][theirs]}`, () => {
      equal(inState(mine).hear({ state: theirs }).session.state, table[mine][theirs]);
    });
  }
}

const events: readonly Event[] = [
  ...states.map((state): Event => ({ type: "received", packet: { ...peerUp, state } })),
  { type: "received", packet: { ...peerUp, poll: true, final: true } },
  { type: "received", packet: { ...peerUp, requiredMinRxUs: 0, requiredMinEchoRxUs: 0, desiredMinTxUs: 0 } },
  { type: "received", packet: { ...peerUp, demand: true } },
  { type: "tick" },
  { type: "configured", parameters: { ...defaults, desiredMinTxMs: 50, requiredMinRxMs: 60_000, echo: true } },
  { type: "configured", parameters: { ...defaults, passive: true } },
  { type: "held", held: true },
  { type: "held", held: false },
  { type: "echo-path", open: true },
  { type: "echo-returned", echo: { discriminator: 1, sequence: 0, secret: 0x5ec2e7 } },
  { type: "shut-down" },
];

/** Whatever is reached in so many steps. */
function reached(steps: number): readonly Session[] {
  const seen = new Map<string, Session>();
  let edge: readonly Session[] = [new SessionDriver().session, new SessionDriver({ passive: true }).session];
  for (let step = 0; step < steps; step += 1) {
    const next = new Map<string, Session>();
    for (const session of edge)
      for (const event of events) {
        const moment = { now: 400 * step, readUntil: 400 * step, random: 0.5 };
        const { session: after } = transition(session, event, moment);
        const key = JSON.stringify(after, (_, value) => (typeof value === "bigint" ? String(value) : value));
        if (!seen.has(key)) next.set(key, after);
        seen.set(key, after);
      }
    edge = [...next.values()];
  }
  return [...seen.values()];
}

test("every event has an answer in every state that is reached, and a tick when something is due leaves nothing due", () => {
  const sessions = reached(3);
  for (const state of states)
    ok(
      sessions.some((session) => session.state === state),
      state,
    );
  for (const session of sessions) {
    for (const event of events) transition(session, event, { now: 2_000, readUntil: 2_000, random: 0.5 });
    const due = nextAt(session);
    if (due === Number.POSITIVE_INFINITY) continue;
    const now = Math.max(due, 2_000);
    let after = session;
    for (let turn = 0; turn < 3; turn += 1)
      after = transition(after, { type: "tick" }, { now, readUntil: now, random: 0.5 }).session;
    ok(nextAt(after) > now, `${session.state}: ${nextAt(after)}`);
  }
});

test("the peer's poll is answered at once, with the final bit and without a poll of ours", () => {
  const [answer, ...more] = inState("Up").hear({ poll: true }).packets;
  deepEqual([answer?.final, answer?.poll, more.length], [true, false, 0]);
});

test("a change of state is sent at once", () => {
  deepEqual(
    inState("Init")
      .hear()
      .packets.map(({ state }) => state),
    ["Up"],
  );
});

test("who becomes up says its configured intervals and polls until it has an answer", () => {
  const driver = inState("Init").hear();
  deepEqual(
    driver.packets.map((packet) => [packet.poll, packet.desiredMinTxUs, packet.requiredMinEchoRxUs]),
    [[true, 300_000, 50_000]],
  );
  driver.tick(300);
  equal(driver.packets.at(-1)?.poll, true);
  driver.hear({ final: true }).tick(700);
  equal(driver.packets.at(-1)?.poll, false);
});

test("who is not up says and keeps one second", () => {
  const driver = new SessionDriver({ desiredMinTxMs: 50 }).tick(0);
  equal(driver.packets[0]?.desiredMinTxUs, 1_000_000);
  equal(driver.tick(999).packets.length, 1);
  equal(driver.tick(1_000).packets.length, 2);
});

test("silence for the peer's multiplier times the slower interval is a loss, and one millisecond less is none", () => {
  const driver = inState("Up").hear({ detectMultiplier: 5, desiredMinTxUs: 400_000 });
  deepEqual(driver.tick(1_999).states, []);
  deepEqual(driver.tick(2_000).states, ["Down"]);
  deepEqual(driver.packets.at(-1)?.diagnostic, 1);
  equal(driver.packets.at(-1)?.yourDiscriminator, 0);
});

test("a loss does not count before what has arrived was read", () => {
  const driver = inState("Up").tick(5_000, 899);
  equal(driver.session.state, "Up");
  equal(driver.hear().tick(5_001).session.state, "Up");
});

test("a peer that is down, and one that is switched off, are told apart", () => {
  const causes = (["Down", "AdminDown"] as const).map((state) => {
    const changed = inState("Up")
      .hear({ state })
      .effects.find(({ type }) => type === "changed");
    return changed?.type === "changed" ? changed.cause : undefined;
  });
  deepEqual(causes, ["neighbour-down", "neighbour-admin-down"]);
});

test("the next packet is sent sooner as soon as the peer accepts them sooner", () => {
  const driver = inState("Up").hear({ requiredMinRxUs: 60_000_000 });
  ok(driver.session.transmitAt >= 60_000);
  driver.tick(100).hear({ requiredMinRxUs: 50_000 });
  ok(driver.session.transmitAt <= 400, String(driver.session.transmitAt));
});

test("packets are sent after 75 to 100 percent of the interval, and to 90 where one that is lost is too many", () => {
  const due = (random: number, detectMultiplier: number) => {
    const driver = new SessionDriver({ detectMultiplier });
    driver.random = random;
    return driver.tick(0).session.transmitAt;
  };
  deepEqual([due(0, 3), due(1, 3), due(0, 1), due(1, 1)], [750, 1_000, 750, 900]);
});

test("a peer that accepts nothing is sent nothing unasked", () => {
  const driver = inState("Up").hear({ requiredMinRxUs: 0 });
  equal(driver.session.transmitAt, Number.POSITIVE_INFINITY);
  equal(driver.hear({ requiredMinRxUs: 0, poll: true }).packets.length, 1);
});

test("a peer in demand mode is sent nothing while both are up and no poll is on its way (RFC 5880 §6.8.7)", () => {
  const driver = inState("Up").hear({ demand: true });
  equal(driver.session.transmitAt, Number.POSITIVE_INFINITY);
  driver.do({ type: "configured", parameters: { ...defaults, desiredMinTxMs: 100 } });
  equal(driver.packets.at(-1)?.poll, true);
});

test("a passive session waits for the peer, and waits again when the peer is lost", () => {
  const driver = new SessionDriver({ passive: true }).tick(0).tick(10_000);
  deepEqual(driver.packets, []);
  driver.hear({ state: "Down" });
  deepEqual(
    driver.packets.map(({ state }) => state),
    ["Init"],
  );
  driver.tick(20_000);
  driver.take();
  deepEqual(driver.tick(40_000).packets, []);
});

test("a node that stands still goes down with its path, and does not come up before it is back", () => {
  const driver = inState("Up").do({ type: "held", held: true });
  deepEqual(
    driver.packets.map(({ state, diagnostic }) => [state, diagnostic]),
    [["Down", 5]],
  );
  equal(driver.hear({ state: "Down" }).hear({ state: "Init" }).session.state, "Down");
  equal(driver.do({ type: "held", held: false }).hear({ state: "Init" }).session.state, "Up");
});

test("a session that is not wanted says so three times at once and until the peer would have missed it, then never again", () => {
  const driver = inState("Up").do({ type: "shut-down" });
  deepEqual(
    driver.packets.map(({ state, diagnostic }) => [state, diagnostic]),
    Array(3).fill(["AdminDown", 7]),
  );
  driver.take();
  deepEqual(driver.tick(899).effects, []);
  deepEqual(driver.tick(900).effects, [{ type: "ended" }]);
  equal(nextAt(driver.session), Number.POSITIVE_INFINITY);
});

test("a session without a peer ends at once", () => {
  deepEqual(new SessionDriver().do({ type: "shut-down" }).effects, [{ type: "ended" }]);
});
