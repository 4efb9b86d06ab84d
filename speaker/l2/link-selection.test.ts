import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toHex } from "../codec/octets.ts";
import { anyExists, type LinkView, sameEnds, selectLinks } from "./link-selection.ts";

const linkLocal = { address: "fe80::1", tentative: false };

function link(changes: Partial<LinkView> = {}): LinkView {
  return {
    index: 2,
    name: "eth0",
    mac: fromHex("020000000001"),
    up: true,
    carrier: true,
    broadcast: true,
    noArp: false,
    addresses: [{ address: "192.0.2.1", tentative: false }, linkLocal],
    ...changes,
  };
}

/** What answers on the link, such as `arp ndp`. */
function answers(one: LinkView): string {
  const [wire] = selectLinks([one], () => false).wire;
  return [wire?.arp && "arp", wire?.linkLocal && "ndp"].filter(Boolean).join(" ");
}

for (const { rule, changes, expected } of [
  { rule: "in good order", changes: {}, expected: "arp ndp" },
  { rule: "that is down", changes: { up: false }, expected: "" },
  { rule: "with a master (bridge port, bond slave, VRF member)", changes: { master: 7 }, expected: "" },
  { rule: "with NOARP", changes: { noArp: true }, expected: "" },
  { rule: "without a hardware address", changes: { mac: new Uint8Array() }, expected: "" },
  { rule: "without broadcast (loopback)", changes: { broadcast: false }, expected: "ndp" },
  { rule: "without any address", changes: { addresses: [] }, expected: "arp" },
  { rule: "with a tentative link-local address", changes: { addresses: [{ ...linkLocal, tentative: true }] }, expected: "arp" },
  {
    rule: "with a global IPv6 address only",
    changes: { addresses: [{ address: "2001:db8::1", tentative: false }] },
    expected: "arp",
  },
  {
    rule: "with a zone and a length in its address",
    changes: { addresses: [{ address: "fe80::1%eth0/64", tentative: false }] },
    expected: "arp ndp",
  },
  { rule: "without carrier", changes: { carrier: false }, expected: "arp ndp" },
]) {
  test(`a link ${rule} answers ${expected || "nothing"}`, () => equal(answers(link(changes)), expected));
}

test("an excluded link does not exist; one that cannot answer does", () => {
  const links = [
    link({ name: "veth1" }),
    link({ name: "eth1", index: 9, up: false }),
    link({ index: 5 }),
    link({ name: "eth2", index: 3 }),
  ];
  const { existing, wire } = selectLinks(links, (name) => name.startsWith("veth"));
  deepEqual([...existing].sort(), ["eth0", "eth1", "eth2"]);
  deepEqual(
    wire.map(({ name }) => name),
    ["eth2", "eth0"],
  );
});

test("the source of advertisements is the link-local address", () => {
  const [wire] = selectLinks([link()], () => false).wire;
  equal(wire?.linkLocal && toHex(wire.linkLocal), "fe800000000000000000000000000001");
});

test("a list of interfaces is served when one of them exists, an empty one always", () => {
  equal(anyExists([], new Set()), true);
  equal(anyExists(["eth0", "ens3"], new Set(["ens3"])), true);
  equal(anyExists(["Eth0"], new Set(["eth0"])), false);
});

test("links are the same as long as frames made for one are right for the other", () => {
  const [a] = selectLinks([link()], () => false).wire;
  if (a === undefined) throw new RangeError("no link");
  equal(sameEnds(a, { ...a, carrier: false, mac: a.mac.slice() }), true);
  equal(sameEnds(a, { ...a, mac: fromHex("020000000002") }), false);
  equal(sameEnds(a, { ...a, linkLocal: undefined }), false);
  equal(sameEnds(a, { ...a, index: 3 }), false);
  equal(sameEnds(a, { ...a, arp: false }), false);
});
