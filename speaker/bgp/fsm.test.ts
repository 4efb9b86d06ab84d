import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { DrivenSession } from "./fixture/session.ts";
import { stateName } from "./session-state.ts";

test("a session connects, opens, confirms and is up", () => {
  const session = new DrivenSession();
  const names = [stateName(session.state)];
  session.event({ type: "start" }).pass(0);
  names.push(stateName(session.state));
  deepEqual(session.brief(), ["connect"]);
  const { attempts: attempt } = session.state;
  session.event({
    type: "connected",
    attempt,
    connection: 7,
    ends: { local: { family: "IPv4", bits: 1n }, remote: { family: "IPv4", bits: 2n } },
  });
  names.push(stateName(session.state));
  deepEqual(session.brief(), ["open"]);
  equal(names.join(), "Idle,Connect,OpenSent");
});

test("the peer's OPEN is answered with a KEEPALIVE, and its KEEPALIVE makes the session", () => {
  const session = new DrivenSession().openConfirmed();
  equal(stateName(session.state), "OpenConfirm");
  deepEqual(session.brief(), ["connect", "open", "keepalive"]);
  session.receive({ type: "keepalive" });
  equal(stateName(session.state), "Established");
  deepEqual(session.brief(), ["session-up"]);
});
