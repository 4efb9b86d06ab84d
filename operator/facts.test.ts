import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { adopt } from "../crds/config/adopt.ts";
import { emptyResources } from "../crds/config/resources.ts";
import { type Knowledge, stateOf } from "./facts.ts";
import { configurationOf } from "./reconcilers/configuration.ts";

const pool = (name: string, addresses: readonly string[]) => ({ metadata: { name }, spec: { addresses } });
const idle: Knowledge = {
  identity: "one",
  leading: false,
  leader: undefined,
  metallbPods: [],
  configuration: undefined,
  legacy: undefined,
  counters: undefined,
  needs: undefined,
  silent: undefined,
};
/** As a reader of the endpoint gets it. */
const told = (knowledge: Knowledge) => JSON.parse(JSON.stringify(stateOf(knowledge)));

test("a replica that knows nothing yet says so", () => {
  deepEqual(told(idle), {
    identity: "one",
    leading: false,
    leader: null,
    allocating: false,
    metallbPods: [],
    pools: [],
    unreadablePools: [],
    waitingCount: 0,
    waiting: [],
    notAnnouncedCount: 0,
    notAnnounced: [],
    findingsCount: 0,
    findings: [],
  });
});

test("pools come with their counters, objects with what is wrong, Services with what they lack", () => {
  const pools = [pool("p", ["10.0.0.0/30"]), pool("bad", ["nonsense"])];
  const configuration = configurationOf(adopt(undefined, { ...emptyResources, pools }), new Set(["bad"]));
  const counters = () => ({ assignedIPv4: 1n, assignedIPv6: 0n, availableIPv4: 3n, availableIPv6: 2n ** 63n - 1n });
  const needs = new Map([
    ["n/b", "no"],
    ["n/a", "none"],
  ]);
  const silent = new Map([["n/c", "no advertisement"]]);
  const state = told({ ...idle, leading: true, leader: "one", configuration, counters, needs, silent });
  deepEqual(state.pools[0], {
    name: "p",
    addresses: ["10.0.0.0/30"],
    l2Advertisements: [],
    assignedIPv4: 1,
    assignedIPv6: 0,
    availableIPv4: 3,
    availableIPv6: Number(2n ** 63n - 1n),
  });
  deepEqual(state.unreadablePools, ["bad"]);
  deepEqual(state.findings[0].code, "AddressInvalid");
  deepEqual(state.waiting, [
    { service: "n/a", why: "none" },
    { service: "n/b", why: "no" },
  ]);
  deepEqual([state.notAnnouncedCount, state.notAnnounced], [1, [{ service: "n/c", why: "no advertisement" }]]);
  deepEqual([state.allocating, state.leader], [true, "one"]);
});

test("of ten thousand Services that wait, a thousand are listed and all are counted", () => {
  const needs = new Map(Array.from({ length: 10_000 }, (_, index) => [`n/s${index}`, "none"]));
  const state = told({ ...idle, needs });
  equal(state.waiting.length, 1_000);
  equal(state.waitingCount, 10_000);
});

test("MetalLB's old ConfigMap is the first of the findings", () => {
  const object = { kind: "ConfigMap", namespace: "metallb-system", name: "config" };
  const legacy = { code: "LegacyConfiguration", severity: "warning", object, others: [], message: "ignored" } as const;
  const { findings, findingsCount } = told({ ...idle, legacy });
  deepEqual([findings, findingsCount], [[{ code: "LegacyConfiguration", severity: "warning", object, message: "ignored" }], 1]);
});
