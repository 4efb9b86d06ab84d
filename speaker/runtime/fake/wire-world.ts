import { parseAddress } from "../../../crds/net/address.ts";
import { FakeClock } from "../../../operator/framework/fake/fake-clock.ts";
import { FakeLog } from "../../../operator/framework/fake/fake-log.ts";
import { arpOperation, decodeArp } from "../../codec/arp.ts";
import { captured } from "../../codec/fixture/captured-frames.ts";
import { defaultTiming } from "../../l2/burst-queue.ts";
import { ipv6Link, Lan, LanHost, type LanPort } from "../../native/fake/lan.ts";
import type { AnnouncementChange, Farewell, SegmentWord, ToMind } from "../threads/messages.ts";
import { SharedState } from "../threads/shared-state.ts";
import { type BgpPart, Wire } from "../wire/wire.ts";

export const ours = Uint8Array.of(2, 0, 0, 0, 0, 1);
export const theirs = Uint8Array.of(2, 0, 0, 0, 0, 10);

/** A wire on one link of a segment, with a second host on it. */
export function setUp(judging = true, bgp?: BgpPart) {
  const clock = new FakeClock();
  const log = new FakeLog();
  const shared = new SharedState(SharedState.allocate());
  const lan = new Lan();
  const host = new LanHost();
  const other = new LanHost();
  host.attach(lan, ipv6Link(2, "eth0", ours));
  const asker = other.attach(lan, ipv6Link(2, "eth0", theirs));
  const posted: ToMind[] = [];
  const toBeat: (SegmentWord | Farewell)[] = [];
  // The shared clock starts above zero, as the machine's does.
  let stoodStill = 1_000;
  const sharedNow = (): number => clock.monotonic() + stoodStill;
  let stopped = 0;
  const wire: Wire = new Wire({
    taps: host,
    links: host,
    groups: host,
    gratuitous: { ...defaultTiming, refreshIntervalMs: 0 },
    clock,
    log,
    shared,
    sharedNow,
    yieldThen: (run) => run(),
    post: (message) => {
      posted.push(message);
      if (judging) judge(wire, message);
    },
    postToBeat: (message) => toBeat.push(message),
    gateways: () => Promise.resolve([]),
    probeMs: 150,
    ...(bgp !== undefined && { bgp }),
    onStopped: () => {
      stopped += 1;
    },
  });
  wire.start();
  /** The thread does not run while the machine's clock moves on. */
  const standStill = (ms: number): void => {
    stoodStill += ms;
  };
  return { clock, log, shared, lan, host, asker, posted, toBeat, wire, standStill, sharedNow, stops: () => stopped };
}

/** As the mind does it: docker0 alone is excluded. */
function judge(wire: Wire, message: ToMind): void {
  if (message.type !== "judge-interfaces") return;
  wire.receive({ type: "exclusion", verdicts: new Map(message.names.map((name) => [name, name === "docker0"])) });
}

/** What the mind was told of interfaces, in order. */
export function interfacesIn(posted: readonly ToMind[]): readonly (readonly string[])[] {
  return posted.flatMap((message) => (message.type === "interfaces" ? [message.names] : []));
}

export function change(service: string, ...ips: readonly string[]): AnnouncementChange {
  const announcements = ips.map((ip) => {
    const address = parseAddress(ip);
    if (address === undefined) throw new RangeError(ip);
    return { address, interfaces: [] };
  });
  return { service, announcements };
}

/** The ARP replies that a request brings; it asks for 192.0.2.2 unless told otherwise. */
export function answersTo(lan: Lan, asker: LanPort, request = captured.arpRequest): number {
  lan.take();
  asker.send(request);
  return lan.take().filter((frame) => frame !== request && isReplyTo(frame)).length;
}

function isReplyTo(frame: Uint8Array): boolean {
  return frame[12] === 8 && frame[13] === 6 && decodeArp(frame.subarray(14)).operation === arpOperation.reply;
}
