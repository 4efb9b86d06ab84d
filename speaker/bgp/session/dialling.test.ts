import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { DrivenSession, ends, openMessage, sessionConfig } from "../fixture/session.ts";
import { stateName } from "./session-state.ts";

const listening = sessionConfig({ acceptsInbound: true });

function failedOnce(session: DrivenSession): DrivenSession {
  return session.event({ type: "connect-failed", attempt: session.state.attempts, reason: "connection refused" });
}

test("a failed attempt is said in words, and followed by another", () => {
  const session = failedOnce(new DrivenSession().event({ type: "start" }).pass(0));
  match(session.state.lastError ?? "", /^cannot connect to 10\.0\.0\.2: connection refused$/);
  equal(stateName(session.state), "Idle");
  session.pass(999);
  deepEqual(session.brief(), ["connect"]);
  session.pass(1);
  deepEqual(session.brief(), ["connect"]);
});

test("a router that does not answer is given up after 10 s, and at once tried again with a connect time", () => {
  const session = new DrivenSession().event({ type: "start" }).pass(9999);
  deepEqual(session.brief(), ["connect"]);
  session.pass(1);
  deepEqual(session.brief(), ["cancel-connect"]);
  const timed = new DrivenSession(sessionConfig({ connectTimeMs: 3000 })).event({ type: "start" }).pass(6000);
  deepEqual(timed.brief(), ["connect", "cancel-connect", "connect", "cancel-connect", "connect"]);
});

test("the same failure is logged ever more seldom", () => {
  const session = new DrivenSession(sessionConfig({ connectTimeMs: 1000 })).event({ type: "start" }).pass(0);
  for (let i = 0; i < 9; i += 1) failedOnce(session).pass(1000);
  equal(session.take().filter(({ type }) => type === "log").length, 4);
});

test("a connection that nobody waits for any more is closed", () => {
  const session = new DrivenSession().event({ type: "connected", attempt: 0, connection: 3, ends });
  deepEqual(session.brief(), ["close"]);
});

test("a passive session waits for the peer, and never connects", () => {
  const session = new DrivenSession(sessionConfig({ passive: true, acceptsInbound: true })).event({ type: "start" });
  session.pass(1_000_000);
  equal(stateName(session.state), "Active");
  session.event({ type: "inbound", connection: 4, ends });
  session.receive(openMessage(), 4).receive({ type: "keepalive" }, 4);
  deepEqual(session.brief(), ["open", "keepalive", "session-up"]);
  session.event({ type: "closed", connection: 4, reason: "reset" }).pass(1_000_000);
  equal(stateName(session.state), "Active");
  deepEqual(session.brief(), ["close", "session-down"]);
});

test("the peer's connection is closed where none is expected", () => {
  const session = new DrivenSession().event({ type: "start" }).event({ type: "inbound", connection: 4, ends });
  deepEqual(session.brief(), ["close"]);
  const stopped = new DrivenSession(listening).event({ type: "inbound", connection: 4, ends });
  deepEqual(stopped.brief(), ["close"]);
});

test("a second connection beside a session is refused with 6/7", () => {
  const session = new DrivenSession(listening).established().event({ type: "inbound", connection: 4, ends });
  deepEqual(session.brief(), ["notification 6/7", "close"]);
  equal(stateName(session.state), "Established");
});

test("the newest of the peer's connections counts while there is no session", () => {
  const session = new DrivenSession(listening).event({ type: "start" });
  session.event({ type: "inbound", connection: 4, ends }).event({ type: "inbound", connection: 5, ends });
  deepEqual(session.brief(), ["open", "notification 6/7", "close", "open"]);
  deepEqual(
    session.state.links.map(({ connection }) => connection),
    [5],
  );
});

test("while the peer's connection is about to be a session, none is opened beside it", () => {
  const session = new DrivenSession(listening).event({ type: "start" });
  session.event({ type: "inbound", connection: 4, ends }).receive(openMessage(), 4).pass(20_000);
  deepEqual(session.brief(), ["open", "keepalive"]);
  session.event({ type: "closed", connection: 4, reason: "reset" }).pass(2000);
  deepEqual(session.brief(), ["close", "connect"]);
});

test("a session that only waits, on a speaker that does not listen, says so", () => {
  const session = new DrivenSession(sessionConfig({ passive: true })).event({ type: "start" });
  equal(stateName(session.state), "Active");
  match(session.state.lastError ?? "", /does not listen: set --bgp-listen-port/);
  deepEqual(
    session.take().map(({ type }) => type),
    ["log"],
  );
});
