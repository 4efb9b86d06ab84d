import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { peer } from "../../../crds/config/fixture/peers.ts";
import { createMetrics } from "../../../operator/framework/metrics.ts";
import type { ToBeat } from "../threads/messages.ts";
import { BfdDesk } from "./bfd-desk.ts";
import { createBfdMetrics } from "./bfd-metrics.ts";
import type { BfdStatus } from "./bfd-report.ts";

const router = peer("router", { bfdProfile: "fast" });
const profile = { name: "fast", echoMode: false, passiveMode: false };
const none = { controlIn: 0, controlOut: 0, echoIn: 0, echoOut: 0, ups: 0, downs: 0, notices: 0 };
const session: BfdStatus = {
  id: "192.0.2.1 > 192.0.2.2 single-hop",
  peers: ["router"],
  remote: "192.0.2.2",
  local: "192.0.2.1",
  multihop: false,
  passive: false,
  state: "Up",
  diagnostic: "no diagnostic",
  transmitIntervalMs: 300,
  receiveIntervalMs: 300,
  counts: { ...none, controlIn: 10, controlOut: 11, ups: 1, notices: 1 },
};

function setUp() {
  const metrics = createMetrics();
  const posted: ToBeat[] = [];
  const desk = new BfdDesk({ node: "n1", metrics: createBfdMetrics(metrics), postToBeat: (message) => posted.push(message) });
  return { desk, posted, metrics };
}

test("the beat is told which sessions are wanted, once for each change", () => {
  const { desk, posted } = setUp();
  const snapshot = {
    peers: [router, { ...router, name: "elsewhere", nodes: new Set(["n2"]) }],
    bfdProfiles: new Map([["fast", profile]]),
  };
  desk.follow(snapshot);
  desk.follow({ ...snapshot });
  deepEqual(
    posted.map((message) => message.type === "bfd" && message.requests.map(({ peer: name }) => name)),
    [["router"]],
  );
  desk.follow({ ...snapshot, bfdProfiles: new Map([["fast", { ...profile, transmitIntervalMs: 50 }]]) });
  desk.follow({ ...snapshot, peers: [] });
  deepEqual(
    posted.map((message) => message.type === "bfd" && message.requests.length),
    [1, 1, 0],
  );
});

test("a node without BFD tells the beat nothing", () => {
  const { desk, posted } = setUp();
  const { bfdProfile: _, ...without } = router;
  desk.follow({ peers: [without], bfdProfiles: new Map([["fast", profile]]) });
  deepEqual(posted, []);
});

test("what was counted is in the metrics by the names of MetalLB's FRR mode", async () => {
  const { desk, metrics } = setUp();
  desk.receive({ type: "bfd", sessions: [session], waiting: [] });
  const later = { ...session, state: "Down" as const, counts: { ...session.counts, controlIn: 25, downs: 1, notices: 2 } };
  desk.receive({ type: "bfd", sessions: [later], waiting: [] });
  const text = await metrics.text();
  for (const line of [
    'metallb_bfd_session_up{peer="192.0.2.2",vrf="default"} 0',
    'metallb_bfd_control_packet_input{peer="192.0.2.2",vrf="default"} 25',
    'metallb_bfd_control_packet_output{peer="192.0.2.2",vrf="default"} 11',
    'metallb_bfd_echo_packet_input{peer="192.0.2.2",vrf="default"} 0',
    'metallb_bfd_echo_packet_output{peer="192.0.2.2",vrf="default"} 0',
    'metallb_bfd_session_up_events{peer="192.0.2.2",vrf="default"} 1',
    'metallb_bfd_session_down_events{peer="192.0.2.2",vrf="default"} 1',
    'metallb_bfd_zebra_notifications{peer="192.0.2.2",vrf="default"} 2',
  ])
    ok(text.split("\n").includes(line), line);
});

test("counts of a session that was made anew are added to those of the former one", async () => {
  const { desk, metrics } = setUp();
  desk.receive({ type: "bfd", sessions: [session], waiting: [] });
  desk.receive({ type: "bfd", sessions: [{ ...session, counts: { ...none, controlIn: 3 } }], waiting: [] });
  match(await metrics.text(), /control_packet_input\{[^}]*\} 13\n/);
});

test("a session that ended leaves no series, unless another one has the same peer", async () => {
  const { desk, metrics } = setUp();
  const moved = { ...session, id: "192.0.2.9 > 192.0.2.2 single-hop", local: "192.0.2.9" };
  desk.receive({ type: "bfd", sessions: [session], waiting: [] });
  desk.receive({ type: "bfd", sessions: [moved], waiting: [] });
  match(await metrics.text(), /session_up\{peer="192.0.2.2",vrf="default"\} 1/);
  desk.receive({ type: "bfd", sessions: [], waiting: [] });
  equal((await metrics.text()).includes("192.0.2.2"), false);
});

test("what the beat says of the sessions, and of peers without one, can be read", () => {
  const { desk } = setUp();
  const waiting = [{ peer: "far", reason: "there is no route to the peer" }];
  desk.receive({ type: "bfd", sessions: [session], waiting });
  deepEqual(desk.state(), { sessions: [session], waiting });
});
