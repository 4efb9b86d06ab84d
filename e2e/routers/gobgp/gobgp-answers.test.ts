import { deepEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gobgpPaths, gobgpPrefixes, gobgpSession } from "./gobgp-answers.ts";

/** What GoBGP 3.10.0 answered. */
const recorded = (name: string): string => readFileSync(join(import.meta.dirname, "fixture", name), "utf8");
const nameOf = (address: string): string | undefined => (address === "172.30.0.1" ? "frr" : undefined);

test("an established session has the negotiated timers and the number of accepted prefixes", () => {
  const expected = { state: "Established", holdSeconds: 30, keepaliveSeconds: 10, drops: 0, prefixes: 3 };
  deepEqual(gobgpSession(recorded("session.json"), "", "172.30.0.1"), expected);
});

test("a refused session says why, as the log has it", () => {
  const lastError = "sent notification: as number mismatch expected 65999, received 65001";
  const expected = { state: "Idle", lastError, drops: 0, prefixes: 0 };
  deepEqual(gobgpSession(recorded("refused.json"), recorded("refused.txt"), "172.30.0.1"), expected);
});

test("the drops are the neighbour's own times that the log calls it down; half a line is not read", () => {
  const down = (key: string): string => `{"Key":"${key}","Reason":"hold timer expired","level":"info","msg":"Peer Down"}\n`;
  const log = `${down("172.30.0.1")}${down("172.30.0.2")}${down("172.30.0.1")}{"Key":"172.30.0.1","ms`;
  const { drops, lastError } = gobgpSession(recorded("session.json"), log, "172.30.0.1");
  deepEqual({ drops, lastError }, { drops: 2, lastError: "Peer Down: hold timer expired" });
});

const attributes = {
  neighbor: "frr",
  asPath: "65001 65001",
  origin: "igp",
  med: 70,
  communities: ["65001:1", "65001:2"],
  largeCommunities: ["4200000003:2:3", "65001:4:5"],
  best: true,
  stale: false,
};

test("a path has every attribute, with the next hop of its family", () => {
  deepEqual(gobgpPaths(recorded("paths-ipv4.json"), nameOf), [{ ...attributes, nextHops: ["172.30.0.1"] }]);
  const [path] = gobgpPaths(recorded("paths-ipv6.json"), nameOf);
  deepEqual({ ...path, nextHops: path?.nextHops.length }, { ...attributes, nextHops: 1 });
});

test("a set in an AS path is in braces, sorted", () => {
  const asPaths = [
    { segment_type: 2, num: 1, asns: [65001] },
    { segment_type: 1, num: 2, asns: [65004, 65003] },
  ];
  const attrs = [{ type: 2, as_paths: asPaths }];
  const json = JSON.stringify({ "10.9.0.0/20": [{ best: true, stale: true, attrs, "neighbor-ip": "172.30.0.1" }] });
  deepEqual(gobgpPaths(json, nameOf), [
    {
      ...{ neighbor: "frr", nextHops: [], asPath: "65001 {65003,65004}", origin: "incomplete" },
      ...{ communities: [], largeCommunities: [], best: true, stale: true },
    },
  ]);
});

test("an empty answer has no path, and neither have routes of the router itself", () => {
  deepEqual(gobgpPaths("{}", nameOf), []);
  deepEqual(gobgpPaths("null", nameOf), []);
  deepEqual(gobgpPrefixes(recorded("prefixes.json")), ["10.1.0.0/24", "10.2.0.0/24", "10.2.7.128/25", "10.9.0.0/16"]);
});
