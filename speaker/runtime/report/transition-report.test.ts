import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import { FakeClock } from "../../../operator/framework/fake/fake-clock.ts";
import { FakeLog } from "../../../operator/framework/fake/fake-log.ts";
import { createMetrics } from "../../../operator/framework/metrics.ts";
import { context } from "../../intent/fixture/world.ts";
import { shortcomingText } from "../../intent/reason.ts";
import { MindWorld } from "../fake/mind-world.ts";
import type { Transition } from "../layer2/announcements.ts";
import { createSpeakerMetrics } from "./speaker-metrics.ts";
import { TransitionReport } from "./transition-report.ts";

/** Of n1 and n2, n2 is elected for this address, and n1 for that one. */
const ofN2 = "192.0.2.10";

/** n1's mind, beside n2 if asked for. */
async function worldWith(
  others: readonly string[],
  services: Readonly<Record<string, string>> = { web: ofN2 },
): Promise<MindWorld> {
  const world = new MindWorld();
  for (const name of ["n1", ...others]) {
    world.node(name);
    world.speaker(name);
  }
  world.pool();
  for (const [name, ip] of Object.entries(services)) world.service(name, ip);
  await world.start();
  return world;
}

const causesOf = ({ mind }: MindWorld): readonly (readonly [string, string])[] =>
  mind.report.history.entries().map(({ event }) => [event.after.length > 0 ? "announced" : "withdrawn", event.cause]);

test("a transition is told with its cause: the start, a Service that goes, one that comes", async () => {
  const world = await worldWith([]);
  world.api.remove(resourceTypes.services, { namespace: "default", name: "web" });
  await world.pass(100);
  world.service("web", ofN2);
  await world.pass(100);
  deepEqual(causesOf(world), [
    ["announced", "start"],
    ["withdrawn", "service"],
    ["announced", "service"],
  ]);
  world.stop();
});

test("endpoints that fail, and come back, are the cause", async () => {
  const world = await worldWith([]);
  for (const serves of [false, true]) {
    world.endpoint("web", serves);
    await world.pass(100);
  }
  deepEqual(causesOf(world).slice(1), [
    ["withdrawn", "endpoints"],
    ["announced", "endpoints"],
  ]);
  world.stop();
});

test("a member that leaves, and comes back, is the cause, and who announces instead is named", async () => {
  const ip = await addressOfN2();
  const world = await worldWith(["n2"], { web: ip });
  deepEqual(causesOf(world), []);
  world.speaker("n2", false);
  await world.pass(200);
  world.speaker("n2", true);
  await world.pass(200);
  deepEqual(causesOf(world), [
    ["announced", "member-left"],
    ["withdrawn", "member-came"],
  ]);
  equal(world.mind.report.history.entries().at(-1)?.event.owner, "n2");
  world.stop();
});

/** Some address for which n2 is elected. */
async function addressOfN2(): Promise<string> {
  const candidates = Array.from({ length: 20 }, (_, i) => `192.0.2.${i + 1}`);
  const world = await worldWith(["n2"], Object.fromEntries(candidates.map((ip, i) => [`s${i}`, ip])));
  const found = candidates.find((_, i) => world.mind.announced(`default/s${i}`).length === 0);
  world.stop();
  if (found === undefined) throw new RangeError("n1 is elected for all");
  return found;
}

test("another configuration is the cause", async () => {
  const world = await worldWith([]);
  world.api.remove(resourceTypes.l2advertisements, { namespace: "metallb-system", name: "all" });
  await world.pass(200);
  deepEqual(causesOf(world).at(-1), ["withdrawn", "configuration"]);
  world.stop();
});

test("the node's own wire, lost and found, is its own state", async () => {
  const world = await worldWith([]);
  world.holdWire(true);
  await world.pass(3_000);
  world.holdWire(false);
  await world.pass(1_000);
  deepEqual(causesOf(world).slice(1), [
    ["withdrawn", "own-state"],
    ["announced", "own-state"],
  ]);
  world.stop();
});

test("an interface that goes is the node's own state", async () => {
  const world = new MindWorld();
  world.node("n1");
  world.speaker("n1");
  world.pool(["eth0"]);
  world.service("web", ofN2);
  await world.start();
  world.mind.receive({ type: "interfaces", names: ["eth1"], usable: [] });
  await world.pass(100);
  deepEqual(causesOf(world).at(-1), ["withdrawn", "own-state"]);
  equal(world.mind.report.history.entries().at(-1)?.event.reason, "noInterface");
  world.stop();
});

test("transitions are counted by cause; an address that changes is none", async () => {
  const world = await worldWith([]);
  world.service("web", "192.0.2.20");
  await world.pass(100);
  world.api.remove(resourceTypes.services, { namespace: "default", name: "web" });
  await world.pass(100);
  const counted = (await world.metrics.text()).split("\n").filter((line) => line.startsWith("herald_layer2_transitions_total{"));
  deepEqual(counted.sort(), [
    'herald_layer2_transitions_total{to="announced",cause="start"} 1',
    'herald_layer2_transitions_total{to="withdrawn",cause="service"} 1',
  ]);
  world.stop();
});

/** A report whose turns the test gives. */
function reportAlone() {
  const turns: (() => void)[] = [];
  const told: string[] = [];
  const recorded: string[] = [];
  const state = { deciding: false };
  const report = new TransitionReport({
    cluster: { service: () => undefined, endpoints: () => [], object: () => ({ metadata: { name: "web" } }) },
    clock: new FakeClock(),
    log: new FakeLog(),
    metrics: createSpeakerMetrics(createMetrics()),
    events: { record: (_, type, reason, message) => recorded.push(`${type} ${reason} ${message}`) },
    node: "n1",
    yieldThen: (run) => turns.push(run),
    deciding: () => state.deciding,
    onTransition: (key) => told.push(key),
  });
  return { report, turns, told, recorded, state };
}

const circumstances = { before: undefined, after: context(["n1"], () => new Uint8Array()), starting: true };
const quiet = { changes: [], transitions: [], failures: [], unreachable: [] };

function began(key: string): Transition {
  const after = [{ address: { family: "IPv4", bits: 1n }, interfaces: [] }] as const;
  return { key, before: [], after, reason: undefined, owner: undefined, touched: undefined };
}

test("nothing is told before everything is announced that is to be, and then a few at a time", () => {
  const { report, turns, told } = reportAlone();
  report.add({ ...quiet, transitions: Array.from({ length: 40 }, (_, i) => began(`s${i}`)) }, circumstances);
  equal(turns.length, 0);
  report.settled();
  report.settled();
  const perTurn: number[] = [];
  for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) {
    turn();
    perTurn.push(told.splice(0).length);
  }
  deepEqual(perTurn, [16, 16, 8]);
});

test("words wait while something else is decided, until that is settled", () => {
  const { report, turns, told, state } = reportAlone();
  report.add({ ...quiet, transitions: Array.from({ length: 20 }, (_, i) => began(`s${i}`)) }, circumstances);
  report.settled();
  turns.shift()?.();
  equal(told.length, 16);
  state.deciding = true;
  turns.shift()?.();
  deepEqual([told.length, turns.length], [16, 0]);
  state.deciding = false;
  report.settled();
  turns.shift()?.();
  equal(told.length, 20);
});

test("what all nodes lack is an event on the Service: a warning where nobody can answer", () => {
  const { report, turns, recorded } = reportAlone();
  const one = { key: "default/web", ips: ["192.0.2.1", "192.0.2.2"] };
  const unreachable = [
    { ...one, shortcoming: "noNodeReachesSubnet" as const },
    { ...one, shortcoming: "noNodeHasInterface" as const },
  ];
  report.add({ ...quiet, unreachable }, circumstances);
  report.settled();
  turns.shift()?.();
  deepEqual(recorded, [
    `Normal SubnetNotReached 192.0.2.1, 192.0.2.2: ${shortcomingText.noNodeReachesSubnet}`,
    `Warning InterfaceMissing 192.0.2.1, 192.0.2.2: ${shortcomingText.noNodeHasInterface}`,
  ]);
});
