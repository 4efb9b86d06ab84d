import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { membersNamed } from "../../membership/members.ts";
import { MemberMacs } from "./member-macs.ts";

const mac = Uint8Array.of(2, 0, 0, 0, 0, 2);
const facts = (...macs: readonly Uint8Array[]) => ({
  interfaces: macs.map((own, i) => ({ name: `eth${i}`, mac: own, prefixes: [] })),
  setAside: [],
  complete: true,
});
const saying = (node: string, ...macs: readonly Uint8Array[]) => ({
  ...membersNamed([node]),
  facts: new Map([[node, facts(...macs)]]),
});

test("a hardware address stays its node's when the node names it no more, as of a cable that was pulled", () => {
  const macs = new MemberMacs("n1");
  macs.follow(saying("n2", mac));
  macs.follow(saying("n2"));
  equal(macs.nodeOf("02:00:00:00:00:02"), "n2");
  deepEqual(macs.of(["n2", "n3"]), [{ node: "n2", mac }]);
  deepEqual(macs.of(["n3"]), []);
});

test("a hardware address that another node names is that node's", () => {
  const macs = new MemberMacs("n1");
  macs.follow(saying("n2", mac));
  macs.follow(saying("n3", mac));
  deepEqual(macs.of(["n2", "n3"]), [{ node: "n3", mac }]);
});
