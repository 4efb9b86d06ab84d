import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "../../../crds/net/address.ts";
import { FakeClock } from "../../../operator/framework/fake/fake-clock.ts";
import { FakeLog } from "../../../operator/framework/fake/fake-log.ts";
import { captured } from "../../codec/fixture/captured-frames.ts";
import { toHex } from "../../codec/octets.ts";
import { defaultTiming } from "../../l2/burst-queue.ts";
import { ipv6Link, Lan, LanHost } from "../../native/fake/lan.ts";
import { FrameCounter } from "./frame-counter.ts";
import { L2Announcer } from "./l2-announcer.ts";

const ours = Uint8Array.of(2, 0, 0, 0, 0, 1);
const theirs = Uint8Array.of(2, 0, 0, 0, 0, 10);
const eth0 = ipv6Link(2, "eth0", ours);

/** An announcer of these addresses on eth0, and a second host on the segment. */
function setUp(...texts: readonly string[]) {
  const clock = new FakeClock();
  const lan = new Lan();
  const host = new LanHost();
  host.attach(lan, eth0);
  const asker = new LanHost().attach(lan, ipv6Link(2, "eth0", theirs));
  let speaking = true;
  const announcer = new L2Announcer({
    taps: host,
    groups: host,
    isExcluded: () => false,
    gratuitous: { ...defaultTiming, refreshIntervalMs: 0 },
    clock,
    log: new FakeLog(),
    counter: new FrameCounter(),
    maySpeak: () => speaking,
    gateways: () => Promise.resolve([]),
    onSegment: () => undefined,
    probeMs: 150,
    onRivals: () => undefined,
    onTaps: () => undefined,
  });
  announcer.setLinks([eth0]);
  announcer.apply([{ service: "default/web", announcements: texts.map(announcement) }]);
  const mute = (): void => {
    speaking = false;
  };
  const askers = (): readonly string[] => announcer.latestAskers(8).map(({ ip, mac, at }) => `${toHex(ip)} ${toHex(mac)} ${at}`);
  const targets = (): readonly (readonly string[] | undefined)[] =>
    [...lan.taps]
      .filter(({ port }) => port !== asker)
      .map((tap) => tap.targets && Array.from(tap.targets, (word) => word.toString(16)));
  return { announcer, clock, lan, asker, askers, mute, targets };
}

function announcement(text: string) {
  const address = parseAddress(text);
  if (address === undefined) throw new RangeError(text);
  return { address, interfaces: [] };
}

test("hosts that are answered are known as recent askers, with the time", () => {
  const { asker, askers, clock } = setUp("192.0.2.2", "2001:db8::2");
  const start = clock.monotonic();
  asker.send(captured.arpRequest);
  clock.tick(5);
  asker.send(captured.solicitation);
  deepEqual(askers(), [`fe80000000000000000000fffe00000a 02000000000a ${start + 5}`, `c0000201 02000000000a ${start}`]);
});

test("hosts that are not answered are no recent askers", () => {
  const { asker, askers, mute } = setUp("192.0.2.2", "2001:db8::2");
  mute();
  asker.send(captured.arpRequest);
  deepEqual(askers(), []);
});

test("this node's own questions, by another of its interfaces, make no recent asker", () => {
  const { announcer, asker, askers } = setUp("192.0.2.2", "2001:db8::2");
  announcer.setLinks([eth0, { ...ipv6Link(3, "eth1", theirs), up: false }]);
  asker.send(captured.arpRequest);
  deepEqual(askers(), []);
});

test("hosts on an interface that is gone are no recent askers", () => {
  const { announcer, asker, askers } = setUp("192.0.2.2", "2001:db8::2");
  asker.send(captured.arpRequest);
  announcer.setLinks([]);
  deepEqual(askers(), []);
  announcer.setLinks([eth0]);
  deepEqual(askers().length, 1);
});

test("a second after the last change taps are told which questions are wanted, also taps that are opened later", () => {
  const { announcer, clock, targets } = setUp("192.0.2.2", "2001:db8::2");
  const wanted = [["c0000202"], ["2"]];
  deepEqual(targets(), [undefined, undefined]);
  clock.tick(1_000);
  deepEqual(targets(), wanted);
  announcer.setLinks([]);
  announcer.setLinks([eth0]);
  deepEqual(targets(), wanted);
});

test("questions for an address that has just come are answered at once, those for one that went are wanted no more", () => {
  const { announcer, clock, asker, askers, targets } = setUp("192.0.2.2", "2001:db8::2");
  clock.tick(1_000);
  announcer.apply([{ service: "default/web", announcements: [] }]);
  clock.tick(1_000);
  deepEqual(targets(), [[], []]);
  announcer.apply([{ service: "default/new", announcements: [announcement("192.0.2.2")] }]);
  asker.send(captured.arpRequest);
  equal(askers().length, 1);
});

test("a node that announces nothing wants no questions", () => {
  const { clock, targets } = setUp();
  clock.tick(1_000);
  deepEqual(targets(), [[], []]);
});
