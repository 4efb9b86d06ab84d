import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { ToBeat } from "../threads/messages.ts";
import { type Known, MembershipFeed } from "./membership-feed.ts";

const known: Known = {
  cluster: "uid",
  pods: [{ node: "n1", address: "192.0.2.1", ready: true }],
  facts: Uint8Array.of(1),
  willing: true,
};

function setUp() {
  const told: ToBeat[] = [];
  return { feed: new MembershipFeed((message) => told.push(message)), told };
}

test("the cluster is told last and once, since the protocol begins with it", () => {
  const { feed, told } = setUp();
  feed.tell({ ...known, cluster: undefined });
  feed.tell(known);
  feed.tell(known);
  deepEqual(
    told.map(({ type }) => type),
    ["facts", "speakers", "cluster"],
  );
});

test("what is the same as before is not told again", () => {
  const { feed, told } = setUp();
  feed.tell(known);
  told.length = 0;
  feed.tell({ ...known, pods: [...known.pods], facts: Uint8Array.of(1) });
  deepEqual(told, []);
  feed.tell({ ...known, facts: Uint8Array.of(2), willing: false });
  deepEqual(told, [
    { type: "willing", willing: false },
    { type: "facts", facts: Uint8Array.of(2) },
  ]);
});
