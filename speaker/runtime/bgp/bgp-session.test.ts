import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { test } from "node:test";
import { announcementOf } from "../../bgp/fixture/sample-routes.ts";
import type { OpenMessage } from "../../codec/bgp/message.ts";
import { ip, nodeAddress, planned, routerAddress, setUpBgp } from "../fake/bgp-world.ts";
import { BgpSession } from "./bgp-session.ts";

type World = ReturnType<typeof setUpBgp>;

function announce({ table, session }: World, service: string, ...prefixes: readonly string[]): void {
  session.routesChanged(
    table.set(
      service,
      prefixes.map((text) => announcementOf(text)),
    ),
  );
}

function restarting({ capabilities }: OpenMessage): boolean {
  return capabilities.some((capability) => capability.type === "graceful-restart" && capability.restarting);
}

const routesOf = ({ router }: World): readonly string[] => [...router.view.routes.keys()].sort();

test("a session comes up, and the facts say with whom and what was agreed on", async () => {
  const world = setUpBgp();
  await world.established();
  const facts = world.session.facts();
  equal(facts.state, "Established");
  deepEqual([facts.ends?.local, facts.ends?.remote], [nodeAddress, routerAddress]);
  deepEqual([facts.negotiated?.peerAS, facts.negotiated?.holdTimeSeconds], [64513, 90]);
  deepEqual([facts.counts.sent.open, facts.counts.received.open], [1, 1]);
});

test("two speakers come up with each other, and each stays as long as the other is heard", async () => {
  const world = setUpBgp();
  const other = new BgpSession(
    planned({
      myASN: 64513,
      ownAS: 64513,
      remoteAS: 64512,
      passive: true,
      acceptsInbound: true,
      transport: {
        endpoint: { type: "address", address: nodeAddress },
        port: 179,
        ttl: 255,
        onConnectedPrefix: false,
      },
      nodeName: "other",
      routerID: 0x0a000003,
    }),
    { ...world.options, connector: world.routerHost },
  );
  world.routerHost.listen(1179, (connection) => other.inbound(connection)).admit([{ remote: nodeAddress }]);
  const session = new BgpSession(
    planned({
      transport: { endpoint: { type: "address", address: routerAddress }, port: 1179, ttl: 1, onConnectedPrefix: true },
    }),
    world.options,
  );
  other.start();
  session.start();
  for (let minute = 0; minute < 10; minute += 1) await world.clock.advance(60_000);
  deepEqual([session.facts().state, other.facts().state], ["Established", "Established"]);
  equal(session.facts().counts.sent.open, 1);
  equal(session.facts().counts.received.keepalive > 15, true);
});

test("the peer is told every route once it is up, and changes as they come", async () => {
  const world = setUpBgp();
  announce(world, "a/a", "192.0.2.1/32", "192.0.2.2/32");
  await world.established();
  deepEqual(routesOf(world), ["192.0.2.1/32", "192.0.2.2/32"]);
  announce(world, "a/a", "192.0.2.2/32", "192.0.2.3/32");
  await world.clock.advance(100);
  deepEqual(routesOf(world), ["192.0.2.2/32", "192.0.2.3/32"]);
  equal(world.session.facts().advertised, 2);
});

test("a change is told at once, and those that follow closely go into common UPDATEs", async () => {
  const world = setUpBgp();
  await world.established();
  const { messages } = world.router.view;
  for (let i = 1; i <= 150; i += 1) {
    announce(world, `a/${i}`, `192.0.2.${i}/32`);
    await world.clock.advance(1);
    if (i === 1) equal(routesOf(world).length > 0, true);
  }
  await world.clock.advance(100);
  equal(routesOf(world).length, 150);
  equal(world.router.view.messages - messages, 4);
});

test("a change that comes long after the last one does not wait for company", async () => {
  const world = setUpBgp();
  await world.established();
  for (let i = 1; i <= 3; i += 1) {
    announce(world, `a/${i}`, `192.0.2.${i}/32`);
    await world.clock.advance(1);
    equal(routesOf(world).length, i);
    await world.clock.advance(60);
  }
});

test("routes go to the peer after at most a twentieth of a second, however many changes follow", async () => {
  const world = setUpBgp();
  await world.established();
  for (let i = 1; i <= 60; i += 1) {
    announce(world, `a/${i}`, `192.0.2.${i}/32`);
    await world.clock.advance(1);
  }
  equal(routesOf(world).length >= 49, true);
});

test("routes that fill no message wait for the end of the first full pass, and End-of-RIB follows them (RFC 4724)", async () => {
  const world = setUpBgp({}, false);
  announce(world, "a/a", "192.0.2.1/32");
  await world.established();
  await world.clock.advance(1_000);
  deepEqual([world.router.view.endOfRibs, routesOf(world)], [[], []]);
  announce(world, "a/b", "192.0.2.2/32");
  world.table.setComplete();
  world.session.routesComplete();
  await world.clock.advance(100);
  deepEqual(world.router.view.endOfRibs, ["IPv4"]);
  deepEqual(routesOf(world), ["192.0.2.1/32", "192.0.2.2/32"]);
  equal(world.session.facts().counts.sent.update, 2);
});

test("End-of-RIB comes once in each session", async () => {
  const world = setUpBgp();
  await world.established();
  announce(world, "a/a", "192.0.2.1/32");
  await world.clock.advance(100);
  deepEqual(world.router.view.endOfRibs, ["IPv4"]);
  world.router.drop();
  await world.clock.advance(3_000);
  equal(world.session.established, true);
  deepEqual(world.router.view.endOfRibs, ["IPv4"]);
  deepEqual(routesOf(world), ["192.0.2.1/32"]);
});

test("the first session of a process says that it restarted, the next one does not (RFC 4724 §3)", async () => {
  const world = setUpBgp({ gracefulRestart: true });
  const session = new BgpSession(planned({ gracefulRestart: true }), world.options);
  session.start();
  await world.clock.advance(300);
  const early = setUpBgp({ gracefulRestart: true }, false);
  early.session.start();
  early.table.setComplete();
  early.session.routesComplete();
  await early.clock.advance(300);
  await early.settled();
  early.router.drop();
  await early.clock.advance(2_000);
  deepEqual(world.router.opens.map(restarting), [false]);
  deepEqual(early.router.opens.map(restarting), [true, false]);
});

test("a peer that does not read is sent no more than the window, and everything once it reads", async () => {
  const world = setUpBgp();
  await world.established();
  world.router.reading = false;
  announce(world, "wake", "198.51.100.1/32");
  await world.clock.advance(100);
  // Different attributes: a message for each route.
  const keys = Array.from({ length: 4_000 }, (_, i) =>
    world.table.set(`a/${i}`, [announcementOf(`10.1.${i >> 8}.${i & 255}/32`, { communities: [`1:${i}`] })]),
  );
  world.session.routesChanged(keys.flat());
  for (let i = 0; i < 100; i += 1) await world.clock.advance(10);
  const { advertised } = world.session.facts();
  equal(advertised > 100 && advertised < 3_000, true, `${advertised} of 4001 were sent`);
  world.router.resume();
  for (let i = 0; i < 40; i += 1) await world.clock.advance(100);
  equal(routesOf(world).length, 4_001);
});

test("a peer that is flooding gets answers all the same", async () => {
  const world = setUpBgp();
  await world.established();
  const keepalive = Uint8Array.from([...new Uint8Array(16).fill(255), 0, 19, 4]);
  world.router.sendOctets(Buffer.concat(Array.from({ length: 20_000 }, () => keepalive)));
  for (let i = 0; i < 400; i += 1) await world.settled();
  equal(world.session.facts().counts.received.keepalive, 20_001);
  equal(world.session.established, true);
});

test("octets that are no BGP end the session with the right NOTIFICATION", async () => {
  const world = setUpBgp();
  await world.established();
  world.router.sendOctets(new Uint8Array(19));
  await world.settled();
  equal(world.router.heard.includes("notification 1/1"), true);
  match(world.session.facts().lastError ?? "", /refused 10\.0\.0\.2: .*marker/);
});

test("a peer that asks for the routes again is told them again (RFC 2918)", async () => {
  const world = setUpBgp();
  announce(world, "a/a", "192.0.2.1/32");
  await world.established();
  const before = world.router.view.messages;
  world.router.send({ type: "route-refresh", afi: 1, safi: 1, subtype: 0 });
  await world.clock.advance(100);
  equal(world.router.view.messages, before + 1);
});

test("a removed peer hears Cease 6/3, and nothing is tried any more", async () => {
  const world = setUpBgp();
  await world.established();
  world.session.stop({ type: "peer-removed" });
  await world.clock.advance(600_000);
  deepEqual(world.router.heard.slice(-2), ["notification 6/3", "closed"]);
  equal(world.host.attempts.length, 1);
});

test("with graceful restart the process goes without a word (RFC 4724 §4.1)", async () => {
  const world = setUpBgp({ gracefulRestart: true });
  await world.established();
  world.session.stop({ type: "graceful-restart" });
  await world.settled();
  equal(world.router.heard.at(-1), "closed");
  equal(
    world.router.heard.some((what) => what.startsWith("notification")),
    false,
  );
});

test("all routes can be withdrawn before the farewell", async () => {
  const world = setUpBgp();
  announce(world, "a/a", "192.0.2.1/32", "192.0.2.2/32");
  await world.established();
  world.session.withdrawAll();
  await world.settled();
  deepEqual(routesOf(world), []);
});

test("when BFD sees the path fail the peer hears Cease 6/10 and is connected anew (RFC 9384)", async () => {
  const world = setUpBgp();
  await world.established();
  world.session.bfdDown();
  await world.settled();
  equal(world.router.heard.includes("notification 6/10"), true);
  await world.clock.advance(2_000);
  equal(world.session.established, true);
});

test("a peer on no subnet of the node is not tried, and the reason names the way out; once it is, it is tried at once", async () => {
  const world = setUpBgp();
  const far = planned({
    transport: { endpoint: { type: "address", address: ip("10.9.9.9") }, port: 179, ttl: 1, onConnectedPrefix: true },
  });
  let links = world.options.surroundings.links;
  const surroundings = {
    neighbourOn: () => undefined,
    get links() {
      return links;
    },
  };
  const session = new BgpSession(far, { ...world.options, surroundings });
  session.start();
  await world.clock.advance(300_000);
  match(session.facts().lastError ?? "", /10\.9\.9\.9 is on no subnet of this node: set ebgpMultiHop/);
  equal(world.host.attempts.length, 0);
  links = [
    {
      index: 3,
      name: "eth1",
      up: true,
      loopback: false,
      addresses: [{ address: "10.9.9.1", prefixLength: 24, tentative: false }],
    },
  ];
  session.linksChanged();
  await world.clock.advance(300);
  equal(world.host.attempts.length, 1);
});

test("an address that becomes usable while the session is up is the next hop of routes told before", async () => {
  const world = setUpBgp({ families: ["IPv4", "IPv6"] });
  const { surroundings } = world.options;
  const linkWith = (tentative: boolean) => {
    const [link] = surroundings.links;
    const global = { address: "fd00::1", prefixLength: 64, tentative };
    const linkLocal = { address: "fe80::1", prefixLength: 64, tentative: false };
    return link === undefined ? [] : [{ ...link, addresses: [...link.addresses.slice(0, 1), global, linkLocal] }];
  };
  Object.assign(surroundings, { links: linkWith(true) });
  announce(world, "a/b", "192.0.2.1/32", "fd31::1/128");
  await world.established();
  await world.clock.advance(100);
  const hopsOf = (): string => world.router.view.routes.get("fd31::1/128") ?? "";
  match(hopsOf(), /\["fe80::1","fe80::1"\]/);
  Object.assign(surroundings, { links: linkWith(false) });
  world.session.linksChanged();
  await world.clock.advance(100);
  match(hopsOf(), /\["fd00::1","fe80::1"\]/);
});

test("a session that is up does not mind other interfaces", async () => {
  const world = setUpBgp();
  await world.established();
  world.session.linksChanged();
  await world.clock.advance(1_000);
  deepEqual(world.router.heard, ["open", "keepalive", "update"]);
});

test("the reason of a failed attempt is the kernel's, in words", async () => {
  const world = setUpBgp();
  world.routerHost.cut = true;
  world.session.start();
  await world.clock.advance(11_000);
  equal(world.session.facts().lastError, "cannot connect to 10.0.0.2: timeout: no answer from 10.0.0.2:179");
});

test("the password goes to the socket", async () => {
  const transport = {
    endpoint: { type: "address", address: routerAddress },
    port: 179,
    ttl: 1,
    onConnectedPrefix: true,
    password: { type: "octets", octets: [...Buffer.from("s3cret")] },
  } as const;
  const world = setUpBgp({ transport });
  world.session.start();
  await world.clock.advance(300);
  deepEqual(world.host.attempts[0]?.password, new TextEncoder().encode("s3cret"));
  equal(world.host.attempts[0]?.ttl, 1);
});

test("a peer that vanishes is noticed by the hold time, and the state says since when", async () => {
  const world = setUpBgp();
  announce(world, "a/a", "192.0.2.1/32");
  await world.established();
  const { sinceMs } = world.session.facts();
  world.routerHost.cut = true;
  await world.clock.advance(100_000);
  const facts = world.session.facts();
  equal(facts.state === "Established", false);
  match(facts.lastError ?? "", /hold timer expired|cannot connect/);
  notEqual(facts.sinceMs, sinceMs);
  equal(facts.advertised, 0);
});
