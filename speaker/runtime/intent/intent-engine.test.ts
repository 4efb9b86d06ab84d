import { deepEqual, equal, notDeepEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { compile } from "../../../crds/config/compile.ts";
import type { Touched } from "../../intent/cause.ts";
import type { Context } from "../../intent/context.ts";
import { context, service } from "../../intent/fixture/world.ts";
import { membersNamed } from "../../membership/members.ts";
import { IntentEngine } from "./intent-engine.ts";

/** An engine over Services s0, s1, ... whose every decision takes a millisecond, and whose turns the test gives. */
function setUp(services: number, sliceMs = (usual: number): number => usual) {
  const turns: (() => void)[] = [];
  const decided: string[][] = [];
  const touched: (readonly [string, Touched])[] = [];
  let [time, settled, listings] = [0, 0, 0];
  const empty = { pools: [], l2Advertisements: [], bgpAdvertisements: [], bgpPeers: [], bfdProfiles: [], communities: [] };
  const { snapshot } = compile({ ...empty, namespaces: [], nodes: [] });
  const context: Context = {
    snapshot,
    nodes: new Map(),
    members: membersNamed(["n1"]),
    foreignSpeakers: new Set(),
    self: "n1",
    options: { lbClass: undefined, ignoreExcludeLB: false },
    sha256: (text) => createHash("sha256").update(text).digest(),
  };
  const known: { context: Context | undefined } = { context };
  const engine = new IntentEngine({
    cluster: {
      service: () => {
        time += 1;
        return undefined;
      },
      endpoints: () => [],
      serviceKeys: () => {
        listings += 1;
        return Array.from({ length: services }, (_, i) => `s${i}`);
      },
    },
    announced: () => [],
    announcedByBgp: () => [],
    context: () => known.context,
    onDecisions: (decisions) => {
      decided.push(decisions.map(({ key }) => key));
      touched.push(...decisions.map((one) => [one.key, one.touched] as const));
    },
    onTakeovers: () => undefined,
    onSettled: () => {
      settled += 1;
    },
    now: () => time,
    yieldThen: (run) => turns.push(run),
    sliceMs,
  });
  return { engine, turns, decided, touched, known, settled: () => settled, listings: () => listings };
}

test("a slice takes as long as slices may at present", () => {
  let sliceMs = 20;
  const { engine, turns, decided } = setUp(100, () => sliceMs);
  engine.touchAll();
  turns.shift()?.();
  sliceMs = 1;
  turns.shift()?.();
  deepEqual(
    decided.map(({ length }) => length),
    [32, 16],
  );
});

test("a change that concerns 10,000 Services gives way to others every few milliseconds", () => {
  const { engine, turns, decided, settled } = setUp(10_000);
  engine.touchAll();
  let given = 0;
  for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) {
    given += 1;
    equal(settled(), 0);
    turn();
  }
  equal(given, 625, "16 decisions in each turn, since the clock is looked at once for so many");
  equal(Math.max(...decided.map((keys) => keys.length)), 16);
  equal(new Set(decided.flat()).size, 10_000);
  equal(settled(), 1);
});

test("however many changes concern all Services at once, each is decided on once", () => {
  const { engine, turns, decided, listings } = setUp(10);
  for (let i = 0; i < 1_000; i += 1) engine.touchAll();
  engine.touch("s3", "endpoints");
  while (turns.length > 0) turns.shift()?.();
  equal(listings(), 1);
  deepEqual(
    [...decided.flat()].sort(),
    Array.from({ length: 10 }, (_, i) => `s${i}`),
  );
});

test("a decision says what it was made for: the Service before its endpoints, and nothing of its own where all were concerned", () => {
  const { engine, turns, touched } = setUp(2);
  engine.touch("a", "service");
  engine.touch("a", "endpoints");
  engine.touch("s1", "endpoints");
  engine.touchAll();
  while (turns.length > 0) turns.shift()?.();
  deepEqual(touched, [
    ["a", "service"],
    ["s1", "endpoints"],
    ["s0", undefined],
  ]);
});

test("what was touched while too little was known is decided on later", () => {
  const { engine, turns, decided, known } = setUp(2);
  const { context } = known;
  known.context = undefined;
  engine.touch("gone", "service");
  engine.touchAll();
  while (turns.length > 0) turns.shift()?.();
  deepEqual(decided, []);
  known.context = context;
  engine.touchAll();
  while (turns.length > 0) turns.shift()?.();
  deepEqual(decided.flat().sort(), ["gone", "s0", "s1"]);
});

/** An engine of node n1 over 40 Services whose addresses three nodes share; what it does, in order. */
function threeNodes() {
  const keys = Array.from({ length: 40 }, (_, i) => `s${i}`);
  const nodes = ["n1", "n2", "n3"];
  const decided: string[] = [];
  const taken: string[] = [];
  const told: string[] = [];
  const ownerOf = new Map<string, string | undefined>();
  const turns: (() => void)[] = [];
  const contextOf = (alive: readonly string[]): Context =>
    context(nodes, (text) => createHash("sha256").update(text).digest(), { members: membersNamed(alive) });
  const all = contextOf(nodes);
  const state = { context: all };
  const engine = new IntentEngine({
    cluster: {
      service: (key) => service({ key, ingress: [`192.0.2.${key.slice(1)}`] }),
      endpoints: () => [{ nodeName: "n1", canServe: true }],
      serviceKeys: () => keys,
    },
    announced: () => [],
    announcedByBgp: () => [],
    context: () => state.context,
    onDecisions: (decisions) => {
      told.push("decisions");
      for (const { key, verdict } of decisions) {
        decided.push(key);
        ownerOf.set(key, verdict.type === "silent" && verdict.owner?.by === "herald" ? verdict.owner.node : undefined);
      }
    },
    onTakeovers: (takeovers) => {
      told.push("takeovers");
      taken.push(...takeovers.map(({ key }) => key));
    },
    onSettled: () => undefined,
    now: () => 0,
    yieldThen: (run) => turns.push(run),
    sliceMs: (usual) => usual,
  });
  engine.touchAll();
  turns.shift()?.();
  /** Another set of candidates, all else as it was. */
  const enter = (alive: readonly string[], conduct: "member" | "freeze" = "member"): void => {
    const { members } = contextOf(alive);
    state.context = { ...all, members: { ...members, conduct } };
    engine.touchAll();
  };
  const run = (): void => {
    while (turns.length > 0) turns.shift()?.();
  };
  return { engine, keys, turns, decided, taken, told, ownerOf, enter, run };
}

test("Services whose owner is gone are decided on before all others: nobody answers for them", () => {
  const { keys, turns, decided, ownerOf, enter, engine } = threeNodes();
  const orphans = keys.filter((key) => ownerOf.get(key) === "n3");
  notDeepEqual(orphans, keys.slice(0, orphans.length), "they are not the first anyway");
  decided.length = 0;
  enter(["n1", "n2"]);
  turns.splice(0).at(-1)?.();
  deepEqual(decided.splice(0), [...orphans, ...keys.filter((key) => !orphans.includes(key))]);
  engine.touchAll();
  turns.splice(0).at(-1)?.();
  deepEqual(decided, keys, "all have an owner again");
});

test("what this node takes over from one that is gone is told first of all, and decided on all the same", () => {
  const { keys, run, decided, taken, told, ownerOf, enter } = threeNodes();
  run();
  const orphans = keys.filter((key) => ownerOf.get(key) === "n3");
  decided.length = told.length = 0;
  enter(["n1", "n2"]);
  run();
  deepEqual(
    taken,
    orphans.filter((key) => ownerOf.get(key) === undefined),
  );
  notDeepEqual(taken, []);
  deepEqual(told, ["takeovers", "decisions"]);
  deepEqual([...decided].sort(), [...keys].sort());
});

test("a Service that changed since is not taken over unseen", () => {
  const { engine, run, taken, ownerOf, enter, keys, turns } = threeNodes();
  run();
  const orphans = keys.filter((key) => ownerOf.get(key) === "n3");
  enter(["n1", "n2"]);
  for (const key of orphans) engine.touch(key, "endpoints");
  turns.shift()?.();
  deepEqual(taken, []);
});

test("of two nodes the last one takes over what the other had, though it did not know at first whether it was cut off", () => {
  const { run, taken, ownerOf, enter, keys } = threeNodes();
  enter(["n1", "n2"]);
  run();
  const orphans = keys.filter((key) => ownerOf.get(key) === "n2");
  taken.length = 0;
  enter(["n1", "n2"], "freeze");
  run();
  deepEqual(taken, []);
  enter(["n1"]);
  run();
  deepEqual(taken.sort(), orphans.sort());
  notDeepEqual(orphans, []);
});
