import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { captured } from "../../codec/fixture/captured-frames.ts";
import { answersTo, change, setUp } from "../fake/wire-world.ts";
import type { AnnouncementChange } from "../threads/messages.ts";

/** As the mind tells it when another node was elected. */
const handOver = (service: string): AnnouncementChange => ({ service, announcements: [], handOver: true });
/** Another host announces 192.0.2.2. */
const announcedByOther = captured.arpReply;

test("an address that goes to another node is answered for until that node announces it", () => {
  const { wire, lan, asker, log } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  wire.receive({ type: "changes", changes: [handOver("default/web")] });
  equal(answersTo(lan, asker), 1);
  asker.send(announcedByOther);
  equal(answersTo(lan, asker), 0);
  deepEqual(log.at("warn"), [], "the new owner is no rival");
});

test("a machine that is no node takes nothing that is being handed over", () => {
  const { wire, lan, asker } = setUp();
  wire.receive({ type: "member-macs", macs: [0x02_00_00_00_00_99] });
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  wire.receive({ type: "changes", changes: [handOver("default/web")] });
  asker.send(announcedByOther);
  equal(answersTo(lan, asker), 1);
  wire.receive({ type: "member-macs", macs: [0x02_00_00_00_00_0b] });
  asker.send(announcedByOther);
  equal(answersTo(lan, asker), 0);
});

test("an address whose new owner was faster is given up at once", () => {
  const { wire, lan, asker } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  asker.send(announcedByOther);
  wire.receive({ type: "changes", changes: [handOver("default/web")] });
  equal(answersTo(lan, asker), 0);
});

test("an address that nobody takes over is given up after three seconds, and not announced meanwhile", () => {
  const { wire, lan, asker, clock } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  clock.tick(20_000);
  lan.take();
  wire.receive({ type: "changes", changes: [handOver("default/web")] });
  wire.receive({ type: "announce-again" });
  clock.tick(2_900);
  equal(lan.take().length, 0);
  equal(answersTo(lan, asker), 1);
  clock.tick(100);
  equal(answersTo(lan, asker), 0);
});

test("an address that comes back while it is being handed over stays", () => {
  const { wire, lan, asker, clock } = setUp();
  const web = change("default/web", "192.0.2.2");
  wire.receive({ type: "changes", changes: [web] });
  wire.receive({ type: "changes", changes: [handOver("default/web")] });
  wire.receive({ type: "changes", changes: [web] });
  clock.tick(5_000);
  equal(answersTo(lan, asker), 1);
});

test("an address that comes back is announced at once, as one that has just come: its next owner may have begun", () => {
  const { wire, lan, clock } = setUp();
  const web = change("default/web", "192.0.2.2");
  wire.receive({ type: "changes", changes: [web] });
  clock.tick(50);
  wire.receive({ type: "freeze" });
  clock.tick(100);
  lan.take();
  wire.receive({ type: "thaw" });
  wire.receive({ type: "changes", changes: [web] });
  clock.tick(20);
  equal(lan.take().length, 2);
});

test("what was to be handed over when the thread stood still is another's by then, and is not answered for", () => {
  const { wire, lan, asker, clock, standStill } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  clock.tick(10_000);
  standStill(5_000);
  wire.receive({ type: "changes", changes: [handOver("default/web")] });
  clock.tick(200);
  wire.receive({ type: "affirmed", epoch: 1 });
  lan.take();
  equal(answersTo(lan, asker), 0);
});

test("what was frozen when the thread stood still is not answered for before its owner is known", () => {
  const { wire, lan, asker, clock, standStill } = setUp();
  const web = change("default/web", "192.0.2.2");
  wire.receive({ type: "changes", changes: [web] });
  wire.receive({ type: "freeze" });
  standStill(5_000);
  clock.tick(200);
  wire.receive({ type: "affirmed", epoch: 1 });
  equal(answersTo(lan, asker), 0);
  wire.receive({ type: "thaw" });
  wire.receive({ type: "changes", changes: [web] });
  lan.take();
  equal(answersTo(lan, asker), 1);
});

test("an address that another Service announces here goes on being announced", () => {
  const { wire, lan, clock } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2"), change("default/dns", "192.0.2.2")] });
  clock.tick(20_000);
  lan.take();
  wire.receive({ type: "changes", changes: [handOver("default/web")] });
  wire.receive({ type: "announce-again" });
  equal(lan.take().length, 2);
});

test("a node that is being stopped answers until others have taken over", () => {
  const { wire, lan, asker, clock, posted, toBeat } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  wire.stop();
  deepEqual([toBeat, posted.at(-1)], [[{ type: "leave" }], { type: "leave" }]);
  wire.receive({ type: "changes", changes: [handOver("default/web")] });
  clock.tick(200);
  equal(answersTo(lan, asker), 1);
  asker.send(announcedByOther);
  clock.tick(100);
  deepEqual([toBeat.at(-1), posted.at(-1)], [{ type: "stop" }, { type: "stop" }]);
});

test("a node whose mind stands still is mute once others have taken its addresses", () => {
  const { wire, lan, asker, clock, posted, shared } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  shared.setHandedOver(true);
  clock.tick(200);
  equal(answersTo(lan, asker), 0);
  shared.setHandedOver(false);
  clock.tick(500);
  equal(answersTo(lan, asker), 0, "not before it is affirmed");
  deepEqual(posted.at(-1), { type: "affirm", epoch: 1 });
  wire.receive({ type: "affirmed", epoch: 1 });
  equal(answersTo(lan, asker), 1);
});

test("a node that does not know what the others do answers, announces nothing, and gives way to a claim", () => {
  const { wire, lan, asker, clock } = setUp();
  const web = change("default/web", "192.0.2.2");
  wire.receive({ type: "changes", changes: [web] });
  clock.tick(20_000);
  lan.take();
  wire.receive({ type: "freeze" });
  wire.receive({ type: "announce-again" });
  clock.tick(60_000);
  deepEqual(lan.take(), []);
  equal(answersTo(lan, asker), 1);
  asker.send(announcedByOther);
  equal(answersTo(lan, asker), 0);
  lan.take();
  wire.receive({ type: "thaw" });
  wire.receive({ type: "changes", changes: [web] });
  ok(lan.take().length >= 2);
  equal(answersTo(lan, asker), 1);
});

test("a node whose cable was pulled meanwhile is silent until it knows what the others do", () => {
  const { wire, lan, asker, host } = setUp();
  const web = change("default/web", "192.0.2.2");
  wire.receive({ type: "changes", changes: [web] });
  host.change(2, { carrier: false });
  wire.receive({ type: "freeze" });
  lan.take();
  host.change(2, { carrier: true });
  deepEqual(lan.take(), []);
  equal(answersTo(lan, asker), 0);
  wire.receive({ type: "thaw" });
  wire.receive({ type: "changes", changes: [web] });
  equal(answersTo(lan, asker), 1);
});

test("of a node that hears the others again after it was cut off nothing is heard until it knows what they do", () => {
  const { wire, lan, asker } = setUp();
  const web = change("default/web", "192.0.2.2");
  wire.receive({ type: "changes", changes: [web] });
  wire.receive({ type: "hush" });
  equal(answersTo(lan, asker), 1, "it was not cut off");
  wire.receive({ type: "freeze" });
  equal(answersTo(lan, asker), 1);
  wire.receive({ type: "hush" });
  equal(answersTo(lan, asker), 0);
  wire.receive({ type: "thaw" });
  wire.receive({ type: "changes", changes: [web] });
  equal(answersTo(lan, asker), 1);
});

/** As the mind tells what another node, which lives, announces until this one does. */
const relieving = (ips: readonly string[]): AnnouncementChange => ({ ...change("default/web", ...ips), relieves: true });
const hundreds = Array.from({ length: 200 }, (_, i) => `192.0.2.${i + 3}`);

test("what another node answers for until it hears this one is answered for here once it was announced, and not before", () => {
  const { wire, lan, asker, clock } = setUp();
  wire.receive({ type: "changes", changes: [relieving([...hundreds, "192.0.2.2"])] });
  equal(answersTo(lan, asker), 0, "two hundred are announced before it");
  clock.tick(300);
  equal(answersTo(lan, asker), 1);
});

test("whoever answers until this node announces is no rival before", () => {
  const { wire, asker, clock, posted } = setUp();
  const sighted = (): number => posted.filter(({ type }) => type === "sighted").length;
  wire.receive({ type: "changes", changes: [relieving([...hundreds, "192.0.2.2"])] });
  asker.send(announcedByOther);
  clock.tick(50);
  equal(sighted(), 0);
  clock.tick(1000);
  asker.send(announcedByOther);
  clock.tick(50);
  equal(sighted(), 1);
});

test("what nobody answers for is answered for here before it was announced", () => {
  const { wire, lan, asker } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", ...hundreds, "192.0.2.2")] });
  equal(answersTo(lan, asker), 1);
});

test("what was answered for here before goes on being so", () => {
  const { wire, lan, asker } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  wire.receive({ type: "changes", changes: [relieving([...hundreds, "192.0.2.2"])] });
  equal(answersTo(lan, asker), 1);
});

test("what this node gave away and takes for itself is answered for at once", () => {
  const { wire, lan, asker } = setUp();
  wire.receive({ type: "changes", changes: [relieving([...hundreds, "192.0.2.2"])] });
  wire.receive({ type: "changes", changes: [change("default/web")] });
  wire.receive({ type: "changes", changes: [change("default/web", ...hundreds, "192.0.2.2")] });
  equal(answersTo(lan, asker), 1);
});

test("where announcements cannot leave it is answered for all the same", () => {
  const { wire, lan, asker, clock } = setUp();
  wire.receive({ type: "changes", changes: [relieving(Array.from({ length: 5000 }, (_, i) => `198.51.${i >> 8}.${i & 255}`))] });
  wire.receive({ type: "changes", changes: [{ ...change("default/last", "192.0.2.2"), relieves: true }] });
  clock.tick(1_400);
  equal(answersTo(lan, asker), 0);
  clock.tick(100);
  equal(answersTo(lan, asker), 1);
});
