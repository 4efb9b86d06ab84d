import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { peer } from "../../crds/config/fixture/peers.ts";
import type { ConfigurationState } from "../../crds/types/configuration-state.ts";
import { configurationState, labels } from "../../crds/types/well-known.ts";
import { changedPeers, peerSessions, sessionsUpCondition } from "./sessions-up-condition.ts";

const router = peer("router", { generation: 2, nodes: new Set(["n2", "n1"]) });
const up = { up: true, message: "" };
const refused = { up: false, message: "172.30.0.1 refused: bad peer AS, expected 64513" };
const brief = (...args: Parameters<typeof sessionsUpCondition>): readonly string[] => {
  const { status, reason, message } = sessionsUpCondition(...args);
  return [status, reason, message];
};

function stateOf(node: string, sessions: Readonly<Record<string, string>>): ConfigurationState {
  const conditions = Object.entries(sessions).map(([peer, message]) => ({
    type: configurationState.sessionConditionPrefix + peer,
    status: message === "" ? ("True" as const) : ("False" as const),
    reason: "Any",
    message,
    lastTransitionTime: "2026-01-01T00:00:00Z",
  }));
  return { metadata: { name: `speaker-${node}`, labels: { [labels.nodeName]: node } }, status: { conditions } };
}

test("a peer whose sessions are all up says how many there are", () => {
  deepEqual(
    brief(
      router,
      new Map([
        ["n1", up],
        ["n2", up],
      ]),
      2,
    ),
    ["True", "AllUp", "2 of 2 sessions are up."],
  );
  equal(sessionsUpCondition(router, new Map(), 2).observedGeneration, 2);
});

test("a session that is down is named by its node, with the speaker's words", () => {
  deepEqual(
    brief(
      router,
      new Map([
        ["n1", up],
        ["n2", refused],
      ]),
      2,
    ),
    ["False", "SomeDown", "1 of 2 sessions are up.\nn2: 172.30.0.1 refused: bad peer AS, expected 64513"],
  );
});

test("a node whose speaker is silent has no session", () => {
  deepEqual(brief({ ...router, nodes: new Set(["n1"]) }, new Map(), 2), [
    "False",
    "NoneUp",
    "0 of 1 session is up.\nn1: its speaker has not said anything yet",
  ]);
});

test("a node that is not selected does not count", () => {
  equal(
    brief(
      router,
      new Map([
        ["n1", up],
        ["n2", up],
        ["n3", refused],
      ]),
      2,
    )[1],
    "AllUp",
  );
});

test("a peer that selects no node says what to do", () => {
  const [status, reason, message] = brief({ ...router, nodes: new Set() }, new Map(), 2);
  deepEqual([status, reason], ["False", "NoNodeSelected"]);
  match(message ?? "", /label a node/);
});

test("a peer that is not in force has no word about its sessions", () => {
  deepEqual(brief(undefined, new Map(), 2).slice(0, 2), ["Unknown", "NotInForce"]);
});

test("ten nodes are named, the others counted", () => {
  const nodes = Array.from({ length: 40 }, (_, i) => `n${String(i).padStart(2, "0")}`);
  const [, , message = ""] = brief({ ...router, nodes: new Set(nodes) }, new Map(), 2);
  const lines = message.split("\n");
  deepEqual([lines.length, lines.at(1)?.slice(0, 4), lines.at(-1)], [12, "n00:", "and 30 more"]);
});

test("each speaker's object says of each peer whether its session is up", () => {
  const states = [stateOf("n1", { router: "", other: "x" }), stateOf("n2", { router: "refused" }), stateOf("n3", {})];
  deepEqual(
    [...peerSessions(states, "router")],
    [
      ["n1", { up: true, message: "" }],
      ["n2", { up: false, message: "refused" }],
    ],
  );
});

test("a change of an object concerns the peers of which it says something else", () => {
  const before = stateOf("n1", { a: "", b: "x", c: "" });
  const after = stateOf("n1", { a: "", b: "y", d: "" });
  deepEqual(changedPeers(before, after), ["b", "c", "d"]);
  deepEqual(changedPeers(undefined, after), ["a", "b", "d"]);
  deepEqual(changedPeers(after, undefined), ["a", "b", "d"]);
});
