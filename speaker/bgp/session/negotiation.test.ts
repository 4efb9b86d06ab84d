import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import type { Capability } from "../../codec/bgp/capability.ts";
import type { OpenMessage } from "../../codec/bgp/message.ts";
import { ipv4Capability, ipv6Capability, openMessage, sessionConfig } from "../fixture/session.ts";
import type { Negotiated } from "./negotiated.ts";
import { negotiate, openOf } from "./negotiation.ts";
import type { Refusal } from "./notification.ts";
import type { SessionConfig } from "./session-config.ts";

const own = { ownIdentifier: 0x0a000001, capabilities: "all" } as const;
const contents = { ...own, restarting: true };

function answered(open: Partial<OpenMessage>, config: Partial<SessionConfig> = {}, capabilities: "all" | "none" = "all") {
  return negotiate(openMessage(open), sessionConfig(config), { ...own, capabilities });
}

function agreed(open: Partial<OpenMessage>, config: Partial<SessionConfig> = {}): Partial<Negotiated> {
  const answer = answered(open, config);
  return "negotiated" in answer ? answer.negotiated : {};
}

function refused(open: Partial<OpenMessage>, config: Partial<SessionConfig> = {}): Refusal | undefined {
  const answer = answered(open, config);
  return "refusal" in answer ? answer.refusal : undefined;
}

const fourOctet = (autonomousSystem: number): Capability => ({ type: "four-octet-as", autonomousSystem });

test("our OPEN has families, route refresh, helper's graceful restart and four-octet AS, and nothing else", () => {
  deepEqual(openOf(sessionConfig({ families: ["IPv4", "IPv6"] }), contents), {
    type: "open",
    version: 4,
    autonomousSystem: 64512,
    holdTimeSeconds: 90,
    identifier: 0x0a000001,
    capabilities: [
      ipv4Capability,
      ipv6Capability,
      { type: "route-refresh" },
      { type: "graceful-restart", restarting: false, notification: false, restartTimeSeconds: 120, families: [] },
      fourOctet(64512),
    ],
  });
});

test("an AS number of four octets is AS_TRANS in the field, and whole in the capability", () => {
  const open = openOf(sessionConfig({ ownAS: 4_200_000_000 }), contents);
  equal(open.autonomousSystem, 23456);
  deepEqual(open.capabilities.at(-1), fourOctet(4_200_000_000));
});

test("with graceful restart each family's forwarding is said to have gone on, and R until all is announced", () => {
  const restart = (restarting: boolean) =>
    openOf(sessionConfig({ gracefulRestart: true }), { ...contents, restarting }).capabilities.find(
      ({ type }) => type === "graceful-restart",
    );
  const families = [{ afi: 1, safi: 1, forwardingPreserved: true }];
  const common = { type: "graceful-restart", notification: false, restartTimeSeconds: 120, families };
  deepEqual(restart(true), { ...common, restarting: true });
  deepEqual(restart(false), { ...common, restarting: false });
});

test("IPv6 next hops for IPv4 routes are offered where configured", () => {
  const offers = (extendedNextHop: boolean) =>
    openOf(sessionConfig({ extendedNextHop }), contents).capabilities.filter(({ type }) => type === "extended-next-hop");
  deepEqual(offers(true), [{ type: "extended-next-hop", routes: [{ afi: 1, safi: 1, nextHopAfi: 2 }] }]);
  deepEqual(offers(false), []);
});

const bad = [
  { name: "version 3", open: { version: 3 }, code: "2/1", data: [0, 4], says: /unsupported version number 3, expected 4/ },
  {
    name: "another AS",
    open: { autonomousSystem: 1, capabilities: [fourOctet(1)] },
    code: "2/2",
    says: /bad peer AS, expected 64513, but it is 1$/,
  },
  { name: "another AS in the capability alone", open: { capabilities: [fourOctet(70000)] }, code: "2/2", says: /bad peer AS/ },
  {
    name: "AS 0",
    open: { autonomousSystem: 0, capabilities: [] },
    config: { remoteAS: "external" },
    code: "2/2",
    says: /bad peer AS, expected any other than 64512/,
  },
  {
    name: "AS 0 in the capability",
    open: { autonomousSystem: 23456, capabilities: [fourOctet(0)] },
    config: { remoteAS: "external" },
    code: "2/2",
    says: /bad peer AS/,
  },
  {
    name: "our AS on an external session",
    open: { autonomousSystem: 64512, capabilities: [] },
    config: { remoteAS: "external" },
    code: "2/2",
    says: /bad peer AS/,
  },
  {
    name: "another AS on an internal session",
    open: {},
    config: { remoteAS: "internal" },
    code: "2/2",
    says: /bad peer AS, expected 64512/,
  },
  { name: "identifier 0", open: { identifier: 0 }, code: "2/3", says: /identifier/ },
  {
    name: "our identifier in our AS",
    open: { identifier: 0x0a000001, autonomousSystem: 64512, capabilities: [] },
    config: { remoteAS: "internal" },
    code: "2/3",
    says: /same/,
  },
  { name: "a hold time of 1 s", open: { holdTimeSeconds: 1 }, code: "2/6", says: /hold time of 1 s/ },
  { name: "a hold time of 2 s", open: { holdTimeSeconds: 2 }, code: "2/6", says: /hold time of 2 s/ },
  {
    name: "no family of ours",
    open: { capabilities: [ipv6Capability, fourOctet(64513)] },
    code: "2/7",
    data: [1, 4, 0, 1, 0, 1],
    says: /does not speak IPv4/,
  },
  {
    name: "no families where we speak IPv6 alone",
    open: { capabilities: [] },
    config: { families: ["IPv6"] },
    code: "2/7",
    data: [1, 4, 0, 2, 0, 1],
    says: /IPv6/,
  },
] satisfies readonly {
  name: string;
  open: Partial<OpenMessage>;
  config?: Partial<SessionConfig>;
  code: string;
  data?: readonly number[];
  says: RegExp;
}[];
for (const { name, open, config = {}, code, data = [], says } of bad)
  test(`an OPEN with ${name} is refused with ${code}`, () => {
    const refusal = refused(open, config);
    equal(`${refusal?.code}/${refusal?.subcode}`, code);
    deepEqual(Array.from(refusal?.data ?? [255]), data);
    match(refusal?.reason ?? "", says);
  });

test("our identifier in another AS is accepted", () => {
  equal(agreed({ identifier: 0x0a000001 }).peerIdentifier, 0x0a000001);
});

test("the peer's AS is the capability's, and the field's where there is none", () => {
  deepEqual(agreed({ autonomousSystem: 23456, capabilities: [fourOctet(70000)] }, { remoteAS: 70000 }).peerAS, 70000);
  const old = agreed({ capabilities: [] });
  deepEqual([old.peerAS, old.fourOctetAS], [64513, false]);
});

test("a session is internal when the AS shown to the peer is the peer's", () => {
  equal(agreed({ autonomousSystem: 64512, capabilities: [] }, { remoteAS: "internal" }).internal, true);
  equal(agreed({ autonomousSystem: 64512, capabilities: [] }, { remoteAS: "internal", ownAS: 65010 }).internal, false);
  equal(agreed({}).internal, false);
});

test("a peer that names no families speaks IPv4", () => {
  deepEqual(agreed({ capabilities: [] }, { families: ["IPv4", "IPv6"] }).families, ["IPv4"]);
});

test("the families are those of both sides, ours first come", () => {
  const families = agreed(
    { capabilities: [ipv6Capability, ipv6Capability, ipv4Capability] },
    { families: ["IPv4", "IPv6"] },
  ).families;
  deepEqual(families, ["IPv4", "IPv6"]);
});

test("an OPEN of ours without capabilities agrees on none of them", () => {
  const extended: Capability = { type: "extended-next-hop", routes: [{ afi: 1, safi: 1, nextHopAfi: 2 }] };
  const answer = answered(
    { capabilities: [ipv4Capability, ipv6Capability, extended, fourOctet(64513), restartOf(true)] },
    { families: ["IPv4", "IPv6"], extendedNextHop: true },
    "none",
  );
  if (!("negotiated" in answer)) throw new Error("refused");
  const { families, fourOctetAS, extendedNextHop, peerGracefulRestart } = answer.negotiated;
  deepEqual([families, fourOctetAS, extendedNextHop, peerGracefulRestart], [["IPv4"], false, false, undefined]);
});

function restartOf(restarting: boolean): Capability {
  const families = [
    { afi: 1, safi: 1, forwardingPreserved: true },
    { afi: 1, safi: 128, forwardingPreserved: true },
  ];
  return { type: "graceful-restart", restarting, notification: true, restartTimeSeconds: 60, families };
}

test("the peer's graceful restart is kept, with the families that we know", () => {
  deepEqual(agreed({ capabilities: [restartOf(false), restartOf(true)] }).peerGracefulRestart, {
    restarting: true,
    notification: true,
    restartTimeSeconds: 60,
    families: ["IPv4"],
  });
});

const nextHops = [
  { name: "both offer it", ours: true, routes: [{ afi: 1, safi: 1, nextHopAfi: 2 }], is: true },
  { name: "we do not", ours: false, routes: [{ afi: 1, safi: 1, nextHopAfi: 2 }], is: false },
  { name: "the peer means other routes", ours: true, routes: [{ afi: 1, safi: 128, nextHopAfi: 2 }], is: false },
];
for (const { name, ours, routes, is } of nextHops)
  test(`IPv6 next hops for IPv4 routes: ${is ? "yes" : "no"}, when ${name}`, () => {
    const capabilities: readonly Capability[] = [ipv4Capability, { type: "extended-next-hop", routes }];
    equal(agreed({ capabilities }, { extendedNextHop: ours }).extendedNextHop, is);
  });

const timers = [
  { name: "ours when it is shorter", hold: 180, ours: [90, 10_000], is: [90, 10_000] },
  { name: "the peer's when it is shorter, with a third of it", hold: 30, ours: [90, 30_000], is: [30, 10_000] },
  { name: "the peer's, and our keepalive where it is less than a third", hold: 30, ours: [90, 3000], is: [30, 3000] },
  { name: "none when the peer wants none", hold: 0, ours: [90, 30_000], is: [0, 0] },
  { name: "none when we want none", hold: 90, ours: [0, 0], is: [0, 0] },
  { name: "with a keepalive of no less than a second", hold: 90, ours: [3, 1], is: [3, 1000] },
] as const;
for (const { name, hold, ours, is } of timers)
  test(`the hold time is ${name}`, () => {
    const { holdTimeSeconds, keepaliveMs } = agreed(
      { holdTimeSeconds: hold },
      { holdTimeSeconds: ours[0], keepaliveMs: ours[1] },
    );
    deepEqual([holdTimeSeconds, keepaliveMs], is);
  });
