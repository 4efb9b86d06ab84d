import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../operator/framework/fake/fake-clock.ts";
import { decodeBfdControl } from "../../codec/bfd.ts";
import { address, BfdLink, BfdNode, wanting } from "../fake/bfd-world.ts";

const [own, other] = ["192.0.2.1", "192.0.2.2"];
const clocked = () => new FakeClock();

/** Two nodes on one link. */
class World {
  readonly clock = clocked();
  readonly link = new BfdLink();
  readonly a = new BfdNode(this.link, this.clock, own, 1);
  readonly b = new BfdNode(this.link, this.clock, other, 2);

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 10) {
      await this.clock.advance(Math.min(10, left));
      this.a.turn();
      this.b.turn();
    }
  }

  async up(): Promise<this> {
    this.a.runner.set([wanting(other)]);
    this.b.runner.set([wanting(own)]);
    await this.pass(3_000);
    equal(this.a.session?.state, "Up");
    equal(this.b.session?.state, "Up");
    return this;
  }
}

test("two nodes that want each other come up, and their peers are named", async () => {
  const { a } = await new World().up();
  deepEqual(a.notices.at(-1), { type: "bfd-changed", peers: [`to-${other}`], state: "Up", cause: "answered", lost: false });
  equal(a.session?.neighbour?.state, "Up");
});

test("a link that is cut is a loss within the detection time, which the wire is told", async () => {
  const world = await new World().up();
  world.link.cut = true;
  await world.pass(500);
  equal(world.a.session?.state, "Up");
  await world.pass(500);
  deepEqual(
    [world.a.notices.at(-1)?.state, world.a.notices.at(-1)?.cause, world.a.notices.at(-1)?.lost],
    ["Down", "expired", true],
  );
  equal(world.a.session?.diagnostic, "control detection time expired");
  const { ups, downs, notices } = world.a.session?.counts ?? {};
  deepEqual([ups, downs, notices], [1, 1, 2]);
});

test("silence is judged only behind what waited to be read", async () => {
  const world = await new World().up();
  const { a, b, clock, link } = world;
  // a stands still: time passes, and what b says waits.
  const waiting: Uint8Array[] = [];
  const listener = link.listeners.get(`${own} 3784`);
  link.listeners.delete(`${own} 3784`);
  const packet = link.sent.findLast(({ from }) => from === other)?.octets;
  ok(packet !== undefined && listener !== undefined);
  waiting.push(packet);
  clock.stall(2_000);
  clock.tick(1);
  equal(a.session?.state, "Up");
  link.listeners.set(`${own} 3784`, listener);
  for (const octets of waiting) listener.onDatagram(octets, address(other), 50_000);
  a.turn();
  equal(a.session?.state, "Up");
  ok(b.session !== undefined);
});

test("as long as turns bring packets, silence is not judged yet", async () => {
  const { a, clock, link } = await new World().up();
  const listener = link.listeners.get(`${own} 3784`);
  const packet = link.sent.findLast(({ from }) => from === other)?.octets;
  ok(packet !== undefined && listener !== undefined);
  link.cut = true;
  clock.stall(2_000);
  clock.tick(1);
  // Another peer's packet is read first, then one of this session.
  listener.onDatagram(packet, address("192.0.2.77"), 50_000);
  a.turns.shift()?.();
  equal(a.session?.state, "Up");
  listener.onDatagram(packet, address(other), 50_000);
  a.turn();
  equal(a.session?.state, "Up");
});

test("other values do not drop a session, and the peer is told them", async () => {
  const world = await new World().up();
  const profile = {
    name: "fast",
    echoMode: false,
    passiveMode: false,
    transmitIntervalMs: 60,
    receiveIntervalMs: 61,
    echoIntervalMs: 62,
  };
  world.a.runner.set([wanting(other, { profile })]);
  await world.pass(1_000);
  ok(!world.a.states.includes("Down"));
  const { transmitIntervalMs, receiveIntervalMs, echoReceiveIntervalMs } = world.b.session?.neighbour ?? {};
  deepEqual([transmitIntervalMs, receiveIntervalMs, echoReceiveIntervalMs], [60, 61, 62]);
});

test("peers on the same path share one session, which stays until the last one goes", async () => {
  const world = await new World().up();
  world.a.runner.set([wanting(other), wanting(other, { peer: "second" })]);
  await world.pass(100);
  deepEqual(world.a.session?.peers, ["second", `to-${other}`]);
  world.a.runner.set([wanting(other, { peer: "second" })]);
  await world.pass(1_000);
  deepEqual([world.a.session?.state, world.a.session?.peers], ["Up", ["second"]]);
});

test("a session that is not wanted any more is said to be switched off, and the other side loses nothing", async () => {
  const world = await new World().up();
  world.a.runner.set([]);
  await world.pass(100);
  deepEqual([world.b.notices.at(-1)?.cause, world.b.notices.at(-1)?.lost], ["neighbour-admin-down", false]);
  await world.pass(2_000);
  deepEqual([...world.link.listeners.keys()], [`${other} 3784`]);
});

test("a process that stops says it three times before it is gone", async () => {
  const world = await new World().up();
  world.link.sent.length = 0;
  world.a.runner.stop();
  deepEqual(
    world.link.sent.filter(({ from }) => from === own).map(({ octets }) => decodeBfdControl(octets).state),
    Array(3).fill("AdminDown"),
  );
  equal(world.link.listeners.has(`${own} 3784`), false);
});

test("a session that was given up and is wanted again comes up anew", async () => {
  const world = await new World().up();
  const profile = { name: "patient", echoMode: false, passiveMode: false, detectMultiplier: 20 };
  world.a.runner.set([wanting(other, { profile })]);
  world.a.runner.set([]);
  world.a.runner.set([wanting(other, { profile })]);
  world.link.sent.length = 0;
  await world.pass(4_000);
  equal(world.a.session?.state, "Up");
  const said = world.link.sent.filter(({ from }) => from === own).map(({ octets }) => decodeBfdControl(octets).state);
  equal(said.includes("AdminDown"), false);
});

test("a wire that stands still brings every session down, and back when it lives", async () => {
  const world = await new World().up();
  world.a.wireAlive = false;
  await world.pass(200);
  deepEqual([world.a.notices.at(-1)?.cause, world.a.notices.at(-1)?.lost], ["held", true]);
  equal(world.b.notices.at(-1)?.cause, "neighbour-down");
  await world.pass(5_000);
  equal(world.a.session?.state, "Down");
  world.a.wireAlive = true;
  await world.pass(5_000);
  equal(world.a.session?.state, "Up");
});

test("a session that is wanted while the wire stands still waits for it", async () => {
  const world = await new World().up();
  world.a.wireAlive = false;
  await world.pass(200);
  world.a.runner.set([]);
  world.a.runner.set([wanting(other)]);
  await world.pass(5_000);
  equal(world.a.session?.state, "Down");
});

test("a port that is taken is said once, and tried again", async () => {
  const world = new World();
  world.a.refuses = "bind: EADDRINUSE";
  world.a.runner.set([wanting(other)]);
  world.b.runner.set([wanting(own)]);
  await world.pass(20_000);
  equal(world.a.log.at("error").length, 1);
  match(world.a.session?.trouble ?? "", /port 3784 cannot be used: bind: EADDRINUSE/);
  world.a.refuses = undefined;
  await world.pass(10_000);
  deepEqual([world.a.session?.state, world.a.session?.trouble], ["Up", undefined]);
});

test("a session that is up stays where it is while addresses come and go; one that is not moves", async () => {
  const world = await new World().up();
  world.a.facts = { ...world.a.facts, sourceTowards: () => address("192.0.2.99") };
  await world.pass(5_000);
  deepEqual([world.a.session?.state, world.a.session?.local], ["Up", own]);
  world.link.cut = true;
  await world.pass(5_000);
  equal(world.a.session?.local, "192.0.2.99");
});

test("a peer without a way waits, and it is said why", async () => {
  const world = new World();
  world.a.facts = { ...world.a.facts, sourceTowards: () => undefined };
  world.a.runner.set([wanting(other)]);
  await world.pass(100);
  deepEqual(world.a.reports.at(-1)?.waiting, [{ peer: `to-${other}`, reason: "there is no route to the peer" }]);
  world.a.facts = { ...world.a.facts, sourceTowards: () => address(own) };
  await world.pass(3_000);
  equal(world.a.session?.remote, other);
});

test("what is no BFD, and what belongs to no session, changes nothing", async () => {
  const world = await new World().up();
  const before = world.a.session?.counts.controlIn;
  const listener = world.link.listeners.get(`${own} 3784`);
  listener?.onDatagram(Uint8Array.of(1, 2, 3), address(other), 1);
  listener?.onDatagram(world.link.sent.at(-1)?.octets ?? new Uint8Array(), address("192.0.2.77"), 1);
  equal(world.a.session?.counts.controlIn, before);
});

test("nothing is opened and nothing waits as long as no session is wanted", async () => {
  const world = new World();
  world.a.runner.set([]);
  equal(world.clock.pending, 0);
  equal(world.link.listeners.size, 0);
});

test("an IPv6 neighbour's echo packets go back to it, and nobody else's", async () => {
  const clock = clocked();
  const link = new BfdLink();
  const node = new BfdNode(link, clock, "2001:db8::1", 1);
  node.runner.set([wanting("2001:db8::2")]);
  await clock.advance(100);
  const echo = link.listeners.get("2001:db8::1 3785");
  deepEqual([echo?.atLeast, echo?.sendHops], [255, 254]);
  link.sent.length = 0;
  echo?.onDatagram(Uint8Array.of(7), address("2001:db8::2"), 3_785);
  echo?.onDatagram(Uint8Array.of(8), address("2001:db8::3"), 3_785);
  deepEqual(
    link.sent.map(({ octets, to, port }) => [octets, to, port]),
    [[Uint8Array.of(7), "2001:db8::2", 3_785]],
  );
});

test("several hops are heard on their own port, where fewer hops may be left", async () => {
  const clock = clocked();
  const link = new BfdLink();
  const node = new BfdNode(link, clock, own, 1);
  node.runner.set([wanting(other, { hops: "multi" })]);
  await clock.advance(100);
  equal(link.listeners.get(`${own} 4784`)?.atLeast, 1);
  equal(link.sent[0]?.port, 4784);
  deepEqual(node.limits, []);
  const profile = { name: "near", echoMode: false, passiveMode: false, minimumTtl: 250 };
  node.runner.set([wanting(other, { hops: "multi", profile })]);
  deepEqual(node.limits, [{ source: Uint8Array.of(192, 0, 2, 2), atLeast: 250 }]);
});

test("own echo packets are sent through the neighbour once the session is up, and are counted when they are back", async () => {
  const world = new World();
  const profile = { name: "echo", echoMode: true, passiveMode: false };
  world.a.runner.set([wanting(other, { profile })]);
  world.b.runner.set([wanting(own)]);
  await world.pass(3_000);
  ok(world.a.echoes.length > 5);
  equal(world.a.session?.echoIntervalMs, 50);
  world.a.onEchoFrame(world.a.echoes.at(-1) ?? new Uint8Array());
  equal(world.a.session?.counts.echoIn, 1);
  await world.pass(500);
  equal(world.a.notices.find(({ lost }) => lost)?.cause, "echo-failed");
});
