import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { ContainerReport } from "./container-loop.ts";
import { type PodStatusInput, podStatus } from "./pod-status.ts";

type Status = { phase: string; podIP: string | null; conditions: { type: string; status: string; lastTransitionTime: string }[] };

const running: ContainerReport = {
  name: "c",
  image: "i",
  state: { running: { startedAt: "2026-01-01T00:00:00Z" } },
  ready: true,
  started: true,
  restartCount: 0,
};
const waiting: ContainerReport = {
  ...running,
  state: { waiting: { reason: "ContainerCreating" } },
  ready: false,
  started: false,
};

function statusOf(more: Partial<PodStatusInput>): Status {
  const base = { containers: [running], initContainers: [], podIPs: ["10.0.0.1"], hostIPs: ["172.30.0.11"], previous: [] };
  return podStatus({ ...base, startedAt: "2026-01-01T00:00:00Z", now: "2026-01-02T00:00:00Z", ...more }) as Status;
}

function condition(status: Status, type: string): string | undefined {
  return status.conditions.find((one) => one.type === type)?.status;
}

test("a pod is Ready when all its containers are", () => {
  equal(condition(statusOf({}), "Ready"), "True");
  equal(condition(statusOf({ containers: [running, { ...running, ready: false }] }), "Ready"), "False");
  equal(condition(statusOf({ containers: [] }), "Ready"), "False");
});

test("a pod is Pending until a container has started, and Running between restarts", () => {
  equal(statusOf({ containers: [waiting] }).phase, "Pending");
  equal(statusOf({ containers: [{ ...waiting, restartCount: 1 }] }).phase, "Running");
});

test("a condition keeps its time while its status stays", () => {
  const previous = [{ type: "Ready", status: "True", lastTransitionTime: "2025-01-01T00:00:00Z" }];
  const times = (input: Partial<PodStatusInput>): readonly string[] =>
    statusOf(input)
      .conditions.filter(({ type }) => type === "Ready")
      .map(({ lastTransitionTime }) => lastTransitionTime);
  deepEqual(times({ previous }), ["2025-01-01T00:00:00Z"]);
  deepEqual(times({ previous, containers: [waiting] }), ["2026-01-02T00:00:00Z"]);
});

test("a pod without a network has no address", () => {
  equal(statusOf({ podIPs: [] }).podIP, null);
});
