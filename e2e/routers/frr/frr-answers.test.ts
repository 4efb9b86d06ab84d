import { deepEqual, equal, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { frrBfd, frrPaths, frrPrefixes, frrSession } from "./frr-answers.ts";

/** What FRR 8.4.4 answered. */
const recorded = (name: string): string => readFileSync(join(import.meta.dirname, "fixture", name), "utf8");
const nameOf = (peer: string): string | undefined => ({ "fd30::100": "bird", "172.30.0.12": "internal" })[peer];

test("an established session has the negotiated timers and the number of accepted prefixes", () => {
  deepEqual(frrSession(recorded("session.json")), {
    ...{ state: "Established", holdSeconds: 30, keepaliveSeconds: 10 },
    ...{ lastError: "Waiting for peer OPEN", drops: 0, prefixes: 2 },
  });
});

test("a refused session says why, and has no timers", () => {
  const lastError = "OPEN Message Error/Bad Peer AS";
  deepEqual(frrSession(recorded("refused.json")), { state: "Idle", lastError, drops: 0, prefixes: 0 });
});

test("a neighbour that bgpd does not know is an error", () => {
  throws(() => frrSession('{"bgpNoSuchNeighbor":true}'), /does not know this neighbour/);
});

test("a path has every attribute, the link-local next hop after the global one", () => {
  deepEqual(frrPaths(recorded("paths-ipv6.json"), nameOf), [
    {
      neighbor: "bird",
      nextHops: ["fd30::100", "fe80::8cb5:a1ff:fe6f:35cc"],
      asPath: "65002 65002",
      origin: "igp",
      med: 70,
      communities: ["65001:1", "65001:2"],
      largeCommunities: ["4200000003:2:3", "65001:4:5"],
      best: true,
      stale: false,
    },
  ]);
});

test("an internal path has the local preference, and an empty AS path", () => {
  const [path] = frrPaths(recorded("paths-internal.json"), nameOf);
  deepEqual([path?.neighbor, path?.localPref, path?.asPath, path?.stale], ["internal", 200, "", false]);
});

test("a path that is kept for a restarting neighbour is stale", () => {
  deepEqual(
    frrPaths(recorded("paths-stale.json"), nameOf).map(({ stale }) => stale),
    [true],
  );
});

test("paths of nobody described, and no answer, are none", () => {
  deepEqual(
    frrPaths(recorded("paths-ipv6.json"), () => undefined),
    [],
  );
  deepEqual(frrPaths("{}", nameOf), []);
});

test("the prefixes are those that neighbours announce, not the router's own", () => {
  deepEqual(frrPrefixes(recorded("prefixes.json")), [
    "10.2.0.0/24",
    "10.2.7.128/25",
    "10.3.0.0/24",
    "10.4.0.0/24",
    "10.9.1.0/24",
  ]);
});

test("a BFD session has the other side's intervals", () => {
  const [peers, counters] = [recorded("bfd.json"), recorded("bfd-counters.json")];
  const remote = { receiveMs: 200, transmitMs: 300, echoReceiveMs: 0, multiplier: 3 };
  deepEqual(frrBfd(peers, counters, "fd30::100"), { state: "Up", remote, detectionMs: 900, drops: 0 });
  equal(frrBfd(peers, counters, "172.30.0.100"), undefined);
});
