import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { fitMessage } from "../../../crds/config/bgp/community-room.ts";
import { formatPrefix } from "../../../crds/net/prefix.ts";
import { PeerView } from "../fixture/peer-view.ts";
import { address, announcementOf, attributesWith, dualStackSession, type Said } from "../fixture/sample-routes.ts";
import { AdjRibOut, type OutgoingSession } from "./adj-rib-out.ts";
import { RouteTable } from "./route-table.ts";

function opened(session: OutgoingSession = dualStackSession, peer = new PeerView()) {
  const table = new RouteTable();
  table.setComplete();
  const out = new AdjRibOut(table.routesFor("router"));
  const set = (service: string, prefixes: readonly string[], said: Said = {}) =>
    out.changed(
      table.set(
        service,
        prefixes.map((prefix) => announcementOf(prefix, said)),
      ),
    );
  const send = (limit = 100): number => {
    const before = peer.messages;
    while (!out.idle) peer.hear(out.next(limit));
    return peer.messages - before;
  };
  out.open(session);
  return { table, out, peer, set, send };
}

const manyHosts = (count: number) => Array.from({ length: count }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`);

test("10,000 host routes with one set of attributes take at most 15 UPDATEs, and as few to be withdrawn", () => {
  const { table, out, peer, set, send } = opened();
  for (const [i, prefix] of manyHosts(10_000).entries()) set(`ns/s${i}`, [prefix]);
  ok(send() <= 15);
  equal(peer.routes.size, 10_000);
  for (let i = 0; i < 10_000; i += 1) out.changed(table.set(`ns/s${i}`, []));
  ok(send() <= 15);
  equal(peer.routes.size, 0);
});

test("before the routes are complete only full messages are sent, and the rest when they are", () => {
  const table = new RouteTable();
  const [out, peer] = [new AdjRibOut(table.routesFor("router")), new PeerView()];
  out.open(dualStackSession);
  for (const prefix of manyHosts(10_000)) {
    out.changed(table.set(`ns/${prefix}`, [announcementOf(prefix)]));
    while (!out.idle) peer.hear(out.next(1));
  }
  const early = [peer.messages, peer.routes.size] as const;
  ok(early[0] === 12 && early[1] > 9_000 && early[1] < 10_000, `${early}`);
  table.setComplete();
  equal(out.idle, false);
  while (!out.idle) peer.hear(out.next(1));
  deepEqual([peer.messages, peer.routes.size], [13, 10_000]);
});

test("all can be withdrawn before the routes are complete", () => {
  const table = new RouteTable();
  const [out, peer] = [new AdjRibOut(table.routesFor("router")), new PeerView()];
  out.open(dualStackSession);
  out.changed(
    table.set(
      "ns/a",
      manyHosts(1_000).map((prefix) => announcementOf(prefix)),
    ),
  );
  while (!out.idle) peer.hear(out.next(1));
  ok(peer.routes.size > 0 && peer.routes.size < 1_000);
  out.withdrawAll();
  for (let calls = 0; calls < 10 && !out.idle; calls += 1) peer.hear(out.next(1));
  deepEqual([out.idle, peer.routes.size], [true, 0]);
});

test("routes of several attribute sets that come mixed still share UPDATEs", () => {
  const { set, send } = opened();
  for (const [i, prefix] of manyHosts(8_000).entries()) set(`ns/s${i}`, [prefix], { communities: [`1:${i % 10}`] });
  ok(send() <= 10);
});

test("one call gives no more than its limit, and the rest is not lost", () => {
  const { out, peer, set } = opened();
  for (let i = 0; i < 20; i += 1) set(`ns/s${i}`, [`10.0.0.${i}/32`], { communities: [`1:${i}`] });
  const updates = out.next(3);
  equal(updates.length, 3);
  peer.hear(updates);
  while (!out.idle) peer.hear(out.next(3));
  equal(peer.routes.size, 20);
});

test("a route that came and went before anything was sent is never mentioned", () => {
  const { out, set, send } = opened();
  send();
  set("ns/a", ["10.0.0.1/32"]);
  set("ns/a", []);
  equal(send(), 0);
  ok(out.idle);
});

test("changed attributes are sent over the old ones, without a withdrawal between", () => {
  const { peer, set, send } = opened();
  set("ns/a", ["10.0.0.1/32"]);
  send();
  set("ns/a", ["10.0.0.1/32"], { communities: ["1:1"] });
  equal(send(), 1);
  ok(peer.routes.get("10.0.0.1/32")?.includes('["communities",[65537]]'));
});

test("withdrawals do not wait for the end of a first send", () => {
  const { out, peer, set } = opened();
  for (let i = 0; i < 3; i += 1) set(`ns/s${i}`, manyHosts(2_400).slice(i * 800, (i + 1) * 800));
  peer.hear(out.next(1));
  const told = [...peer.routes.keys()][0] ?? "";
  const before = peer.routes.size;
  set(
    "ns/s0",
    manyHosts(800).filter((prefix) => prefix !== told),
  );
  for (let i = 0; i < 3 && peer.routes.has(told); i += 1) peer.hear(out.next(1));
  ok(!peer.routes.has(told));
  ok(before < 2_400 && !out.idle);
});

test("one call looks at few routes, and a message takes no more looks than fill it", () => {
  const table = new RouteTable();
  const routes = table.routesFor("router");
  let looks = 0;
  const attributesOf = (key: string) => {
    looks += 1;
    return routes.attributesOf(key);
  };
  const out = new AdjRibOut({ ...routes, attributesOf });
  const peers = ["other"];
  for (const [i, prefix] of manyHosts(10_000).entries()) table.set(`ns/s${i}`, [announcementOf(prefix)]);
  out.open(dualStackSession);
  for (let before = 0; out.next(1).length === 0; before = looks) ok(looks - before <= 256, `${looks - before}`);
  ok(looks < 2_000, `${looks}`);
  for (const [i, prefix] of manyHosts(10_000).entries()) table.set(`ns/s${i}`, [announcementOf(prefix, { peers })]);
  for (const change of [() => undefined, () => out.changed(routes.keys())]) {
    out.open(dualStackSession);
    change();
    looks = 0;
    deepEqual(out.next(1), []);
    ok(looks > 100 && looks <= 256 && !out.idle, `${looks}`);
  }
});

test("routes of a family that the session has not, or has no next hop for, are not sent", () => {
  const { IPv4 = [] } = dualStackSession.nextHops;
  const onlyIpv4 = opened({ ...dualStackSession, families: ["IPv4"] });
  const withoutHop = opened({ ...dualStackSession, nextHops: { IPv4 } });
  for (const { set, send, peer } of [onlyIpv4, withoutHop]) {
    set("ns/a", ["10.0.0.1/32", "fd00::1/128"]);
    send();
    deepEqual([...peer.routes.keys()], ["10.0.0.1/32"]);
  }
});

test("a refresh sends the routes of its family again, and nothing else", () => {
  const { out, peer, set, send } = opened();
  set("ns/a", ["10.0.0.1/32", "fd00::1/128"]);
  send();
  out.refresh("IPv6");
  const updates = out.next(10);
  deepEqual(
    updates.map(({ nlri, attributes }) => [nlri.length, attributes.mpReach?.nlri.map(formatPrefix)]),
    [[0, ["fd00::1/128"]]],
  );
  peer.hear(updates);
  ok(out.idle);
});

test("a route that went while it was to be sent again is withdrawn", () => {
  const { out, peer, set, send } = opened();
  set("ns/a", ["10.0.0.1/32"]);
  send();
  out.refresh("IPv4");
  set("ns/a", []);
  send();
  equal(peer.routes.size, 0);
});

test("a new session is told everything again, with its own next hop", () => {
  const { out, set, send } = opened();
  set("ns/a", ["10.0.0.1/32"]);
  send();
  out.open({ ...dualStackSession, nextHops: { IPv4: [{ family: "IPv4", bits: 7n }] } });
  deepEqual(out.next(10)[0]?.attributes.nextHop, { family: "IPv4", bits: 7n });
});

test("without a session nothing is sent and nothing is kept for later", () => {
  const { out, set } = opened();
  out.close();
  set("ns/a", ["10.0.0.1/32"]);
  deepEqual(out.next(10), []);
  ok(out.idle);
});

test("a route whose attributes alone fill a message is not sent, is withdrawn if it was, and is named", () => {
  const { out, peer, set, send } = opened();
  const tooMany = Array.from({ length: 1_100 }, (_, i) => `1:${i}`);
  set("ns/a", ["10.0.0.1/32"]);
  send();
  set("ns/a", ["10.0.0.1/32"], { communities: tooMany });
  set("ns/b", ["10.0.0.2/32"]);
  send();
  deepEqual([...peer.routes.keys()], ["10.0.0.2/32"]);
  equal(out.unsendable.length, 1);
  set("ns/a", []);
  send();
  equal(out.unsendable.length, 0);
});

test("the shortest of all routes is not sent with communities that compile holds to fit no message, and is with fewer", () => {
  for (const count of [1_010, 1_011]) {
    const { out, set } = opened({ ...dualStackSession, fourOctetAs: false });
    const communities = Array.from({ length: count }, (_, i) => `1:${i}`);
    set("ns/a", ["128.0.0.0/1"], { communities });
    out.next(1);
    equal(out.unsendable.length === 0, fitMessage(attributesWith({ communities }).communities));
  }
});

test("what the peer was told can be read back, but for what it is being told again", () => {
  const { out, set, send } = opened();
  set("ns/a", ["10.0.0.1/32"], { localPref: 7 });
  send();
  deepEqual(
    [...out.told()].map(({ prefix, attributes }) => [formatPrefix(prefix), attributes.localPref]),
    [["10.0.0.1/32", 7]],
  );
  out.refresh("IPv4");
  deepEqual([...out.told()], []);
});

test("an internal peer reads LOCAL_PREF as it was said, with all its 32 bits", () => {
  const { peer, set, send } = opened({ ...dualStackSession, internal: true }, new PeerView(false));
  for (const localPref of [2_147_483_647, 2_147_483_648, 3_000_000_000, 4_294_967_295]) {
    set("ns/a", ["10.0.0.1/32", "fd00::1/128"], { localPref });
    send();
    for (const prefix of ["10.0.0.1/32", "fd00::1/128"]) {
      const said = peer.routes.get(prefix) ?? "";
      ok(said.includes(`["localPref",${localPref}]`), said);
    }
  }
});

test("another next hop is told for every route of its family, and for no other", () => {
  const { out, peer, set, send } = opened();
  set("ns/a", ["10.0.0.1/32", "10.0.0.2/32", "fd00::1/128"]);
  send();
  const before = peer.routes.get("10.0.0.1/32");
  out.setNextHops({ ...dualStackSession.nextHops, IPv6: [address("fd00::9")] });
  equal(send(), 1);
  match(peer.routes.get("fd00::1/128") ?? "", /fd00::9/);
  equal(peer.routes.get("10.0.0.1/32"), before);
  out.setNextHops({ ...dualStackSession.nextHops, IPv6: [address("fd00::9")] });
  equal(send(), 0);
});

test("routes of a family that gets its first next hop are told, and withdrawn when it has none any more", () => {
  const { IPv4 = [], IPv6 = [] } = dualStackSession.nextHops;
  const { out, peer, set, send } = opened({ ...dualStackSession, nextHops: { IPv4 } });
  set("ns/a", ["10.0.0.1/32", "fd00::1/128"]);
  send();
  deepEqual([...peer.routes.keys()], ["10.0.0.1/32"]);
  out.setNextHops({ IPv4, IPv6 });
  send();
  deepEqual([...peer.routes.keys()].sort(), ["10.0.0.1/32", "fd00::1/128"]);
  out.setNextHops({ IPv4 });
  send();
  deepEqual([...peer.routes.keys()], ["10.0.0.1/32"]);
});
