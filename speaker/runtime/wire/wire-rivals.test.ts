import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { arpOperation, decodeArp } from "../../codec/arp.ts";
import { captured } from "../../codec/fixture/captured-frames.ts";
import { change, setUp } from "../fake/wire-world.ts";
import type { ToMind } from "../threads/messages.ts";

const sighting = { ip: "192.0.2.2", mac: "02:00:00:00:00:0b", form: "arp-reply", interface: "eth0" };

function rivalsIn(posted: readonly ToMind[]) {
  return posted.filter(({ type }) => type === "sighted" || type === "probed");
}

function announcing() {
  const world = setUp();
  world.wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  world.clock.tick(6_000);
  world.lan.take();
  return world;
}

test("a machine that claims an announced address is told to the mind, which decides", () => {
  const { asker, clock, posted, log } = announcing();
  for (let i = 0; i < 3; i += 1) asker.send(captured.arpReply);
  clock.tick(20);
  deepEqual(rivalsIn(posted), [{ type: "sighted", sightings: [sighting], dropped: 0 }]);
  deepEqual(log.at("warn"), []);
});

test("forged claims by ever new machines are bounded in what is told", () => {
  const { asker, clock, posted } = announcing();
  for (let i = 0; i < 3_000; i += 1) {
    const frame = captured.arpReply.slice();
    frame.set([2, 1, 0, 0, i >> 8, i & 0xff], 22);
    asker.send(frame);
  }
  clock.tick(20);
  const [told, ...more] = rivalsIn(posted);
  ok(told?.type === "sighted");
  deepEqual([told.sightings.length, told.dropped, more.length], [100, 2_900, 0]);
});

test("an address is probed before it is announced, and who answers is told", () => {
  const { wire, lan, asker, clock, posted } = setUp();
  lan.take();
  wire.receive({ type: "probe", announcements: change("default/web", "192.0.2.2").announcements });
  clock.tick(60);
  asker.send(captured.arpReply);
  clock.tick(60);
  const probes = lan.take().filter((frame) => frame !== captured.arpReply);
  deepEqual(
    probes.map((frame) => decodeArp(frame.subarray(14)).senderIp.join(".")),
    ["0.0.0.0", "0.0.0.0", "0.0.0.0"],
  );
  clock.tick(60);
  deepEqual(rivalsIn(posted), [{ type: "probed", ip: "192.0.2.2", sightings: [sighting] }]);
});

test("an address is defended by one announcement on each link, and only while it is announced", () => {
  const { wire, lan } = announcing();
  wire.receive({ type: "defend", ip: "192.0.2.2" });
  const [frame, ...more] = lan.take();
  ok(frame !== undefined);
  const { operation, senderIp, targetIp } = decodeArp(frame.subarray(14));
  deepEqual([operation, senderIp, targetIp, more.length], [arpOperation.request, targetIp, senderIp, 0]);
  wire.receive({ type: "changes", changes: [change("default/web")] });
  wire.receive({ type: "defend", ip: "192.0.2.2" });
  equal(lan.take().length, 0);
});

test("while this node is mute it neither defends nor probes", () => {
  const { wire, lan, standStill } = announcing();
  standStill(2_000);
  wire.receive({ type: "defend", ip: "192.0.2.2" });
  wire.receive({ type: "probe", announcements: change("default/dns", "192.0.2.3").announcements });
  equal(lan.take().length, 0);
});
