import { deepEqual, equal, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { birdBfd, birdPaths, birdPrefixes, birdSession, isRestarting } from "./bird-answers.ts";

/** What BIRD 2.0.12 answered. */
const recorded = (name: string): string => readFileSync(join(import.meta.dirname, "fixture", name), "utf8");
const nobody: ReadonlySet<string> = new Set();

test("an established session has the negotiated timers and the number of imported prefixes", () => {
  const expected = { state: "Established", holdSeconds: 30, keepaliveSeconds: 10, drops: 0, prefixes: 3 };
  deepEqual(birdSession(recorded("session.txt"), "", "frr4"), expected);
});

test("the drops are the times that the log saw the session leave the state up", () => {
  equal(birdSession(recorded("session.txt"), recorded("states.txt"), "frr4").drops, 2);
  equal(birdSession(recorded("session.txt"), recorded("states.txt"), "frr").drops, 0);
});

test("a session whose neighbour restarts says why it ended, and that its routes are kept", () => {
  const expected = { state: "Active", lastError: "Socket: Connection closed", drops: 0, prefixes: 2 };
  deepEqual(birdSession(recorded("restarting.txt"), "", "frr4"), expected);
  deepEqual([recorded("restarting.txt"), recorded("session.txt")].map(isRestarting), [true, false]);
});

test("a protocol that BIRD does not have is an error", () => {
  throws(() => birdSession("BIRD 2.0.12 ready.\n", "", "frr4"), /does not know neighbour "frr4"/);
});

const path = {
  neighbor: "frr6",
  nextHops: ["fd30::1", "fe80::10c4:95ff:fea3:e651"],
  asPath: "65001 65001",
  origin: "igp",
  med: 70,
  localPref: 100,
  communities: ["65001:1", "65001:2"],
  largeCommunities: ["4200000003:2:3", "65001:4:5"],
  best: true,
  stale: false,
};

test("a path has every attribute, the link-local next hop after the global one", () => {
  deepEqual(birdPaths(recorded("paths-ipv6.txt"), nobody), [path]);
});

test("paths of a neighbour that restarts are stale", () => {
  deepEqual(birdPaths(recorded("paths-ipv6.txt"), new Set(["frr6"])), [{ ...path, stale: true }]);
});

test("an AS path that is empty does not swallow the next line", () => {
  const [internal] = birdPaths(recorded("paths-internal.txt"), nobody);
  deepEqual([internal?.asPath, internal?.localPref, internal?.nextHops], ["", 150, ["172.30.0.1"]]);
});

test("of two paths to one prefix only the first says the prefix, and one is best", () => {
  const second = `                     unicast [other 02:07:02.531 from fd30::2] (100) [AS65003?]
\tvia fd30::3 on eth0
\tType: BGP univ
\tBGP.origin: Incomplete
\tBGP.as_path: 65003 {65005 65004}
\tBGP.next_hop: fd30::3
\tBGP.local_pref: 100
`;
  const paths = birdPaths(recorded("paths-ipv6.txt") + second, nobody);
  deepEqual(
    paths.map(({ neighbor, best, asPath }) => [neighbor, best, asPath]),
    [
      ["frr6", true, "65001 65001"],
      ["other", false, "65003 {65004,65005}"],
    ],
  );
});

test("the prefixes of a table", () => {
  deepEqual(birdPrefixes(recorded("prefixes.txt")), ["10.3.0.0/24", "10.1.0.0/24", "10.9.1.0/24", "10.9.0.0/20", "10.9.0.0/16"]);
});

test("a BFD session has its detection time", () => {
  deepEqual(birdBfd(recorded("bfd.txt"), "", "fd30::1"), { state: "Up", detectionMs: 900, drops: 0 });
  equal(birdBfd(recorded("bfd.txt"), "", "172.30.0.1"), undefined);
});

test("the drops of a BFD session are the times that the log saw it leave the state up", () => {
  const change = (address: string, from: string, to: string): string =>
    `2026-11-22 02:27:13.870 <TRACE> bfd1: Session to ${address} changed state from ${from} to ${to}\n`;
  const log = [
    change("fd30::1", "Down", "Up"),
    change("fd30::1", "Up", "Down"),
    change("fd30::1", "Init", "Up"),
    change("fd30::1", "Up", "AdminDown"),
    change("fd30::11", "Up", "Down"),
  ].join("");
  equal(birdBfd(recorded("bfd.txt"), log, "fd30::1")?.drops, 2);
});
