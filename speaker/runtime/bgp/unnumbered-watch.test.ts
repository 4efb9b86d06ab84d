import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { formatAddress } from "../../../crds/net/address.ts";
import { FakeClock } from "../../../operator/framework/fake/fake-clock.ts";
import { FakeLog } from "../../../operator/framework/fake/fake-log.ts";
import { ipv6Link, Lan, LanHost } from "../../native/fake/lan.ts";
import { UnnumberedWatch } from "./unnumbered-watch.ts";

/** Two nodes on one segment, each with an unnumbered peer on its eth0. */
function setUp() {
  const clock = new FakeClock();
  const lan = new Lan();
  const side = (index: number) => {
    const host = new LanHost();
    const changes: string[] = [];
    const watch: UnnumberedWatch = new UnnumberedWatch({
      taps: host.routerTaps,
      groups: host,
      clock,
      log: new FakeLog(),
      random: () => 0,
      onNeighbour: (name) => changes.push(`${name} ${neighbourOf(watch)}`),
    });
    const link = ipv6Link(index, "eth0", Uint8Array.of(2, 0, 0, 0, 0, index));
    host.start((links) => watch.setLinks(links));
    const plug = (): void => void host.attach(lan, link);
    return { host, watch, changes, plug, index };
  };
  return { clock, lan, a: side(2), b: side(3) };
}

function neighbourOf(watch: UnnumberedWatch): string {
  const address = watch.neighbourOn("eth0");
  return address === undefined ? "-" : formatAddress(address);
}

const eth0 = new Set(["eth0"]);

test("two neighbours find each other, whichever is there first", () => {
  const { clock, a, b } = setUp();
  a.plug();
  a.watch.setInterfaces(eth0);
  clock.tick(60_000);
  b.watch.setInterfaces(eth0);
  b.plug();
  clock.tick(1_000);
  deepEqual([neighbourOf(a.watch), neighbourOf(b.watch)], ["fe80::3", "fe80::2"]);
  deepEqual([a.changes, b.changes], [["eth0 fe80::3"], ["eth0 fe80::2"]]);
});

test("an interface that is missing is waited for, and none is told of", () => {
  const { clock, a } = setUp();
  a.watch.setInterfaces(eth0);
  clock.tick(60_000);
  equal(clock.pending, 0);
  deepEqual(a.changes, []);
});

test("with the carrier the neighbour goes, and comes back with it", () => {
  const { clock, a, b } = setUp();
  for (const { plug, watch } of [a, b]) {
    plug();
    watch.setInterfaces(eth0);
  }
  clock.tick(2_000);
  a.host.change(a.index, { carrier: false });
  equal(neighbourOf(a.watch), "-");
  a.host.change(a.index, { carrier: true });
  clock.tick(20_000);
  deepEqual(a.changes, ["eth0 fe80::3", "eth0 -", "eth0 fe80::3"]);
});

test("solicitations are heard, since the group of all routers is joined while it is needed", () => {
  const { a } = setUp();
  a.plug();
  a.watch.setInterfaces(eth0);
  deepEqual([...a.host.groups], ["ff02::2%eth0"]);
  a.watch.setInterfaces(new Set());
  deepEqual([...a.host.groups], []);
});

test("an interface that is no longer wanted falls silent", () => {
  const { clock, lan, a } = setUp();
  a.plug();
  a.watch.setInterfaces(eth0);
  clock.tick(5_000);
  a.watch.setInterfaces(new Set());
  lan.take();
  clock.tick(60_000);
  deepEqual([lan.take().length, clock.pending, lan.taps.size], [0, 0, 0]);
});

test("a tap that cannot be opened is tried again", () => {
  const { clock, a } = setUp();
  a.host.failOpen = "no";
  a.plug();
  a.watch.setInterfaces(eth0);
  clock.tick(5_000);
  a.host.failOpen = undefined;
  clock.tick(1_000);
  equal(a.watch.neighbourOn("eth0"), undefined);
  deepEqual([...a.host.groups], ["ff02::2%eth0"]);
});

test("octets that are no router discovery are dropped", () => {
  const { clock, lan, a, b } = setUp();
  a.plug();
  a.watch.setInterfaces(eth0);
  b.plug();
  clock.tick(1_000);
  const [frame = new Uint8Array()] = lan.take();
  b.host.attach(lan, ipv6Link(3, "eth0", Uint8Array.of(2, 0, 0, 0, 0, 3))).send(frame.slice().with(21, 64));
  deepEqual(a.changes, []);
});
