import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { BeatCluster, BeatNode } from "../fake/beat-cluster.ts";

test("nodes find each other through the addresses of their Pods", async () => {
  const world = new BeatCluster(3);
  await world.start();
  for (const { candidates } of world.nodes) deepEqual(candidates, ["n1", "n2", "n3"]);
});

test("at rest nodes are woken by their alarms for one beat in all, and else by each other's", async () => {
  const world = new BeatCluster(3);
  await world.start();
  await world.clock.advance(20_000);
  const before = world.nodes.map(({ rings }) => rings);
  await world.clock.advance(10_000);
  const perSecond = world.nodes.map(({ rings }, i) => (rings - (before[i] ?? 0)) / 10);
  ok(Math.max(...perSecond) <= 12, perSecond.join());
  ok(perSecond.filter((rings) => rings <= 2).length === 2, perSecond.join());
});

test("nothing is said before the cluster is known", async () => {
  const world = new BeatCluster(1);
  await world.clock.advance(10_000);
  deepEqual(world.node(0).posted, []);
});

test("a node that is cut off is out of the others' view within half a second, and asks the segment", async () => {
  const world = new BeatCluster(3);
  await world.start();
  world.segment.cut("192.0.2.3");
  world.node(2).segment = "silent";
  await world.clock.advance(500);
  deepEqual(world.node(0).candidates, ["n1", "n2"]);
  const question = world.node(2).posted.find((message) => message.type === "ask-segment");
  deepEqual(question?.type === "ask-segment" && question.silent.map(({ address }) => address).sort(), ["192.0.2.1", "192.0.2.2"]);
  world.node(2).beat.receive({ type: "segment", question: 1, answered: false, seen: [] });
  equal(world.node(2).view?.conduct, "freeze");
  ok(world.node(2).beat.trouble?.includes("segment"));
});

test("a node whose wire is lost is out of the others' view, and back when the wire is", async () => {
  const world = new BeatCluster(2);
  await world.start();
  world.node(1).wireAlive = false;
  await world.clock.advance(200);
  deepEqual(world.node(0).candidates, ["n1"]);
  world.node(1).wireAlive = true;
  await world.clock.advance(20_000);
  deepEqual(world.node(0).candidates, ["n1", "n2"]);
});

test("a node whose mind stands still gives its addresses to others, and says so to its wire once they have them", async () => {
  const world = new BeatCluster(2);
  await world.start();
  world.node(1).mindAlive = false;
  await world.clock.advance(500);
  deepEqual(world.node(0).candidates, ["n1"]);
  equal(world.node(1).handedOver.at(-1), true);
  world.node(1).mindAlive = true;
  await world.clock.advance(500);
  equal(world.node(1).handedOver.at(-1), false);
  deepEqual(world.node(0).candidates, ["n1", "n2"]);
});

test("a node alone keeps its addresses while its mind stands still", async () => {
  const world = new BeatCluster(1);
  await world.start();
  world.node(0).mindAlive = false;
  await world.clock.advance(500);
  equal(world.node(0).handedOver.includes(true), false);
});

test("a drained node is no candidate, and lives", async () => {
  const world = new BeatCluster(2);
  await world.start();
  world.node(1).beat.receive({ type: "willing", willing: false });
  await world.clock.advance(100);
  deepEqual(world.node(0).candidates, ["n1"]);
  equal(world.node(0).view?.members.get("n2")?.alive, true);
});

test("a node that leaves is no candidate, and says goodbye when it goes", async () => {
  const world = new BeatCluster(2);
  await world.start();
  world.node(1).beat.leave();
  await world.clock.advance(50);
  deepEqual(world.node(0).candidates, ["n1"]);
  world.node(1).beat.stop();
  await world.clock.advance(50);
  equal(world.node(0).view?.members.get("n2")?.alive, false);
});

test("a node that hears nobody while the segment answers takes all", async () => {
  const world = new BeatCluster(2);
  await world.start();
  world.segment.cut("192.0.2.2");
  await world.clock.advance(600);
  for (const [i, { candidates }] of world.nodes.entries()) deepEqual(candidates, [`n${i + 1}`]);
});

test("two clusters with the same Secret on one segment do not mix, and their packets are counted", async () => {
  const world = new BeatCluster(2);
  await world.start(["one", "two"]);
  await world.clock.advance(10_000);
  for (const { view } of world.nodes) equal(view?.source, "api");
  const dropped = world.node(0).posted.findLast((message) => message.type === "dropped");
  ok((dropped?.dropped["wrong-key"] ?? 0) > 0);
});

test("without a Secret nodes find each other, and each says that nothing is sealed", async () => {
  const world = new BeatCluster(2, { secret: undefined });
  await world.start();
  deepEqual(world.node(0).candidates, ["n1", "n2"]);
  ok(
    world
      .node(0)
      .log.at("warn")
      .some((line) => line.includes("not sealed")),
  );
});

test("a socket that is bound to all addresses is reached where the API says that the Pod is", async () => {
  const world = new BeatCluster(1);
  const bound = new BeatNode(world, "n2", "0.0.0.0");
  const pods = ["n1", "n2"].map((node, i) => ({ node, address: `192.0.2.${i + 1}`, ready: true }));
  for (const { beat } of [world.node(0), bound]) {
    beat.receive({ type: "speakers", pods });
    beat.receive({ type: "cluster", uid: "uid" });
  }
  world.segment.alias("0.0.0.0", "192.0.2.2");
  await world.clock.advance(1_000);
  deepEqual(world.node(0).candidates, ["n1", "n2"]);
});

test("a port that is taken is tried again, and complained about once", async () => {
  const world = new BeatCluster(2);
  world.segment.refuses = "bind EADDRINUSE";
  await world.start();
  await world.clock.advance(3_000);
  equal(world.node(0).log.at("error").length, 1);
  world.segment.refuses = undefined;
  await world.clock.advance(3_000);
  deepEqual(world.node(0).candidates, ["n1", "n2"]);
});

test("a new Secret is taken over by one node after the other without a death", async () => {
  const world = new BeatCluster(3);
  await world.start();
  const next = new TextEncoder().encode("another one of 22 octets");
  for (const { beat } of world.nodes) {
    beat.setSecret(next);
    await world.clock.advance(5_000);
  }
  for (const { posted } of world.nodes) {
    const views = posted.flatMap((message) => (message.type === "members" ? [message.view] : []));
    const joined = views.slice(views.findIndex(({ members }) => members.size === 3));
    ok(joined.every(({ members }) => [...members.values()].every(({ alive }) => alive)));
  }
});

test("a question to a member, and its answer, go from mind to mind", async () => {
  const world = new BeatCluster(2);
  await world.start();
  const [asks, answers] = [world.node(0), world.node(1)];
  const addresses = ["192.0.2.10", "192.0.2.11"];
  asks.beat.receive({ type: "ask", member: "n2", addresses, standing: true });
  await world.clock.advance(10);
  const asked = answers.posted.find((message) => message.type === "contested");
  ok(asked?.type === "contested");
  deepEqual([asked.by, asked.addresses, asked.standing], ["n1", addresses, true]);
  const stands = [{ address: "192.0.2.10", key: "192.0.2.10", score: 3, lapsing: false }];
  answers.beat.receive({ type: "answer", to: "n1", nonce: asked.nonce, stands, denied: ["192.0.2.11"] });
  await world.clock.advance(10);
  deepEqual(asks.posted.at(-1), { type: "stood", by: "n2", stands, denied: ["192.0.2.11"] });
});

test("the wall clock jumps, there and back: nobody dies of it, and who dies afterwards is found as soon", async () => {
  const world = new BeatCluster(3);
  await world.start();
  await world.clock.advance(5_000);
  const told = (): readonly number[] => world.nodes.map(({ posted }) => posted.filter(({ type }) => type === "members").length);
  const before = told();
  for (const hours of [24, -48, 24 * 365, -24 * 366]) {
    world.clock.jumpWall(hours * 3_600_000);
    await world.clock.advance(2_000);
  }
  deepEqual(told(), before);
  world.segment.cut("192.0.2.3");
  await world.clock.advance(500);
  deepEqual(world.node(0).candidates, ["n1", "n2"]);
});
