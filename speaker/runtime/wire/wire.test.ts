import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../operator/framework/fake/fake-clock.ts";
import { FakeLog } from "../../../operator/framework/fake/fake-log.ts";
import { captured } from "../../codec/fixture/captured-frames.ts";
import { defaultTiming } from "../../l2/burst-queue.ts";
import { ipv6Link, Lan, LanHost } from "../../native/fake/lan.ts";
import { answersTo, change, interfacesIn, ours, setUp, theirs } from "../fake/wire-world.ts";
import { SharedState } from "../threads/shared-state.ts";
import { Wire } from "./wire.ts";

test("an announced address is told to the segment at once and answered for", () => {
  const { wire, lan, asker } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  equal(lan.take().length, 2, "a gratuitous request and a gratuitous reply");
  equal(answersTo(lan, asker), 1);
});

test("an address is not answered for after its Service was withdrawn", () => {
  const { wire, lan, asker } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  wire.receive({ type: "changes", changes: [change("default/web")] });
  equal(answersTo(lan, asker), 0);
});

test("an IPv6 address joins its solicited-node group, and leaves it with the last address", () => {
  const { wire, host } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "2001:db8::2")] });
  deepEqual([...host.groups], ["ff02::1:ff00:2%eth0"]);
  wire.receive({ type: "changes", changes: [change("default/web")] });
  deepEqual([...host.groups], []);
});

test("long lists of changes are taken over in slices, between which frames are handled", () => {
  const clock = new FakeClock();
  const waiting: (() => void)[] = [];
  const { wire, lan, asker } = withYield(waiting, clock);
  const many = Array.from({ length: 500 }, (_, i) => change(`default/s${i}`, `198.51.${Math.floor(i / 250)}.${i % 250}`));
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2"), ...many] });
  waiting.shift()?.();
  equal(waiting.length, 1, "more is to come");
  equal(answersTo(lan, asker), 1, "the first slice is in force");
  const last = captured.arpRequest.slice();
  last.set([198, 51, 1, 249], 38);
  equal(answersTo(lan, asker, last), 0, "the last one is not");
  while (waiting.length > 0) waiting.shift()?.();
  equal(answersTo(lan, asker, last), 1);
});

test("what came in many messages is taken over together", () => {
  const waiting: (() => void)[] = [];
  const { wire, lan, asker } = withYield(waiting, new FakeClock());
  for (let i = 0; i < 20; i += 1) wire.receive({ type: "changes", changes: [change(`default/s${i}`, `198.51.100.${i}`)] });
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  waiting.shift()?.();
  equal(answersTo(lan, asker), 1);
});

function withYield(waiting: (() => void)[], clock: FakeClock) {
  const lan = new Lan();
  const host = new LanHost();
  host.attach(lan, ipv6Link(2, "eth0", ours));
  const asker = new LanHost().attach(lan, ipv6Link(2, "eth0", theirs));
  const wire = new Wire({
    taps: host,
    links: host,
    groups: host,
    gratuitous: { ...defaultTiming, refreshIntervalMs: 0 },
    clock,
    log: new FakeLog(),
    shared: new SharedState(SharedState.allocate()),
    sharedNow: () => clock.monotonic() + 1,
    yieldThen: (run) => waiting.push(run),
    post: () => undefined,
    postToBeat: () => undefined,
    gateways: () => Promise.resolve([]),
    probeMs: 150,
    onStopped: () => undefined,
  });
  wire.start();
  wire.receive({ type: "exclusion", verdicts: new Map([["eth0", false]]) });
  waiting.shift()?.();
  return { wire, lan, asker };
}

test("interfaces that advertisements may name are told to the mind, excluded ones not", () => {
  const { host, lan, posted } = setUp();
  host.attach(lan, ipv6Link(3, "docker0", ours));
  host.attach(lan, ipv6Link(4, "eth1", ours));
  deepEqual(interfacesIn(posted).at(-1), ["eth0", "eth1"]);
});

test("no interface is listened to or told to the mind before it is known not to be excluded", () => {
  const { wire, lan, asker, host, posted } = setUp(false);
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  deepEqual(posted, [{ type: "judge-interfaces", names: ["eth0"] }]);
  deepEqual([lan.take().length, answersTo(lan, asker)], [0, 0]);
  wire.receive({ type: "exclusion", verdicts: new Map([["eth0", false]]) });
  deepEqual(interfacesIn(posted), [["eth0"]]);
  equal(answersTo(lan, asker), 1);
  host.attach(lan, ipv6Link(3, "docker0", ours));
  deepEqual(posted.at(-1), { type: "judge-interfaces", names: ["docker0"] }, "eth0 is not asked about again");
  wire.receive({ type: "exclusion", verdicts: new Map([["docker0", true]]) });
  equal([...lan.taps].filter(({ port }) => port.link.name === "docker0").length, 0);
});

test("a change of links that leaves names, MACs and subnets alone does not bother the mind", () => {
  const { host, lan, posted } = setUp();
  const before = posted.length;
  host.change(2, { mtu: 9000 });
  host.attach(lan, ipv6Link(3, "docker0", ours));
  deepEqual(interfacesIn(posted.slice(before)), []);
});

test("a link that comes back is listened to again, and told about every address", () => {
  const { wire, host, lan, asker } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  host.change(2, { up: false });
  equal(answersTo(lan, asker), 0);
  host.change(2, { up: true });
  equal(lan.take().length, 2);
  equal(answersTo(lan, asker), 1);
});

test("a tap that went deaf without a word when its link went down is opened anew when the link is back", () => {
  const { wire, host, lan, asker } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  host.tapsSayWhenDown = false;
  host.change(2, { up: false });
  host.change(2, { up: true });
  equal(answersTo(lan, asker), 1);
});

test("after the kernel's events were lost every tap is opened anew: its link may have been down unseen", () => {
  const { wire, host, lan, asker } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  host.tapsSayWhenDown = false;
  host.flapUnseen(2);
  equal(answersTo(lan, asker), 1);
});

test("a tap that died while its link stayed up is opened again within a second", () => {
  const { wire, lan, asker, clock, shared, sharedNow } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  for (const tap of [...lan.taps].filter(({ port }) => port !== asker)) {
    lan.taps.delete(tap);
    tap.events.onClosed("ENETDOWN");
  }
  deepEqual(shared.judge(sharedNow(), 0), { alive: false, reason: "no-taps" }, "at once");
  clock.tick(100);
  clock.tick(1_000);
  deepEqual(shared.judge(sharedNow(), 0), { alive: true });
  equal(answersTo(lan, asker), 1);
});

test("an interface that cannot be opened is tried again, and complained about once", () => {
  const { host, lan, clock, log, posted } = setUp();
  host.failOpen = "socket: EMFILE";
  host.attach(lan, ipv6Link(3, "eth1", ours));
  clock.tick(5_000);
  equal(log.at("warn").length, 2, "once for each protocol");
  host.failOpen = undefined;
  clock.tick(1_000);
  equal([...lan.taps].filter(({ port }) => port.link.name === "eth1").length, 2);
  ok(posted.length > 0);
});

test("frames are counted by address and reported once a second, only when there were some", () => {
  const { wire, lan, asker, clock, posted } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  answersTo(lan, asker);
  clock.tick(1_000);
  const counts = posted.flatMap((message) => (message.type === "counts" ? message.counts : []));
  deepEqual(counts[0], { ip: "192.0.2.2", requests: 1, responses: 1, gratuitous: 2 });
  clock.tick(20_000);
  const before = posted.filter(({ type }) => type === "counts").length;
  clock.tick(20_000);
  equal(posted.filter(({ type }) => type === "counts").length, before);
});

test("after the thread stood still it is mute, asks the mind, and speaks when the mind has affirmed", () => {
  const { wire, lan, asker, clock, posted, standStill, shared } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  clock.tick(10_000);
  standStill(5_000);
  equal(answersTo(lan, asker), 0, "silent before the tick has noticed");
  clock.tick(200);
  deepEqual(posted.at(-1), { type: "affirm", epoch: 1 });
  equal(shared.muted, true);
  equal(answersTo(lan, asker), 0);
  wire.receive({ type: "affirmed", epoch: 1 });
  equal(lan.take().length, 2, "announced anew");
  equal(answersTo(lan, asker), 1);
});

test("an affirmation of an earlier stand-still does not give the voice back", () => {
  const { wire, lan, asker, clock, standStill } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  for (let i = 0; i < 2; i += 1) {
    standStill(2_000);
    clock.tick(200);
  }
  wire.receive({ type: "affirmed", epoch: 1 });
  equal(answersTo(lan, asker), 0);
  wire.receive({ type: "affirmed", epoch: 2 });
  equal(answersTo(lan, asker), 1);
});

test("the tick is seen by the other threads, and its end too", () => {
  const { clock, shared, sharedNow, standStill } = setUp();
  clock.tick(1_000);
  deepEqual(shared.judge(sharedNow(), 0), { alive: true });
  standStill(1_501);
  deepEqual(shared.judge(sharedNow(), 0), { alive: false, reason: "held" });
});

test("an interface that lost its carrier is not one to announce on before it has it again for five seconds", () => {
  const { host, posted, clock } = setUp();
  const usable = () =>
    posted.flatMap((message) => (message.type === "interfaces" ? [message.usable.map(({ name }) => name)] : []));
  host.change(2, { carrier: false });
  host.change(2, { carrier: true });
  deepEqual(usable(), [["eth0"], []]);
  clock.tick(5_000);
  deepEqual(usable(), [["eth0"], [], ["eth0"]]);
});

test("after stop nothing is said, and the mind is told", () => {
  const { wire, lan, asker, posted, clock, stops } = setUp();
  wire.receive({ type: "changes", changes: [change("default/web", "192.0.2.2")] });
  wire.stop();
  clock.tick(4_000);
  deepEqual(posted.at(-1), { type: "stop" });
  lan.take();
  equal(answersTo(lan, asker), 0);
  clock.tick(10_000);
  deepEqual(lan.take(), []);
  equal(stops(), 0);
  wire.receive({ type: "stopped" });
  equal(stops(), 1);
});
