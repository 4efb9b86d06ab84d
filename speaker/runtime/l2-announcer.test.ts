import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "../../crds/net/address.ts";
import { FakeClock } from "../../operator/framework/fake/fake-clock.ts";
import { FakeLog } from "../../operator/framework/fake/fake-log.ts";
import { captured } from "../codec/fixture/captured-frames.ts";
import { toHex } from "../codec/octets.ts";
import { defaultTiming } from "../l2/burst-queue.ts";
import { ipv6Link, Lan, LanHost } from "../native/fake/lan.ts";
import { FrameCounter } from "./frame-counter.ts";
import { L2Announcer } from "./l2-announcer.ts";

const ours = Uint8Array.of(2, 0, 0, 0, 0, 1);
const theirs = Uint8Array.of(2, 0, 0, 0, 0, 10);
const eth0 = ipv6Link(2, "eth0", ours);

/** An announcer of 192.0.2.2 and 2001:db8::2 on eth0, and a second host on the segment. */
function setUp() {
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
  });
  announcer.setLinks([eth0]);
  const announcements = ["192.0.2.2", "2001:db8::2"].flatMap((text) => {
    const address = parseAddress(text);
    return address === undefined ? [] : [{ address, interfaces: [] }];
  });
  announcer.apply([{ service: "default/web", announcements }]);
  const mute = (): void => {
    speaking = false;
  };
  const askers = (): readonly string[] => announcer.latestAskers(8).map(({ ip, mac, at }) => `${toHex(ip)} ${toHex(mac)} ${at}`);
  return { announcer, clock, asker, askers, mute };
}

test("hosts that are answered are known as recent askers, with the time", () => {
  const { asker, askers, clock } = setUp();
  const start = clock.monotonic();
  asker.send(captured.arpRequest);
  clock.tick(5);
  asker.send(captured.solicitation);
  deepEqual(askers(), [`fe80000000000000000000fffe00000a 02000000000a ${start + 5}`, `c0000201 02000000000a ${start}`]);
});

test("hosts that are not answered are no recent askers", () => {
  const { asker, askers, mute } = setUp();
  mute();
  asker.send(captured.arpRequest);
  deepEqual(askers(), []);
});

test("this node's own questions, by another of its interfaces, make no recent asker", () => {
  const { announcer, asker, askers } = setUp();
  announcer.setLinks([eth0, { ...ipv6Link(3, "eth1", theirs), up: false }]);
  asker.send(captured.arpRequest);
  deepEqual(askers(), []);
});

test("hosts on an interface that is gone are no recent askers", () => {
  const { announcer, asker, askers } = setUp();
  asker.send(captured.arpRequest);
  announcer.setLinks([]);
  deepEqual(askers(), []);
  announcer.setLinks([eth0]);
  deepEqual(askers().length, 1);
});
