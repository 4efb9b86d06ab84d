import { deepEqual, equal } from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import { parseAddress } from "../../crds/net/address.ts";
import { membersNamed } from "../membership/members.ts";
import type { Context } from "./context.ts";
import { decide } from "./desired.ts";
import { advertisement, context, node, service } from "./fixture/world.ts";
import type { L2Announcement } from "./intent.ts";
import type { Sha256 } from "./l2-election.ts";
import type { Reason } from "./reason.ts";

const sha256: Sha256 = (text) => hash("sha256", text, "buffer");
const serving = [{ nodeName: "a", canServe: true }];

/** Node a, which cannot tell whether b lives and so is no candidate itself. */
const cutOff = context(["a", "b"], sha256, { members: { ...membersNamed(["b"]), conduct: "freeze" } });

function announcing(...addresses: readonly string[]): readonly L2Announcement[] {
  return addresses.map((text) => {
    const address = parseAddress(text);
    if (address === undefined) throw new RangeError(text);
    return { address, interfaces: ["eth0"] };
  });
}

function verdictOn(
  ctx: Context,
  now: readonly L2Announcement[],
  of = service(),
  endpoints = serving,
): readonly L2Announcement[] | Reason {
  const verdict = decide(of, endpoints, ctx, now);
  return verdict.type === "silent" ? verdict.reason : verdict.announcements;
}

test("a node that is cut off keeps what it announces, on the interfaces that it had", () => {
  deepEqual(verdictOn(cutOff, announcing("192.0.2.1")), announcing("192.0.2.1"));
});

test("a node that is cut off takes nothing", () => {
  equal(verdictOn(cutOff, []), "cutOff");
});

test("a node that is cut off gives up an address that the Service has no more, and does not take its new one", () => {
  const moved = service({ ingress: ["192.0.2.2"] });
  equal(verdictOn(cutOff, announcing("192.0.2.1"), moved), "cutOff");
  const both = service({ ingress: ["192.0.2.2", "192.0.2.1"] });
  deepEqual(verdictOn(cutOff, announcing("192.0.2.1"), both), announcing("192.0.2.1"));
});

test("a node that is cut off gives up what no node is to announce", () => {
  equal(verdictOn(cutOff, announcing("192.0.2.1"), service({ isLoadBalancer: false })), "notLoadBalancer");
  equal(verdictOn(cutOff, announcing("192.0.2.1"), service(), []), "noEndpoints");
});

test("a node that is cut off gives up what itself is not to announce, whoever else is there", () => {
  const unavailable = new Map([["a", node("a", { networkUnavailable: true })]]);
  equal(verdictOn({ ...cutOff, nodes: unavailable }, announcing("192.0.2.1")), "nodeNetworkUnavailable");
  const deselected = snapshot(pool("pool", ["192.0.2.0/24"], { l2: [advertisement(["b"])] }));
  equal(verdictOn({ ...cutOff, snapshot: deselected }, announcing("192.0.2.1")), "noMatchingAdvertisement");
});

test("a node that is cut off gives way to a speaker of MetalLB's", () => {
  equal(verdictOn({ ...cutOff, foreignSpeakers: new Set(["b"]) }, announcing("192.0.2.1")), "foreignSpeaker");
});

test("a node that has not joined gives up what it announces", () => {
  const joining = { ...cutOff, members: { ...cutOff.members, conduct: "joining" as const } };
  equal(verdictOn(joining, announcing("192.0.2.1")), "membershipUnknown");
});

test("a node that takes part does not keep what another was elected for", () => {
  const together = { ...cutOff, members: membersNamed(["b"]) };
  equal(verdictOn(together, announcing("192.0.2.1")), "notMember");
});
