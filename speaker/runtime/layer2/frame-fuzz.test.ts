import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parseAddress } from "../../../crds/net/address.ts";
import { FakeClock } from "../../../operator/framework/fake/fake-clock.ts";
import { FakeLog } from "../../../operator/framework/fake/fake-log.ts";
import { fromHex } from "../../codec/octets.ts";
import { defaultTiming } from "../../l2/burst-queue.ts";
import { Chance } from "../../membership/simulation/chance.ts";
import { ipv6Link } from "../../native/fake/lan.ts";
import type { TapEvents, TapFactory, TapProtocol } from "../../native/ports.ts";
import { dueReply, type NodeOnSegment } from "../fake/due-reply.ts";
import { mutatedFrame } from "../fake/frame-mutation.ts";
import { FrameCounter } from "./frame-counter.ts";
import { L2Announcer } from "./l2-announcer.ts";

/** `make soak` has a million. */
const frames = Number(process.env["HERALD_FUZZED_FRAMES"] ?? 20_000);

const node: NodeOnSegment = {
  mac: "020000000001",
  linkLocal: "fe800000000000000000000000000002",
  announced: new Set([
    "c0000201",
    "c0000202",
    "c0000207",
    "20010db8000000000000000000000002",
    "20010db8000000000000000000000099",
  ]),
};
/** Announced, but not on this segment. */
const elsewhere = "192.0.2.3";

/** An announcer on one link, driven frame by frame. */
function setUp() {
  const sent: Uint8Array[] = [];
  const taps = new Map<TapProtocol, TapEvents>();
  const factory: TapFactory = {
    name: "af-packet",
    open: (_link, protocol, events) => {
      taps.set(protocol, events);
      return { send: (frame) => sent.push(frame) > 0, askFor: () => undefined, close: () => undefined };
    },
  };
  const clock = new FakeClock();
  const log = new FakeLog();
  const counter = new FrameCounter();
  const announcer = new L2Announcer({
    taps: factory,
    groups: { join: () => undefined, leave: () => undefined, close: () => undefined },
    isExcluded: () => false,
    gratuitous: { ...defaultTiming, refreshIntervalMs: 0 },
    clock,
    log,
    counter,
    maySpeak: () => true,
    gateways: () => Promise.resolve([]),
    onSegment: () => undefined,
    probeMs: 150,
    onRivals: () => undefined,
    onTaps: () => undefined,
  });
  announcer.setLinks([ipv6Link(2, "eth0", fromHex(node.mac))]);
  const here = ["192.0.2.1", "192.0.2.2", "192.0.2.7", "2001:db8::2", "2001:db8::99"].map((text) => announcement(text));
  announcer.apply([{ service: "default/web", announcements: [...here, announcement(elsewhere, "eth1")] }]);
  clock.tick(10_000);
  const feed = (frame: Uint8Array): readonly Uint8Array[] => {
    sent.length = 0;
    taps.get(frame[12] === 0x08 ? "arp" : "ndp")?.onFrame(frame);
    return sent;
  };
  return { announcer, counter, log, feed };
}

function announcement(text: string, ...interfaces: readonly string[]) {
  const address = parseAddress(text);
  if (address === undefined) throw new RangeError(text);
  return { address, interfaces };
}

/** A reply must be from this node, for that address, and sound itself. */
function isReplyFor(reply: Buffer, address: string): boolean {
  const fromUs = reply.toString("hex", 6, 12) === node.mac;
  if (address.length === 8) {
    const sender = reply.toString("hex", 20, 32) === `0002${node.mac}${address}`;
    return fromUs && sender && reply.length === 42;
  }
  const said = reply[54] === 136 && reply.toString("hex", 62) === `${address}0201${node.mac}`;
  return fromUs && said && dueReply(reply, node).sound;
}

/** Octets that stay in use. */
function heapInUse(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
}

test(`${frames} mutated ARP and NDP frames: a reply where one is due and nowhere else, and nothing grows`, (context) => {
  const chance = new Chance(1);
  const { announcer, counter, log, feed } = setUp();
  let sound = 0;
  let due = 0;
  let inUse = 0;
  for (let i = 0; i < frames; i += 1) {
    const frame = mutatedFrame(chance);
    const expected = dueReply(frame, node);
    if (expected.sound) sound += 1;
    if (expected.replyFor !== undefined) due += 1;
    const replies = feed(new Uint8Array(frame));
    const wrong = () => `frame ${i}: ${frame.toString("hex")}`;
    equal(replies.length, expected.replyFor === undefined ? 0 : 1, wrong());
    for (const reply of replies) ok(isReplyFor(Buffer.from(reply), expected.replyFor ?? ""), wrong());
    if (i === Math.floor(frames / 3)) inUse = heapInUse();
  }
  const grown = heapInUse() - inUse;
  context.diagnostic(`${sound} sound frames, ${due} replies, ${Math.round(grown / 1024)} KiB more in use than after a third`);
  ok(sound >= frames / 3, `${sound} were sound`);
  ok(due >= frames / 10, `${due} replies were due`);
  ok(grown < 2 << 20, `${grown} octets more`);
  ok(log.at("warn").length <= 100);
  equal(announcer.size, 6);
  ok(counter.take().length <= 6);
});
