import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import type { BgpMessage } from "../../codec/bgp/message.ts";
import { DrivenSession, ends, ipv4Capability, ipv6Capability, openMessage, sessionConfig } from "../fixture/session.ts";
import type { StopReason } from "./session-event.ts";
import { dueAt, stateName } from "./session-state.ts";

const restartCapability = {
  type: "graceful-restart",
  restarting: false,
  notification: false,
  restartTimeSeconds: 120,
  families: [],
} as const;

test("a session goes from Idle by Connect, OpenSent and OpenConfirm to Established", () => {
  const session = new DrivenSession();
  const steps: string[] = [];
  const note = () => steps.push(`${stateName(session.state)}: ${session.brief().join(", ")}`);
  note();
  session.event({ type: "start" }).pass(0);
  note();
  session.event({ type: "connected", attempt: session.state.attempts, connection: 1, ends });
  note();
  session.receive(openMessage());
  note();
  session.receive({ type: "keepalive" });
  note();
  deepEqual(steps, ["Idle: ", "Connect: connect", "OpenSent: open", "OpenConfirm: keepalive", "Established: session-up"]);
});

test("what was agreed on is told when the session is up, and its last error is forgotten", () => {
  const session = new DrivenSession().openConfirmed();
  session.take();
  session.receive({ type: "keepalive" });
  const up = session.take().find(({ type }) => type === "session-up");
  equal(up?.type === "session-up" && up.negotiated.peerAS, 64513);
  equal(session.state.lastError, undefined);
});

test("starting twice is starting once, and stopping what does not run is nothing", () => {
  const session = new DrivenSession().event({ type: "stop", reason: { type: "peer-removed" } });
  session.event({ type: "start" }).event({ type: "start" }).pass(200);
  deepEqual(session.brief(), ["connect"]);
});

const stops: readonly { readonly reason: StopReason; readonly gracefulRestart: boolean; readonly told: readonly string[] }[] = [
  { reason: { type: "peer-removed" }, gracefulRestart: true, told: ["notification 6/3"] },
  { reason: { type: "configuration-changed" }, gracefulRestart: true, told: ["notification 6/6"] },
  { reason: { type: "administrative-shutdown" }, gracefulRestart: true, told: ["notification 6/2"] },
  { reason: { type: "graceful-restart" }, gracefulRestart: true, told: [] },
  { reason: { type: "graceful-restart" }, gracefulRestart: false, told: ["notification 6/2"] },
];
for (const { reason, gracefulRestart, told } of stops)
  test(`stopped for ${reason.type} ${gracefulRestart ? "with" : "without"} graceful restart, the peer is told ${told.join() || "nothing"}`, () => {
    const session = new DrivenSession(sessionConfig({ gracefulRestart })).established();
    session.event({ type: "stop", reason });
    deepEqual(session.brief(), [...told, "close", "session-down"]);
    equal(stateName(session.state), "Idle");
    equal(dueAt(session.state), undefined);
  });

test("a shutdown carries its text", () => {
  const session = new DrivenSession().established();
  session.event({ type: "stop", reason: { type: "administrative-shutdown", text: "ü" } });
  const [sent] = session.take();
  deepEqual(sent?.type === "send" && sent.message.type === "notification" && Array.from(sent.message.data), [2, 0xc3, 0xbc]);
});

test("stopping while connecting gives the attempt up", () => {
  const session = new DrivenSession().event({ type: "start" }).pass(0);
  session.event({ type: "stop", reason: { type: "peer-removed" } });
  deepEqual(session.brief(), ["connect", "cancel-connect"]);
});

test("a reset ends the session with 6/4 and begins anew", () => {
  const session = new DrivenSession().established().pass(5000);
  session.event({ type: "reset" }).pass(0);
  deepEqual(session.brief(), ["notification 6/4", "close", "session-down", "connect"]);
});

test("a path that BFD saw fail ends the session with 6/10; while there is none, BFD means nothing", () => {
  const session = new DrivenSession().event({ type: "start" }).event({ type: "bfd-down" });
  deepEqual(session.brief(), []);
  const up = new DrivenSession().established().pass(5000);
  up.event({ type: "bfd-down" }).pass(0);
  deepEqual(up.brief(), ["notification 6/10", "close", "session-down", "connect"]);
  match(up.state.lastError ?? "", /BFD/);
});

test("End-of-RIB is sent once for each family, when the peer has the capability", () => {
  const config = sessionConfig({ families: ["IPv4", "IPv6"] });
  const session = new DrivenSession(config).established(
    openMessage({ capabilities: [ipv4Capability, ipv6Capability, restartCapability] }),
  );
  session.event({ type: "rib-complete" }).event({ type: "rib-complete" });
  const empty = { type: "update", withdrawn: [], nlri: [] };
  const messages = session.take().map((effect) => effect.type === "send" && effect.message);
  deepEqual(messages, [
    { ...empty, attributes: {} },
    { ...empty, attributes: { mpUnreach: { afi: 2, safi: 1, withdrawn: [] } } },
  ]);
});

test("End-of-RIB is not sent to a peer without the capability", () => {
  const session = new DrivenSession().established().event({ type: "rib-complete" });
  deepEqual(session.brief(), []);
});

test("flag R is in the OPEN until the first full pass, and never after", () => {
  const restarting = (session: DrivenSession) =>
    session.take().flatMap((effect) => {
      if (effect.type !== "send" || effect.message.type !== "open") return [];
      return effect.message.capabilities.flatMap((each) => (each.type === "graceful-restart" ? [each.restarting] : []));
    });
  const session = new DrivenSession(sessionConfig({ gracefulRestart: true }), false);
  deepEqual(restarting(session.dialled()), [true]);
  session.event({ type: "rib-complete" }).event({ type: "reset" }).pass(2000);
  session.event({ type: "connected", attempt: session.state.attempts, connection: 2, ends });
  deepEqual(restarting(session), [false]);
});

test("what is heard of a connection that is gone means nothing", () => {
  const session = new DrivenSession().established();
  const { state } = session;
  const open: BgpMessage = openMessage();
  session.receive(open, 9).event({ type: "closed", connection: 9, reason: "reset" }).event({ type: "blocked", connection: 9 });
  session.event({ type: "malformed", connection: 9, code: 1, subcode: 1, data: new Uint8Array(), reason: "x" });
  deepEqual([session.state, session.brief()], [state, []]);
});
