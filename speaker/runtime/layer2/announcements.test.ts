import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "../../../crds/net/address.ts";
import type { Verdict } from "../../intent/desired.ts";
import type { Shortcoming } from "../../intent/reason.ts";
import { Announcements, type Outcome } from "./announcements.ts";

const key = "default/web";
const eth0 = new Set(["eth0"]);

function announce(ips: readonly string[], shortcoming?: Shortcoming, interfaces: readonly string[] = []): Verdict {
  const announcements = ips.map((text) => {
    const address = parseAddress(text);
    if (address === undefined) throw new RangeError(text);
    return { address, interfaces };
  });
  return { type: "announce", pool: "pool", announcements, ...(shortcoming !== undefined && { shortcoming }) };
}

function follow(announcements: Announcements, verdict: Verdict): Outcome {
  return announcements.follow([{ key, verdict, touched: "service", relieves: false }], eth0, true);
}

test("a withdrawal names the node that announces instead", () => {
  const announcements = new Announcements();
  follow(announcements, announce(["192.0.2.1"]));
  const owner = { by: "herald", node: "n2" } as const;
  const { transitions } = follow(announcements, { type: "silent", reason: "notOwner", owner });
  deepEqual(
    transitions.map((one) => [one.reason, one.owner, one.touched]),
    [["notOwner", "n2", "service"]],
  );
});

test("a withdrawal names nobody where nobody announces instead", () => {
  const announcements = new Announcements();
  follow(announcements, announce(["192.0.2.1"]));
  const { transitions } = follow(announcements, { type: "silent", reason: "notMember", owner: { by: "nobody" } });
  equal(transitions[0]?.owner, undefined);
});

test("what all nodes lack is told once, and again when it is something else or the addresses are", () => {
  const announcements = new Announcements();
  const told = (verdict: Verdict): readonly string[] => follow(announcements, verdict).unreachable.map((one) => one.shortcoming);
  deepEqual(told(announce(["192.0.2.1"], "noNodeReachesSubnet")), ["noNodeReachesSubnet"]);
  deepEqual(told(announce(["192.0.2.1"], "noNodeReachesSubnet")), []);
  deepEqual(told(announce(["192.0.2.1"], "noNodeHasInterface")), ["noNodeHasInterface"]);
  deepEqual(told(announce(["192.0.2.2"], "noNodeHasInterface")), ["noNodeHasInterface"]);
});

test("what was lacking is over when it is there, and when the Service is announced here no more", () => {
  const announcements = new Announcements();
  follow(announcements, announce(["192.0.2.1"], "noNodeReachesSubnet"));
  equal(announcements.unreachable.size, 1);
  follow(announcements, announce(["192.0.2.1"]));
  equal(announcements.unreachable.size, 0);
  follow(announcements, announce(["192.0.2.1"], "noNodeReachesSubnet"));
  follow(announcements, { type: "silent", reason: "notOwner" });
  equal(announcements.unreachable.size, 0);
});

test("of many Services that cannot be reached the first hundred are told one by one, and all are known", () => {
  const announcements = new Announcements();
  const verdict = announce(["192.0.2.1"], "noNodeReachesSubnet");
  const decisions = Array.from({ length: 150 }, (_, i) => ({
    key: `default/s${i}`,
    verdict,
    touched: undefined,
    relieves: false,
  }));
  equal(announcements.follow(decisions, eth0, true).unreachable.length, 100);
  equal(announcements.unreachable.size, 150);
});

test("where the interface does not exist that alone is told: nothing is announced", () => {
  const { failures, unreachable } = follow(new Announcements(), announce(["192.0.2.1"], "noNodeHasInterface", ["eth7"]));
  deepEqual([failures, unreachable], [[{ key, ip: "192.0.2.1" }], []]);
});
