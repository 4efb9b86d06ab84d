import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { DrivenSession, openMessage, sessionConfig } from "../fixture/session.ts";
import { dueAt } from "./session-state.ts";

test("KEEPALIVEs come at 75 to 100 percent of their interval", () => {
  const session = new DrivenSession().established();
  session.random = 0;
  session.pass(22_500);
  deepEqual(session.brief(), ["keepalive"]);
  session.random = 1;
  session.pass(22_500);
  deepEqual(session.brief(), ["keepalive"]);
  session.pass(29_999);
  deepEqual(session.brief(), []);
  session.pass(1);
  deepEqual(session.brief(), ["keepalive"]);
});

const heard = [
  { type: "keepalive" },
  { type: "update", withdrawn: [], attributes: {}, nlri: [] },
  { type: "route-refresh", afi: 2, safi: 1, subtype: 0 },
] as const;
for (const message of heard)
  test(`a peer that sends a ${message.type} lives for another hold time`, () => {
    const session = new DrivenSession().established().pass(89_999).receive(message).pass(89_999);
    equal(session.state.links.length, 1);
    session.take();
    session.pass(1);
    deepEqual(session.brief().slice(0, 3), ["notification 4/0", "close", "session-down"]);
    match(session.state.lastError ?? "", /^hold timer expired/);
  });

test("the peer's OPEN is awaited for four minutes", () => {
  const session = new DrivenSession().dialled();
  session.take();
  session.pass(239_999);
  deepEqual(session.brief(), []);
  session.pass(1);
  deepEqual(session.brief(), ["notification 4/0", "close"]);
});

test("the peer's first KEEPALIVE is awaited for the hold time", () => {
  const session = new DrivenSession().openConfirmed().pass(89_999);
  session.take();
  session.pass(1);
  deepEqual(session.brief().slice(0, 2), ["notification 4/0", "close"]);
});

test("with a hold time of 0 neither side need say anything, once the session is up", () => {
  const session = new DrivenSession().established(openMessage({ holdTimeSeconds: 0 })).event({ type: "blocked", connection: 1 });
  equal(dueAt(session.state), undefined);
  const unconfirmed = new DrivenSession().openConfirmed(openMessage({ holdTimeSeconds: 0 })).pass(240_000);
  equal(unconfirmed.state.lastError?.startsWith("hold timer expired"), true);
});

function alive(session: DrivenSession, milliseconds: number): void {
  for (let passed = 0; passed < milliseconds; passed += 60_000) session.pass(60_000).receive({ type: "keepalive" });
}

test("a peer that reads nothing for eight minutes is dead, though it speaks", () => {
  const session = new DrivenSession().established().event({ type: "blocked", connection: 1 });
  alive(session, 420_000);
  session.event({ type: "blocked", connection: 1 }).take();
  session.pass(60_000);
  deepEqual(
    session.brief().filter((effect) => effect !== "keepalive"),
    ["notification 8/0", "close", "session-down", "connect"],
  );
});

test("a peer that reads now and then lives, and a long hold time gives it twice as long", () => {
  const session = new DrivenSession().established().event({ type: "blocked", connection: 1 });
  alive(session, 420_000);
  session.event({ type: "unblocked", connection: 1 }).event({ type: "blocked", connection: 1 });
  alive(session, 420_000);
  equal(session.state.links.length, 1);
  const patient = new DrivenSession(sessionConfig({ holdTimeSeconds: 600 })).established(openMessage({ holdTimeSeconds: 600 }));
  patient.event({ type: "blocked", connection: 1 });
  alive(patient, 1_140_000);
  equal(patient.state.links.length, 1);
});
