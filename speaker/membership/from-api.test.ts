import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { foreignSpeakerNodes, membersFromApi } from "./from-api.ts";
import { unknownMembers } from "./members.ts";
import { type SpeakerPodView, speakerPodView } from "./speaker-pod.ts";

function pod(nodeName: string, changes: Partial<SpeakerPodView> = {}): SpeakerPodView {
  return { nodeName, address: "", ready: true, running: true, leaving: false, herald: true, ...changes };
}

const nodes = ["a", "b", "c"].map((name) => ({ name, ready: name !== "c" }));
const alive = (pods: readonly SpeakerPodView[] | undefined): readonly string[] => [
  ...membersFromApi({ synced: true, nodes, pods }).alive,
];

test("nothing is known before the first answer", () => {
  deepEqual(membersFromApi({ synced: false, nodes, pods: [pod("a")] }), unknownMembers);
});

test("members are Ready Nodes with a Ready speaker of ours", () => {
  deepEqual(alive([pod("a"), pod("b", { ready: false }), pod("c")]), ["a"]);
});

test("a speaker that is being deleted is no member", () => {
  deepEqual(alive([pod("a", { leaving: true }), pod("b")]), ["b"]);
});

test("the successor on the same node makes up for the one that leaves", () => {
  deepEqual(alive([pod("a", { leaving: true }), pod("a")]), ["a"]);
});

test("where no speaker is Ready, those that run are members", () => {
  deepEqual(alive([pod("a", { ready: false }), pod("b", { ready: false, running: false })]), ["a"]);
});

test("where no Pod of ours is known, every Ready Node is a member", () => {
  deepEqual(alive(undefined), ["a", "b"]);
  deepEqual(alive([]), ["a", "b"]);
  deepEqual(alive([pod("a", { herald: false })]), ["a", "b"]);
});

test("a speaker of MetalLB's counts while it runs, also when it is not Ready or is being deleted", () => {
  const pods = [pod("a", { herald: false, ready: false }), pod("b", { herald: false, leaving: true })];
  deepEqual([...foreignSpeakerNodes({ nodes, pods })], ["a", "b"]);
});

test("ours, stopped ones and those on a Node that is not Ready are no speakers of MetalLB's", () => {
  const pods = [pod("a"), pod("b", { herald: false, running: false }), pod("c", { herald: false })];
  deepEqual([...foreignSpeakerNodes({ nodes, pods })], []);
});

const metadata = { name: "speaker-x", annotations: { "herald-lb.io/generation": "1" } };

test("a Pod without a node is not there yet", () => {
  equal(speakerPodView({ metadata }), undefined);
});

test("the annotation tells ours from MetalLB's, whatever its value", () => {
  const spec = { nodeName: "a" };
  equal(speakerPodView({ metadata: { ...metadata, annotations: { "herald-lb.io/generation": "" } }, spec })?.herald, true);
  equal(speakerPodView({ metadata: { name: "speaker-x" }, spec })?.herald, false);
});

test("a Pod whose containers crash again and again does not run, though its phase says so", () => {
  const spec = { nodeName: "a" };
  const conditions = [{ type: "Ready", status: "False" }];
  const crashing = { phase: "Running", conditions, containerStatuses: [{ state: {} }] };
  deepEqual(speakerPodView({ metadata, spec, status: crashing })?.running, false);
  deepEqual(
    speakerPodView({ metadata, spec, status: { ...crashing, containerStatuses: [{ state: { running: {} } }] } })?.running,
    true,
  );
  deepEqual(speakerPodView({ metadata, spec, status: { phase: "Running" } }), {
    nodeName: "a",
    address: "",
    ready: false,
    running: true,
    leaving: false,
    herald: true,
  });
});

test("a deletionTimestamp means leaving", () => {
  const leaving = speakerPodView({
    metadata: { ...metadata, deletionTimestamp: "2026-11-21T00:00:00Z" },
    spec: { nodeName: "a" },
  });
  equal(leaving?.leaving, true);
});
