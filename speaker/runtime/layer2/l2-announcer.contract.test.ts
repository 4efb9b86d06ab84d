import { ok } from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { parseAddress } from "../../../crds/net/address.ts";
import { FakeLog } from "../../../operator/framework/fake/fake-log.ts";
import { systemClock } from "../../../operator/framework/system-clock.ts";
import { defaultTiming } from "../../l2/burst-queue.ts";
import { afPacketTaps } from "../../native/af-packet.ts";
import { ownLink } from "../../native/fake/link.ts";
import { type NamespacePair, whyNoNamespaces, withNamespacePair } from "../../native/fake/network-namespaces.ts";
import { createGroupMembership } from "../../native/group-membership.ts";
import type { GroupMembership, Link, TapFactory } from "../../native/ports.ts";
import { FrameCounter } from "./frame-counter.ts";
import { L2Announcer } from "./l2-announcer.ts";

const macs = ["02:00:00:00:00:ee", "02:00:00:00:00:ef"] as const;
const addresses = ["192.0.2.2", "2001:db8::2"];

test("another host's kernel revalidates both families by unicast, behind a MAC filter", {
  skip: whyNoNamespaces ?? false,
}, async () => {
  await withAnnouncer(async ({ pair }) => {
    for (const address of addresses) {
      // From this state the kernel asks by unicast, at once and three times, and then forgets the neighbor.
      await pair.ip("b", "neigh", "replace", address, "lladdr", macs[0], "nud", "probe", "dev", "vb");
      await until(async () => / REACHABLE/.test(await neighbor(pair, address)), `${address} confirmed`);
    }
  });
});

test("another host's kernel learns a changed MAC from what is sent unasked, and asks it by unicast", {
  skip: whyNoNamespaces ?? false,
}, async () => {
  await withAnnouncer(async ({ pair, follow }) => {
    for (const address of addresses)
      await pair.ip("b", "neigh", "replace", address, "lladdr", macs[0], "nud", "stale", "dev", "vb");
    await pair.ip("a", "link", "set", "mv", "address", macs[1]);
    follow(await linkIn(pair));
    for (const address of addresses) {
      await until(async () => (await neighbor(pair, address)).includes(macs[1]), `the new MAC of ${address}`);
      await pair.ip("b", "neigh", "replace", address, "lladdr", macs[1], "nud", "probe", "dev", "vb");
      await until(async () => / REACHABLE/.test(await neighbor(pair, address)), `${address} confirmed`);
    }
  });
});

type World = { readonly pair: NamespacePair; readonly follow: (link: Link) => void };

/** An announcer of both addresses on a macvlan of namespace a, and a host in namespace b with an address of each subnet. */
async function withAnnouncer(use: (world: World) => Promise<void>): Promise<void> {
  await withNamespacePair(async (pair) => {
    await pair.ip("a", "link", "add", "mv", "link", "va", "address", macs[0], "type", "macvlan", "mode", "bridge");
    await pair.ip("a", "link", "set", "mv", "up");
    await pair.ip("b", "addr", "add", "192.0.2.9/24", "dev", "vb");
    await pair.ip("b", "addr", "add", "2001:db8::9/64", "dev", "vb", "nodad");
    const announcer = new L2Announcer({
      taps: insideA(pair),
      groups: groupsInsideA(pair),
      isExcluded: () => false,
      gratuitous: { ...defaultTiming, refreshIntervalMs: 0 },
      clock: systemClock,
      log: new FakeLog(),
      counter: new FrameCounter(),
      maySpeak: () => true,
      gateways: () => Promise.resolve([]),
      onSegment: () => undefined,
      probeMs: 150,
      onRivals: () => undefined,
      onTaps: () => undefined,
    });
    try {
      await until(async () => (await linkIn(pair)).addresses.some(({ tentative }) => !tentative), "a link-local address");
      announcer.setLinks([await linkIn(pair)]);
      announcer.apply([{ service: "default/web", announcements: addresses.map(announcement) }]);
      // Past the moment from which the kernel drops other questions.
      await wait(1_100);
      await use({ pair, follow: (link) => announcer.setLinks([link]) });
    } finally {
      announcer.close();
    }
  });
}

async function linkIn(pair: NamespacePair): Promise<Link> {
  return pair.inside("a", () => ownLink("mv"));
}

function insideA(pair: NamespacePair): TapFactory {
  return { name: afPacketTaps.name, open: (...tap) => pair.inside("a", () => afPacketTaps.open(...tap)) };
}

function groupsInsideA(pair: NamespacePair): GroupMembership {
  const groups = createGroupMembership();
  return {
    join: (...group) => pair.inside("a", () => groups.join(...group)),
    leave: (...group) => pair.inside("a", () => groups.leave(...group)),
    close: () => groups.close(),
  };
}

function announcement(text: string) {
  const address = parseAddress(text);
  if (address === undefined) throw new RangeError(text);
  return { address, interfaces: [] };
}

function neighbor(pair: NamespacePair, address: string): Promise<string> {
  return pair.ip("b", "neigh", "show", address, "dev", "vb");
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 8_000;
  while (!(await holds())) {
    if (performance.now() > deadline) ok(false, `${what} did not come within 8 s`);
    await wait(20);
  }
}
