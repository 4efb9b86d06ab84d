import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { peer } from "../../../crds/config/fixture/peers.ts";
import type { Peer } from "../../../crds/config/snapshot.ts";
import { routerAddress } from "../fixture/session.ts";
import { sessionConfigOf } from "./session-config.ts";
import { type PlannedSession, planSessions, sessionChanges } from "./session-plan.ts";

const facts = { nodeName: "n1", listening: false };

const ipv6 = { type: "address", address: { family: "IPv6", bits: 1n } } as const;
const unnumbered = { type: "interface", name: "eth1" } as const;

const transports: readonly { readonly name: string; readonly peer: Partial<Peer>; readonly is: readonly unknown[] }[] = [
  { name: "an external IPv4 peer must be next to us", peer: {}, is: [1, undefined, true] },
  { name: "an external IPv6 peer has TTL 1 alone", peer: { endpoint: ipv6 }, is: [1, undefined, false] },
  { name: "a peer over several hops may be anywhere", peer: { ebgpMultiHop: true }, is: [255, undefined, false] },
  { name: "an internal peer may be anywhere", peer: { remoteAS: 64512 }, is: [255, undefined, false] },
  { name: "an internal peer of any number may be anywhere", peer: { remoteAS: "internal" }, is: [255, undefined, false] },
  { name: "an external peer of any number must be next to us", peer: { remoteAS: "external" }, is: [1, undefined, true] },
  { name: "another number shown changes no distance", peer: { remoteAS: 64512, localASN: 65010 }, is: [255, undefined, false] },
  { name: "TTL security of one hop takes 255 alone", peer: { ttlSecurityHops: 1 }, is: [255, 255, true] },
  { name: "TTL security of four hops", peer: { ttlSecurityHops: 4, ebgpMultiHop: true }, is: [255, 252, false] },
];
for (const { name, peer: changes, is } of transports)
  test(name, () => {
    const { ttl, minimumTtl, onConnectedPrefix } = sessionConfigOf(peer("a", changes), facts).transport;
    deepEqual([ttl, minimumTtl, onConnectedPrefix], is);
  });

const families: readonly { readonly name: string; readonly peer: Partial<Peer>; readonly is: readonly unknown[] }[] = [
  { name: "an IPv4 peer", peer: {}, is: ["IPv4", false] },
  { name: "an IPv6 peer", peer: { endpoint: ipv6 }, is: ["IPv6", false] },
  { name: "an IPv4 peer of both", peer: { dualStack: true }, is: ["IPv4,IPv6", false] },
  { name: "an IPv6 peer of both, with IPv6 next hops", peer: { dualStack: true, endpoint: ipv6 }, is: ["IPv4,IPv6", true] },
  { name: "an unnumbered peer, with IPv6 next hops", peer: { endpoint: unnumbered }, is: ["IPv4,IPv6", true] },
];
for (const { name, peer: changes, is } of families)
  test(`families of ${name}`, () => {
    const config = sessionConfigOf(peer("a", changes), facts);
    deepEqual([config.families.join(), config.extendedNextHop], is);
  });

test("timers are the peer's, or those that the standard suggests", () => {
  const timers = { holdTimeSeconds: 0, keepaliveTimeMs: 0 };
  const of = (changes: Partial<Peer>) => {
    const { holdTimeSeconds, keepaliveMs, connectTimeMs } = sessionConfigOf(peer("a", changes), facts);
    return [holdTimeSeconds, keepaliveMs, connectTimeMs];
  };
  deepEqual(of({}), [90, 30_000, undefined]);
  deepEqual(of({ timers, connectTimeSeconds: 5 }), [0, 0, 5000]);
});

test("connections are taken where this speaker listens, and a passive peer is not connected to", () => {
  const of = (changes: Partial<Peer>, listening: boolean) => {
    const { passive, acceptsInbound } = sessionConfigOf(peer("a", changes), { ...facts, listening });
    return [passive, acceptsInbound];
  };
  deepEqual(
    [of({}, false), of({}, true), of({ passive: true }, true)],
    [
      [false, false],
      [false, true],
      [true, true],
    ],
  );
});

test("peers of other nodes have no session here", () => {
  deepEqual(planSessions([peer("a", { nodes: new Set(["n2"]) })], facts), []);
});

const running = (...peers: readonly Peer[]): ReadonlyMap<string, PlannedSession> =>
  new Map(planSessions(peers, facts).map((session) => [session.key, session]));

function changes(before: readonly Peer[], after: readonly Peer[]): readonly string[] {
  return sessionChanges(running(...before), planSessions(after, facts)).map((change) =>
    change.type === "stop" ? `stop ${change.reason.type}` : `${change.type} ${change.session.peers.join()}`,
  );
}

test("a peer that appears is started, and one that goes is removed", () => {
  deepEqual(changes([], [peer("a")]), ["start a"]);
  deepEqual(changes([peer("a")], []), ["stop peer-removed"]);
  deepEqual(changes([peer("a")], [peer("a", { nodes: new Set() })]), ["stop peer-removed"]);
});

test("a peer that stays as it is costs nothing", () => {
  deepEqual(changes([peer("a")], [peer("a", { generation: 2, nodes: new Set(["n1", "n2"]) })]), []);
});

test("a peer under another name keeps its session", () => {
  deepEqual(changes([peer("a")], [peer("b")]), ["update b"]);
});

const inPlace: readonly Partial<Peer>[] = [
  { timers: { holdTimeSeconds: 9, keepaliveTimeMs: 3000 } },
  { connectTimeSeconds: 5 },
  { bfdProfile: "fast" },
];
for (const change of inPlace)
  test(`a change of ${Object.keys(change).join()} leaves the session up`, () => {
    deepEqual(changes([peer("a")], [peer("a", change)]), ["update a"]);
  });

const anew: readonly Partial<Peer>[] = [
  { remoteAS: 64514 },
  { remoteAS: "external" },
  { myASN: 64600 },
  { localASN: 64600 },
  { port: 1790 },
  { endpoint: ipv6 },
  { sourceAddress: routerAddress },
  { vrf: "red" },
  { password: { type: "octets", octets: [0x78] } },
  { routerID: 9 },
  { ebgpMultiHop: true },
  { dualStack: true },
  { passive: true },
  { ttlSecurityHops: 1 },
];
for (const change of anew)
  test(`a change of ${Object.keys(change).join()} to ${Object.values(change)
    .map((value) => JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}` : part)))
    .join()} makes another session`, () => {
    deepEqual(changes([peer("a")], [peer("a", change)]), ["stop configuration-changed", "start a"]);
  });

test("two peers with the same router are one session for both, as the first of them says it", () => {
  const slow = { timers: { holdTimeSeconds: 180, keepaliveTimeMs: 60_000 } };
  const [session, ...others] = planSessions([peer("b", { ...slow, bfdProfile: "fast" }), peer("a")], facts);
  deepEqual([session?.peers, session?.config.holdTimeSeconds, session?.bfdProfile, others], [["a", "b"], 90, "fast", []]);
});

test("a peer that is not ready opens no session, and ends none", () => {
  const waiting = peer("a", { notReady: "no Secret" });
  deepEqual(changes([], [waiting]), []);
  const [change] = sessionChanges(running(peer("a", { routerID: 9 })), planSessions([waiting], facts));
  equal(change?.type === "update" && change.session.config.routerID, 9);
});

test("no password is in a key", () => {
  const [session] = planSessions([peer("a", { password: { type: "octets", octets: [115, 51, 99] } })], facts);
  equal(session?.key.includes("115,51,99"), false);
});
