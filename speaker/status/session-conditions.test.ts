import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { type SessionStanding, sessionConditions } from "./session-conditions.ts";

const up: SessionStanding = { peers: ["r1"], neighbour: "172.30.0.1:179", state: "Established", peerAS: 64_512 };
const type = "bgp-session.herald-lb.io/r1";

test("an established session names its neighbour and the AS", () => {
  deepEqual(sessionConditions([up]), [{ type, status: "True", reason: "Established", message: "172.30.0.1:179 of AS 64512" }]);
});

test("a session that is not up says why, whatever it is about to try", () => {
  const lastError = "172.30.0.1 refused: bad peer AS, expected 64513";
  for (const state of ["Idle", "Connect", "Active", "OpenSent", "OpenConfirm"]) {
    deepEqual(sessionConditions([{ ...up, state, lastError }]), [{ type, status: "False", reason: "Down", message: lastError }]);
  }
});

test("a session that was never up and never failed is yet to come", () => {
  deepEqual(
    sessionConditions([{ ...up, state: "Connect" }]).map(({ status, message }) => [status, message]),
    [["False", "no session with 172.30.0.1:179 yet"]],
  );
});

test("peers that share a session have a condition each, sorted", () => {
  deepEqual(
    sessionConditions([
      { ...up, peers: ["r2", "r1"] },
      { ...up, peers: ["r0"] },
    ]).map((condition) => condition.type.slice(-2)),
    ["r0", "r1", "r2"],
  );
});
