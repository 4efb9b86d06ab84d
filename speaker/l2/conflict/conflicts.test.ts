import { deepEqual, equal, ok } from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { RivalWorld } from "./fixture/rival-world.ts";

const sha256 = (text: string): Uint8Array => hash("sha256", text, "buffer");
const ip = "10.20.30.1";
const foreign = "02:ff:00:00:00:01";

/** Three nodes, of which n0 announces the address under that policy. */
function owning(policy: "report" | "defend" | "quarantine") {
  const world = new RivalWorld({ seed: 1, nodes: 3, sha256 });
  const n0 = world.node("n0");
  n0.policy = policy;
  world.elect("n0", ip);
  const frame = (mac = foreign): void => {
    world.frame(n0, ip, mac);
    world.run(2);
  };
  return { world, n0, frame };
}

test("a machine that is no node begins one conflict, however often it is seen, and ends it when it is seen no more", () => {
  const { world, n0, frame } = owning("report");
  for (let i = 0; i < 20; i += 1) {
    frame();
    world.run(1000);
  }
  const [began] = world.did("began");
  deepEqual(began?.conflict, {
    ...{ ip, mac: foreign, form: "gratuitous-arp", interface: "eth0", cause: "foreign", node: undefined, policy: "report" },
  });
  equal(world.did("began").length, 1);
  deepEqual(n0.rivals.conflicts(), [began?.conflict]);
  world.run(26_000);
  deepEqual(
    world.did("ended").map(({ conflict, released }) => [conflict.mac, released]),
    [[foreign, false]],
  );
  deepEqual([n0.rivals.conflicts(), n0.rivals.size], [[], 0]);
  deepEqual(world.announcers(ip), ["n0"]);
});

test("as long as the machine answers probes the conflict goes on", () => {
  const { world, frame } = owning("report");
  world.squatters.set(ip, [foreign]);
  frame();
  world.run(120_000);
  deepEqual([world.did("began").length, world.did("ended").length], [1, 0]);
  ok(world.did("probe").length >= 11 && world.did("probe").length <= 13);
});

test("a conflict ends without a word on how it went when the address is announced here no more", () => {
  const { world, n0, frame } = owning("report");
  frame();
  n0.stands.delete(ip);
  world.run(1000);
  deepEqual(
    world.did("ended").map(({ released }) => released),
    [true],
  );
});

test("defend: an announcement for the first claim, and no two within ten seconds, whatever claims", () => {
  const { world, frame } = owning("defend");
  for (let i = 0; i < 300; i += 1) {
    frame(`02:ff:00:00:00:0${i % 3}`);
    world.run(98);
  }
  equal(world.did("defend").length, 3);
});

test("report: nothing is sent against a claim but probes", () => {
  const { world, frame } = owning("report");
  frame();
  world.run(30_000);
  deepEqual(world.did("defend"), []);
});

test("quarantine: a claim that is not proven by an answer to a probe withholds nothing", () => {
  const { world, frame } = owning("quarantine");
  frame();
  world.run(60_000);
  deepEqual([world.did("began").length, world.did("withheld-changed").length], [1, 0]);
});

test("quarantine: an address for which another machine answers a probe is withheld until that one is gone", () => {
  const { world, n0, frame } = owning("quarantine");
  world.squatters.set(ip, [foreign]);
  frame();
  world.run(2000);
  deepEqual([world.announcers(ip), n0.rivals.withheld(ip)], [[], "quarantined"]);
  world.run(60_000);
  deepEqual(world.announcers(ip), []);
  world.squatters.clear();
  world.run(36_000);
  deepEqual(world.announcers(ip), ["n0"]);
});

test("quarantine: an answer to the probe before the first announcement withholds the address at once", () => {
  const { world, n0 } = owning("quarantine");
  world.event(n0, { type: "probed", sightings: [{ ip, mac: foreign, form: "arp-reply", interface: "eth0" }] });
  equal(n0.rivals.withheld(ip), "quarantined");
});

test("a pool that is taken out of quarantine is announced again within a second", () => {
  const { world, n0, frame } = owning("quarantine");
  world.squatters.set(ip, [foreign]);
  frame();
  world.run(5000);
  n0.policy = "report";
  world.run(1000);
  deepEqual(world.announcers(ip), ["n0"]);
});

test("quarantine: a node's hardware address silences nobody, even where the node answers probes with it", () => {
  const { world, n0, frame } = owning("quarantine");
  const mac = world.node("n1").mac;
  world.squatters.set(ip, [mac]);
  frame(mac);
  world.run(60_000);
  deepEqual([world.announcers(ip), n0.rivals.withheld(ip)], [["n0"], undefined]);
});

test("a node that answers for an address which its speaker denies is named, once it was seen twice", () => {
  const { world, frame } = owning("report");
  const mac = world.node("n1").mac;
  frame(mac);
  world.run(500);
  deepEqual(world.did("began"), [], "the frame may have been under way when n1 gave the address up");
  world.squatters.set(ip, [mac]);
  world.run(5000);
  const [began] = world.did("began");
  deepEqual([began?.conflict.cause, began?.conflict.node, began?.conflict.mac], ["denied", "n1", mac]);
  equal(world.did("began").length, 1);
});

test("a node that claims an address and does not answer is named, too", () => {
  const { world, frame } = owning("report");
  const n1 = world.node("n1");
  n1.alive = false;
  frame(n1.mac);
  world.run(2500);
  frame(n1.mac);
  world.run(1500);
  deepEqual(
    world.did("began").map(({ conflict: { cause, node } }) => [cause, node]),
    [["unanswered", "n1"]],
  );
});

test("where not all hardware addresses of the nodes are known, a foreign one is a conflict once it was seen twice", () => {
  const { world, n0, frame } = owning("defend");
  n0.macsKnown = false;
  frame();
  world.run(500);
  deepEqual([world.did("began").length, world.did("defend").length], [0, 0], "it may be the next owner's");
  world.squatters.set(ip, [foreign]);
  world.run(1500);
  deepEqual([world.did("began").length, world.did("defend").length], [1, 1]);
});

test("a machine that claims many addresses is named as such once, and tells of no more conflicts", () => {
  const { world, n0 } = owning("report");
  const many = Array.from({ length: 50 }, (_, i) => `10.1.0.${i}`);
  for (const address of many) world.elect("n0", address);
  for (const address of many) world.frame(n0, address, foreign);
  world.run(10);
  deepEqual(
    world.did("claims-many").map(({ mac, addresses }) => [mac, addresses]),
    [[foreign, 4]],
  );
  deepEqual([world.did("began").length, world.did("began").filter(({ told }) => told).length], [50, 4]);
  ok(n0.rivals.claimsMany(foreign) && !n0.rivals.claimsMany("02:ff:00:00:00:02"));
});

test("a million forged claims of ever new machines are bounded in what is kept, told and sent", () => {
  const { world, n0 } = owning("defend");
  const addresses = Array.from({ length: 2000 }, (_, i) => `10.1.${i >> 8}.${i & 0xff}`);
  for (const address of addresses) n0.stands.set(address, { address, key: address, score: 0, lapsing: false });
  let [began, told, defended, probed, asked] = [0, 0, 0, 0, 0];
  let largest = 0;
  const perEvent = 1000;
  for (let event = 0; event < 1000; event += 1) {
    const sightings = Array.from({ length: perEvent }, (_, i) => {
      const n = world.chance.below(0xffff_ffff);
      const known = i % 4 === 0;
      const mac = known ? `02:00:00:00:00:0${1 + (n % 2)}` : `02:ff:${hex(n >>> 24)}:${hex(n >>> 16)}:${hex(n >>> 8)}:${hex(n)}`;
      return { ip: addresses[world.chance.below(addresses.length)] ?? ip, mac, form: "arp-reply" as const, interface: "eth0" };
    });
    for (const effect of n0.rivals.transition({ type: "sighted", sightings }, event * 10)) {
      if (effect.type === "began") began += 1;
      if (effect.type === "began" && effect.told) told += 1;
      if (effect.type === "defend") defended += 1;
      if (effect.type === "probe") probed += 1;
      if (effect.type === "ask") asked += effect.addresses.length;
    }
    largest = Math.max(largest, n0.rivals.size);
  }
  ok(largest <= 1024 + 2048, `${largest} are kept`);
  ok(began === 1024 && told <= 120, `${began} began, ${told} were told`);
  ok(defended <= 2 * 1024 && probed <= 2 * 1024, `${defended} frames and ${probed} probes in ten seconds`);
  ok(asked <= 2048 * 20 * 10, `${asked} addresses were asked for`);
});

function hex(octet: number): string {
  return (octet & 0xff).toString(16).padStart(2, "0");
}

test("no event in no order makes the machine throw, and a tick is never asked for twice at the same time", () => {
  const address = fc.constantFrom(ip, "10.20.30.2", "2001:db8::1", "");
  const mac = fc.constantFrom("02:00:00:00:00:01", "02:00:00:00:00:02", foreign, "");
  const sighting = fc.record({ ip: address, mac, form: fc.constant("arp-reply" as const), interface: fc.constant("eth0") });
  const by = fc.constantFrom("n0", "n1", "n2");
  const stand = fc.record({ address, key: address, score: fc.nat(3), lapsing: fc.boolean() });
  const event = fc.oneof(
    fc.record({ type: fc.constantFrom("sighted" as const, "probed" as const), sightings: fc.array(sighting, { maxLength: 5 }) }),
    fc.record({
      type: fc.constant("contested" as const),
      by,
      nonce: fc.constant(""),
      addresses: fc.array(address),
      standing: fc.boolean(),
    }),
    fc.record({ type: fc.constant("stood" as const), by, stands: fc.array(stand), denied: fc.array(address) }),
    fc.constant({ type: "tick" as const }),
  );
  const step = fc.record({
    event,
    afterMs: fc.nat(3000),
    frozen: fc.boolean(),
    policy: fc.constantFrom("report" as const, "quarantine" as const),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { n0 } = owning("report");
      let now = 0;
      for (const { event: one, afterMs, frozen, policy } of steps) {
        n0.frozen = frozen;
        n0.policy = policy;
        now += afterMs;
        n0.rivals.transition(one, now);
        ok((n0.rivals.nextAt() ?? now + 1) > now);
      }
    }),
    { numRuns: 300 },
  );
});
