import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import type { Capability } from "../../codec/bgp/capability.ts";
import type { BgpMessage } from "../../codec/bgp/message.ts";
import { DrivenSession, ends, ipv4Capability, openMessage, sessionConfig } from "../fixture/session.ts";
import { stateName } from "./session-state.ts";

const update: BgpMessage = { type: "update", withdrawn: [], attributes: {}, nlri: [] };
const keepalive: BgpMessage = { type: "keepalive" };
const refresh = (afi: number, subtype = 0): BgpMessage => ({ type: "route-refresh", afi, safi: 1, subtype });
const notification = (code: number, subcode: number, data: readonly number[] = []): BgpMessage => {
  return { type: "notification", code, subcode, data: Uint8Array.from(data) };
};

const phases = {
  OpenSent: () => new DrivenSession().dialled(),
  OpenConfirm: () => new DrivenSession().openConfirmed(),
  Established: () => new DrivenSession().established(),
} as const;

const unexpected = [
  { phase: "OpenSent", messages: [keepalive, update, refresh(1)], subcode: 1, octets: [4, 2, 5] },
  { phase: "OpenConfirm", messages: [openMessage(), update, refresh(1)], subcode: 2, octets: [1, 2, 5] },
  { phase: "Established", messages: [openMessage()], subcode: 3, octets: [1] },
] as const;
for (const { phase, messages, subcode, octets } of unexpected)
  for (const [index, message] of messages.entries())
    test(`in ${phase} an unexpected ${message.type} ends it with 5/${subcode} and the message's type`, () => {
      const session = phases[phase]();
      session.take();
      session.receive(message);
      const [sent] = session.take();
      deepEqual(sent?.type === "send" && sent.message, notification(5, subcode, [octets[index] ?? 0]));
      equal(session.state.links.length, 0);
    });

test("a bad OPEN is refused with its code, in words, and tried again later", () => {
  const session = phases.OpenSent();
  session.take();
  session.receive(openMessage({ autonomousSystem: 1, capabilities: [] }));
  deepEqual(session.brief(), ["notification 2/2", "close"]);
  equal(session.state.lastError, "refused 10.0.0.2: bad peer AS, expected 64513, but it is 1");
  session.pass(5000);
  deepEqual(session.brief(), ["connect"]);
});

test("a NOTIFICATION is not answered with one", () => {
  for (const phase of Object.values(phases)) {
    const session = phase();
    session.take();
    session.receive(notification(2, 2, [1, 2, 3]));
    deepEqual(
      session.brief().filter((effect) => effect !== "session-down"),
      ["close"],
    );
    match(session.state.lastError ?? "", /^10\.0\.0\.2 (refused|ended the session): bad peer AS \(code 2\/2, data 010203\)$/);
  }
});

test("octets that are no message are answered with the code that the codec gave", () => {
  const session = phases.Established();
  session.event({ type: "malformed", connection: 1, code: 1, subcode: 3, data: Uint8Array.of(9), reason: "bad message type 9" });
  deepEqual(session.brief(), ["notification 1/3", "close", "session-down"]);
  equal(session.state.lastError, "refused 10.0.0.2: bad message type 9");
});

test("a peer that shuts down is left alone for the connect time, and one that collided for about a second", () => {
  const again = (subcode: number) => {
    const session = new DrivenSession(sessionConfig({ connectTimeMs: 60_000 })).established().pass(20_000);
    session.receive(notification(6, subcode));
    return (session.state.dialAt ?? 0) - session.now;
  };
  deepEqual([2, 3, 5, 1].map(again), [60_000, 60_000, 60_000, 60_000]);
  deepEqual([4, 6, 7, 8].map(again), [0, 0, 0, 0]);
});

test("a peer that does not know capabilities is tried once more without them", () => {
  const session = phases.OpenSent();
  const sizes = (): readonly number[] =>
    session
      .take()
      .flatMap((each) => (each.type === "send" && each.message.type === "open" ? [each.message.capabilities.length] : []));
  equal(sizes()[0], 4);
  for (const expected of [0, 4]) {
    session.receive(notification(2, 4), session.state.attempts).pass(3000);
    session.event({ type: "connected", attempt: session.state.attempts, connection: session.state.attempts, ends });
    deepEqual(sizes(), [expected]);
  }
});

test("a session without IPv4 has no way without capabilities", () => {
  const session = new DrivenSession(sessionConfig({ families: ["IPv6"] })).dialled();
  session.receive(notification(2, 4));
  equal(session.state.capabilities, "all");
});

test("a route refresh asks for the family's routes, where the family was agreed on and the subtype is the plain one", () => {
  const session = phases.Established();
  session.receive(refresh(1));
  deepEqual(session.take(), [{ type: "resend", family: "IPv4" }]);
  session.receive(refresh(2)).receive(refresh(1, 1)).receive(refresh(99));
  deepEqual(session.brief(), []);
});

test("the connection of the side with the higher identifier survives a collision", () => {
  const both = (identifier: number) => {
    const session = new DrivenSession(sessionConfig({ acceptsInbound: true })).dialled();
    session.event({ type: "inbound", connection: 2, ends });
    session.take();
    session.receive(openMessage({ identifier }), 1).receive(openMessage({ identifier }), 2);
    return { kept: session.state.links.map(({ connection }) => connection), effects: session.brief() };
  };
  deepEqual(both(0x0a000002), { kept: [2], effects: ["keepalive", "notification 6/7", "close", "keepalive"] });
  deepEqual(both(0x09000000), { kept: [1], effects: ["keepalive", "notification 6/7", "close"] });
});

test("with equal identifiers the higher AS number decides", () => {
  const session = new DrivenSession(sessionConfig({ acceptsInbound: true, routerID: 0x0a000002 })).dialled();
  session.event({ type: "inbound", connection: 2, ends }).receive(openMessage(), 1).receive(openMessage(), 2);
  deepEqual(
    session.state.links.map(({ connection }) => connection),
    [2],
  );
});

test("a session that comes up closes the other connection and gives up the attempt", () => {
  const session = new DrivenSession(sessionConfig({ acceptsInbound: true })).dialled();
  session.event({ type: "inbound", connection: 2, ends });
  session.receive(openMessage(), 1);
  session.take();
  session.receive(keepalive, 1);
  deepEqual(session.brief(), ["notification 6/7", "close", "session-up"]);
  equal(session.state.links.length, 1);
});

const restart: Capability = {
  type: "graceful-restart",
  restarting: false,
  notification: false,
  restartTimeSeconds: 120,
  families: [],
};

test("a peer with graceful restart that opens anew has restarted: its old session ends without a word", () => {
  const again = openMessage({ capabilities: [ipv4Capability, restart] });
  const session = new DrivenSession(sessionConfig({ acceptsInbound: true })).established(again);
  session.event({ type: "inbound", connection: 2, ends });
  equal(stateName(session.state), "Established");
  deepEqual(session.brief(), ["open"]);
  session.receive(again, 2);
  deepEqual(session.brief(), ["close", "session-down", "keepalive"]);
  session.receive(keepalive, 2);
  deepEqual(session.brief(), ["session-up"]);
});

test("a bad OPEN beside a session costs the session nothing", () => {
  const session = new DrivenSession(sessionConfig({ acceptsInbound: true })).established(
    openMessage({ capabilities: [ipv4Capability, restart] }),
  );
  session.event({ type: "inbound", connection: 2, ends }).receive(openMessage({ version: 3 }), 2);
  deepEqual(session.brief(), ["open", "notification 2/1", "close"]);
  equal(stateName(session.state), "Established");
});

test("a connection that closes before the session is up is a failure, and one that closes after is a loss", () => {
  const closed = (session: DrivenSession) => {
    session.event({ type: "closed", connection: 1, reason: "connection reset" });
    return [session.state.lastError, session.state.failures];
  };
  deepEqual(closed(phases.OpenSent()), ["10.0.0.2 closed the connection before the session was up: connection reset", 1]);
  deepEqual(closed(phases.Established()), ["connection with 10.0.0.2 lost: connection reset", 0]);
});
