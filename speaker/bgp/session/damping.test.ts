import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { DrivenSession, ends, openMessage, sessionConfig } from "../fixture/session.ts";
import type { SessionConfig } from "./session-config.ts";
import type { SessionEvent } from "./session-event.ts";

/** A session whose jitter shortens nothing. */
function steady(changes: Partial<SessionConfig> = {}): DrivenSession {
  const session = new DrivenSession(sessionConfig(changes)).established();
  session.random = 1;
  return session;
}

/** How a session of connection 7 falls. */
const falls: readonly SessionEvent[] = [
  { type: "closed", connection: 7, reason: "reset" },
  { type: "received", connection: 7, message: { type: "notification", code: 6, subcode: 4, data: new Uint8Array() } },
  { type: "received", connection: 7, message: { type: "notification", code: 6, subcode: 1, data: new Uint8Array() } },
  { type: "malformed", connection: 7, code: 3, subcode: 1, data: new Uint8Array(), reason: "x" },
  { type: "bfd-down" },
];

/** Comes up on connection 7 as soon as it may, stands for so long, and falls. @returns the seconds until it is tried again. */
function fallAfter(session: DrivenSession, upMs: number, fall = falls[0]): number {
  if (fall === undefined) throw new RangeError("no such fall");
  session.pass(Math.max(0, (session.state.dialAt ?? 0) - session.now));
  session.event({ type: "connected", attempt: session.state.attempts, connection: 7, ends });
  session.receive(openMessage(), 7).receive({ type: "keepalive" }, 7);
  for (let left = upMs; left > 0; left -= 5000) session.pass(Math.min(left, 5000)).receive({ type: "keepalive" }, 7);
  session.event(fall);
  return Math.round(((session.state.dialAt ?? 0) - session.now) / 1000);
}

function torn(changes: Partial<SessionConfig> = {}): DrivenSession {
  const session = steady(changes).pass(2000);
  session.event({ type: "closed", connection: 1, reason: "reset" });
  return session;
}

test("the first session that falls soon is tried again at once, and those after it after 1, 2, 4 and more seconds, up to 120", () => {
  const session = torn();
  equal(session.state.dialAt, session.now);
  const waits = Array.from({ length: 9 }, () => fallAfter(session, 2000));
  deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 120, 120]);
});

for (const fall of falls.slice(1))
  test(`however a session falls, it counts: ${fall.type} ${"message" in fall && fall.message.type === "notification" ? fall.message.subcode : ""}`, () => {
    const session = torn();
    const waits = Array.from({ length: 5 }, () => fallAfter(session, 2000, fall));
    deepEqual(waits.slice(2), [4, 8, 16]);
  });

test("a connect time makes it no shorter", () => {
  const session = torn({ connectTimeMs: 1000 });
  const waits = Array.from({ length: 4 }, () => fallAfter(session, 2000));
  deepEqual(waits, [1, 2, 4, 8]);
});

test("a session that stood for half a minute is forgiven what was before", () => {
  const session = torn();
  for (let i = 0; i < 5; i += 1) fallAfter(session, 2000);
  equal(fallAfter(session, 30_000), 0);
  equal(fallAfter(session, 2000), 0);
  equal(fallAfter(session, 2000), 1);
});

test("attempts that fail in between forgive nothing", () => {
  const session = torn();
  for (let i = 0; i < 3; i += 1) fallAfter(session, 2000);
  session.pass((session.state.dialAt ?? 0) - session.now);
  session.event({ type: "connect-failed", attempt: session.state.attempts, reason: "x" });
  equal(fallAfter(session, 2000), 8);
});

test("a session that somebody reset or stopped has not fallen", () => {
  const session = torn();
  for (let i = 0; i < 5; i += 1) fallAfter(session, 2000);
  equal(fallAfter(session, 2000, { type: "reset" }), 0);
  equal(fallAfter(session, 2000), 0);
  for (let i = 0; i < 5; i += 1) fallAfter(session, 2000);
  session.event({ type: "stop", reason: { type: "configuration-changed" } }).event({ type: "start" });
  ok((session.state.dialAt ?? 0) - session.now <= 200);
});

test("what is said names how often it fell and for how long it is left alone", () => {
  const session = torn();
  fallAfter(session, 2000);
  fallAfter(session, 2000);
  match(
    session.state.lastError ?? "",
    /^connection with 10\.0\.0\.2 lost: reset; 3 sessions in a row fell within half a minute each, so it is left alone for 2 s$/,
  );
});

test("a peer that is left alone and connects is rejected with 6/5 until the time is over", () => {
  const session = torn({ acceptsInbound: true });
  for (let i = 0; i < 4; i += 1) fallAfter(session, 2000);
  session.take();
  session.event({ type: "inbound", connection: 20, ends });
  deepEqual(session.brief(), ["notification 6/5", "close"]);
  session.pass(8000);
  session.take();
  session.event({ type: "inbound", connection: 21, ends });
  deepEqual(session.brief(), ["open"]);
});
