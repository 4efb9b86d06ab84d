import { deepEqual, equal, ok } from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { elect } from "../../intent/l2-election.ts";
import { RivalWorld } from "./fixture/rival-world.ts";
import { loserOf } from "./plain-election.ts";

const sha256 = (text: string): Uint8Array => hash("sha256", text, "buffer");
const ip = "10.20.30.1";
const foreign = "02:ff:00:00:00:01";

function worldOf(nodes: number, seed = 1): RivalWorld {
  return new RivalWorld({ seed, nodes, sha256 });
}

test("of two members that stand for an address the winner of an election between them keeps it, within a few milliseconds", () => {
  const world = worldOf(2);
  world.elect("n0", ip);
  world.elect("n1", ip);
  world.run(10);
  const owner = elect(
    ["n0", "n1"].map((node) => ({ node, score: 0 })),
    ip,
    sha256,
  );
  deepEqual(world.announcers(ip), [owner]);
});

test("the score that each brings goes before the hash, and who is about to leave loses whatever its score", () => {
  for (const loser of ["n0", "n1"]) {
    const winner = loser === "n0" ? "n1" : "n0";
    const world = worldOf(2);
    world.elect(loser, ip, { score: 4 });
    world.elect(winner, ip, { score: 5 });
    world.run(10);
    deepEqual(world.announcers(ip), [winner]);
    const leaving = worldOf(2);
    leaving.elect(loser, ip, { score: 9, lapsing: true });
    leaving.elect(winner, ip);
    leaving.run(10);
    deepEqual(leaving.announcers(ip), [winner]);
  }
});

test("both name the same loser, also where they were elected by other keys", () => {
  const stand = fc.record({
    score: fc.nat(2),
    lapsing: fc.boolean(),
    key: fc.constantFrom(ip, "192.0.2.9"),
    address: fc.constant(ip),
  });
  fc.assert(
    fc.property(stand, stand, (mine, theirs) => {
      const [a, b] = [
        { node: "n0", stand: mine },
        { node: "n1", stand: theirs },
      ];
      equal(loserOf(a, b, ip, sha256), loserOf(b, a, ip, sha256));
    }),
  );
});

test("two owners of which at least one hears the other end with exactly one within a second, whatever else is lost", () => {
  const options = fc.record({
    seed: fc.nat(1_000_000),
    packetLoss: fc.double({ min: 0, max: 0.4, noNaN: true }),
    frameLoss: fc.double({ min: 0, max: 0.9, noNaN: true }),
    score: fc.tuple(fc.nat(1), fc.nat(1)),
    heard: fc.constantFrom("n0", "n1"),
  });
  fc.assert(
    fc.property(options, ({ seed, packetLoss, frameLoss, score, heard }) => {
      const world = new RivalWorld({ seed, nodes: 2, sha256, packetLoss, frameLoss });
      for (const [i, node] of world.nodes.entries()) world.elect(node.name, ip, { score: score[i] ?? 0 });
      const hears = world.node(heard);
      const mac = world.node(heard === "n0" ? "n1" : "n0").mac;
      world.event(hears, { type: "sighted", sightings: [{ ip, mac, form: "arp-reply", interface: "eth0" }] });
      world.run(1000);
      equal(world.announcers(ip).length, 1);
      world.run(20_000);
      equal(world.announcers(ip).length, 1, "and it stays so");
    }),
    { numRuns: 300 },
  );
});

test("of many owners one is left, within two seconds", () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.integer({ min: 3, max: 9 }), (seed, nodes) => {
      const world = worldOf(nodes, seed);
      for (const { name } of world.nodes) world.elect(name, ip);
      world.run(2000);
      equal(world.announcers(ip).length, 1);
    }),
    { numRuns: 60 },
  );
});

test("who yielded takes the address back within a second when the other stands for it no more", () => {
  const world = worldOf(2);
  for (const { name } of world.nodes) world.elect(name, ip);
  world.run(10);
  const [owner] = world.announcers(ip);
  world.node(owner ?? "").stands.delete(ip);
  world.run(600);
  deepEqual(world.announcers(ip), [owner === "n0" ? "n1" : "n0"]);
});

test("who yielded takes the address back when the other dies, and when it says nothing for five seconds", () => {
  for (const dies of [true, false]) {
    const world = worldOf(2);
    for (const { name } of world.nodes) world.elect(name, ip);
    world.run(10);
    const owner = world.node(world.announcers(ip)[0] ?? "");
    const other = world.nodes.find((node) => node !== owner);
    if (dies) owner.alive = false;
    else owner.hung = true;
    world.run(dies ? 600 : 4000);
    deepEqual(other?.rivals.withheld(ip), dies ? undefined : "yielded");
    world.run(1600);
    deepEqual(other?.rivals.withheld(ip), undefined);
  }
});

test("who yielded takes the address back when it has become the one that an election would choose", () => {
  const world = worldOf(2);
  for (const { name } of world.nodes) world.elect(name, ip);
  world.run(10);
  const loser = world.announcers(ip)[0] === "n0" ? "n1" : "n0";
  world.node(loser).stands.set(ip, { address: ip, key: ip, score: 5, lapsing: false });
  world.run(700);
  deepEqual(world.announcers(ip), [loser]);
});

test("a member that is asked denies what it was not elected for, what it yielded and what is quarantined", () => {
  const world = worldOf(2);
  world.elect("n0", ip);
  const [n0, n1] = world.nodes;
  ok(n0 !== undefined && n1 !== undefined);
  world.event(n0, { type: "contested", by: "n1", nonce: "a", addresses: [ip, "10.9.9.9"], standing: false });
  const answer = world.did("answer")[0];
  deepEqual([answer?.stands.map(({ address }) => address), answer?.denied, answer?.nonce], [[ip], ["10.9.9.9"], "a"]);
  n0.frozen = true;
  world.event(n0, { type: "sighted", sightings: [{ ip, mac: n1.mac, form: "arp-reply", interface: "eth0" }] });
  world.event(n0, { type: "contested", by: "n1", nonce: "b", addresses: [ip], standing: false });
  deepEqual(world.did("answer").at(-1)?.denied, [ip]);
});

test("a node that hears no peer yields at once to a node whose frame it sees, and to nobody else", () => {
  const world = worldOf(2);
  world.elect("n0", ip);
  const n0 = world.node("n0");
  n0.frozen = true;
  world.frame(n0, ip, foreign);
  world.run(2);
  deepEqual(world.announcers(ip), ["n0"]);
  world.frame(n0, ip, "02:00:00:00:00:01");
  world.run(2);
  deepEqual(world.announcers(ip), []);
  n0.frozen = false;
  world.run(1000);
  deepEqual(world.announcers(ip), ["n0"], "the other denied it");
});

test("an answer that was not asked for moves nothing", () => {
  const world = worldOf(2);
  world.elect("n0", ip);
  const stands = [{ address: ip, key: ip, score: 9, lapsing: false }];
  world.event(world.node("n0"), { type: "stood", by: "n1", stands, denied: [] });
  world.frame(world.node("n0"), ip, "02:00:00:00:00:01");
  world.run(500);
  world.event(world.node("n0"), { type: "stood", by: "n1", stands, denied: [] });
  deepEqual(world.announcers(ip), ["n0"], "the contest has ended with a denial");
});

test("many addresses are asked for together", () => {
  const world = worldOf(2);
  const many = Array.from({ length: 500 }, (_, i) => `10.1.${i >> 8}.${i & 0xff}`);
  for (const address of many) world.node("n0").stands.set(address, { address, key: address, score: 0, lapsing: false });
  const sightings = many.map((address) => ({
    ip: address,
    mac: "02:00:00:00:00:01",
    form: "arp-reply" as const,
    interface: "eth0",
  }));
  world.event(world.node("n0"), { type: "sighted", sightings });
  const asked = (): readonly number[] => world.did("ask").map(({ addresses }) => addresses.length);
  deepEqual(asked(), [64], "as many as two nodes judge in a few milliseconds");
  world.run(1000);
  deepEqual(asked(), [64, 64, 64, 64, 64, 64, 64, 52], "each once, as all are denied");
});

test("a thousand addresses with two owners end with one owner each, and are asked for a few times each", () => {
  const world = worldOf(2);
  const many = Array.from({ length: 1000 }, (_, i) => `10.1.${i >> 8}.${i & 0xff}`);
  for (const address of many) for (const { name } of world.nodes) world.elect(name, address);
  world.run(2000);
  deepEqual(
    many.filter((address) => world.announcers(address).length !== 1),
    [],
  );
  const asked = world.did("ask").reduce((sum, { addresses }) => sum + addresses.length, 0);
  ok(asked < 6000, `${asked}`);
});

test("frames that nobody stands for move no address, whoever's hardware address they bear", () => {
  const forged = fc.array(
    fc.record({
      to: fc.nat(2),
      mac: fc.oneof(
        fc.constantFrom("02:00:00:00:00:00", "02:00:00:00:00:01", "02:00:00:00:00:02"),
        fc.constantFrom(foreign, "02:ff:00:00:00:02"),
      ),
      ip: fc.constantFrom(ip, "10.20.30.2"),
      afterMs: fc.nat(1500),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(fc.nat(100_000), fc.constantFrom("report" as const, "defend" as const), forged, (seed, policy, frames) => {
      const world = new RivalWorld({ seed, nodes: 3, sha256, packetLoss: 0.2 });
      for (const node of world.nodes) node.policy = policy;
      world.elect("n0", ip);
      world.elect("n1", "10.20.30.2");
      for (const { to, mac, ip: claimed, afterMs } of frames) {
        const node = world.nodes[to];
        if (node !== undefined && node.mac !== mac) world.frame(node, claimed, mac);
        world.run(afterMs);
        deepEqual([world.announcers(ip), world.announcers("10.20.30.2")], [["n0"], ["n1"]]);
      }
      deepEqual(world.did("withheld-changed"), []);
    }),
    { numRuns: 150 },
  );
});
