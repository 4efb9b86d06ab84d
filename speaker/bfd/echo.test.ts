import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import type { BfdControl } from "../codec/bfd.ts";
import type { BfdEcho } from "../codec/bfd-echo.ts";
import { address, defaults, SessionDriver } from "./fixture/session-driver.ts";
import { echoUnused, nextAt } from "./session.ts";
import type { BfdSessionParameters } from "./session-parameters.ts";

function echoing(changes: Partial<BfdSessionParameters> = {}): SessionDriver {
  return new SessionDriver({ echo: true, echoIntervalMs: 100, ...changes }).up().do({ type: "echo-path", open: true });
}

function echoesOf(driver: SessionDriver): readonly BfdEcho[] {
  return driver.effects.flatMap((effect) => (effect.type === "send-echo" ? [effect.echo] : []));
}

/** The peer returns what was sent last. */
function giveBack(driver: SessionDriver): void {
  const echo = echoesOf(driver).at(-1);
  ok(echo !== undefined);
  driver.do({ type: "echo-returned", echo });
}

/** Nothing but what is due, and control packets of the peer. */
function runUntil(driver: SessionDriver, end: number, peer: Partial<BfdControl> = {}): void {
  for (let at = nextAt(driver.session); at <= end; at = nextAt(driver.session)) driver.tick(at).hear(peer);
  driver.now = end;
}

test("echo packets go out at the slower of both intervals as soon as the session is up and the way is known", () => {
  const driver = echoing();
  equal(echoesOf(driver).length, 1);
  runUntil(driver, 1_000);
  equal(echoesOf(driver).length, 11);
  const slower = echoing();
  runUntil(slower, 1_000, { requiredMinEchoRxUs: 250_000 });
  ok(echoesOf(slower).length <= 6);
});

for (const { rule, driver } of [
  { rule: "that is not asked to", driver: () => echoing({ echo: false }) },
  { rule: "over several hops", driver: () => echoing({ multihop: true }) },
  { rule: "on IPv6", driver: () => echoing({ remote: address("2001:db8::2"), local: address("2001:db8::1") }) },
  { rule: "whose way is not known", driver: () => new SessionDriver({ echo: true }).up() },
]) {
  test(`a session ${rule} sends no echo packets`, () => {
    const session = driver();
    runUntil(session, 1_000);
    deepEqual(echoesOf(session), []);
  });
}

test("a peer that returns none any more gets none any more", () => {
  const driver = echoing().hear({ requiredMinEchoRxUs: 0 });
  driver.take();
  for (let i = 0; i < 5; i += 1) driver.tick(driver.now + 200).hear({ requiredMinEchoRxUs: 0 });
  deepEqual(echoesOf(driver), []);
});

test("echo packets that stop to come back bring the session down after the peer's multiplier times the interval", () => {
  const driver = echoing();
  giveBack(driver);
  runUntil(driver, 399);
  equal(driver.session.state, "Up");
  driver.tick(400);
  deepEqual([driver.session.state, driver.session.diagnostic], ["Down", 2]);
});

test("echo packets that never came back bring nothing down", () => {
  const driver = echoing();
  runUntil(driver, 5_000);
  equal(driver.session.state, "Up");
});

test("who was late to send does not take that for a loss", () => {
  const driver = echoing();
  giveBack(driver);
  equal(driver.tick(800).hear().session.state, "Up");
});

test("an echo of another session, with another secret, or from long ago does not count", () => {
  const driver = echoing();
  giveBack(driver);
  driver.tick(100);
  const [first, last] = [echoesOf(driver)[0], echoesOf(driver).at(-1)];
  ok(first !== undefined && last !== undefined);
  for (const echo of [
    { ...last, discriminator: 2 },
    { ...last, secret: 1 },
    { ...last, sequence: last.sequence + 1 },
    { ...last, sequence: (last.sequence - 1_024 + 0x1_0000_0000) % 0x1_0000_0000 },
  ])
    driver.do({ type: "echo-returned", echo });
  equal(driver.session.echo.awaitedSince, 100);
  driver.do({ type: "echo-returned", echo: last });
  equal(driver.session.echo.awaitedSince, undefined);
});

test("a profile's echo that cannot be used says why", () => {
  const remote = { family: "IPv6", bits: 1n } as const;
  deepEqual(
    [{ echo: true }, { echo: true, multihop: true }, { echo: true, remote }, { multihop: true }].map((changes) =>
      echoUnused({ ...defaults, ...changes }),
    ),
    [undefined, "echo not used: multihop", "echo not used: IPv6", undefined],
  );
});
