import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "../../crds/types/kubernetes.ts";
import { slimPod } from "./slim.ts";
import { isSpeaker, speakersOf } from "./speaker-pods.ts";

const nodes = ["a", "b"].map((name) => ({ name, ready: true }));

function speaker(nodeName: string, changes: { readonly args?: readonly string[]; readonly foreign?: boolean } = {}): Pod {
  const annotations = changes.foreign === true ? {} : { "herald-lb.io/generation": "1" };
  return {
    metadata: { name: `speaker-${nodeName}`, labels: { component: "speaker" }, annotations },
    spec: { nodeName, containers: [{ args: ["--port=9120", ...(changes.args ?? [])] }] },
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
  };
}

const alive = (pods: readonly Pod[]): readonly string[] => [...speakersOf(pods.map(slimPod), nodes).members.alive];
const ignores = (...args: readonly string[]): boolean => speakersOf([slimPod(speaker("a", { args }))], nodes).ignoreExcludeLB;

test("members are the nodes whose speaker is ready", () => {
  deepEqual(alive([speaker("b")]), ["b"]);
});

test("where no speaker's Pod is, no speaker is", () => {
  deepEqual(alive([]), []);
  const controller: Pod = { ...speaker("a"), metadata: { ...speaker("a").metadata, labels: { component: "controller" } } };
  deepEqual(alive([controller]), []);
});

test("the manifests' label makes a speaker, and the chart's", () => {
  equal(isSpeaker({ metadata: { name: "x", labels: { component: "speaker" } } }), true);
  equal(isSpeaker({ metadata: { name: "x", labels: { "app.kubernetes.io/component": "speaker" } } }), true);
  equal(isSpeaker({ metadata: { name: "x", labels: { component: "controller" } } }), false);
});

test("MetalLB's speakers are told apart", () => {
  const { members, foreign } = speakersOf([slimPod(speaker("a")), slimPod(speaker("b", { foreign: true }))], nodes);
  deepEqual([[...members.alive], [...foreign]], [["a"], ["b"]]);
});

test("the speakers' flag that gives the exclude label no effect is read as they read it", () => {
  deepEqual([ignores(), ignores("--ignore-exclude-lb"), ignores("-ignore-exclude-lb=true")], [false, true, true]);
  deepEqual([ignores("--ignore-exclude-lb=false"), ignores("--ignore-exclude-lb", "--ignore-exclude-lb=f")], [false, false]);
  deepEqual([ignores("--ignore-exclude-lb=perhaps"), ignores("--ignore-exclude-lbs")], [false, false]);
});
