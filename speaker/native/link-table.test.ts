import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { LinkTable } from "./link-table.ts";
import type { AddressFacts, LinkFacts } from "./netlink-message.ts";

const flags = { up: true, carrier: true, broadcast: true, noArp: false, loopback: false };
const eth0: LinkFacts = { index: 2, name: "eth0", mac: Uint8Array.of(2, 0, 0, 0, 0, 1), mtu: 1500, ...flags, master: undefined };
const ip: AddressFacts = { index: 2, octets: Uint8Array.of(192, 0, 2, 1), prefixLength: 24, tentative: false };

test("links come with their addresses, by index", () => {
  const table = new LinkTable();
  table.apply({ type: "link", link: { ...eth0, index: 3, name: "eth1", master: 9 } });
  table.apply({ type: "link", link: eth0 });
  table.apply({ type: "address", address: ip });
  const { master: _, ...facts } = eth0;
  const address = { address: "192.0.2.1", prefixLength: 24, family: "IPv4", tentative: false } as const;
  deepEqual(table.links(), [
    { ...facts, addresses: [address] },
    { ...facts, index: 3, name: "eth1", master: 9, addresses: [] },
  ]);
});

test("only what differs counts as a change", () => {
  const table = new LinkTable();
  equal(table.apply({ type: "link", link: eth0 }), true);
  equal(table.apply({ type: "link", link: { ...eth0, mac: eth0.mac.slice() } }), false);
  equal(table.apply({ type: "link", link: { ...eth0, mac: Uint8Array.of(2, 0, 0, 0, 0, 2) } }), true);
  equal(table.apply({ type: "address", address: ip }), true);
  equal(table.apply({ type: "address", address: ip }), false);
  equal(table.apply({ type: "address", address: { ...ip, tentative: true } }), true);
  equal(table.apply({ type: "address-gone", address: ip }), true);
  equal(table.apply({ type: "address-gone", address: ip }), false);
  equal(table.apply({ type: "link-gone", index: 2 }), true);
  equal(table.apply({ type: "link-gone", index: 2 }), false);
});

test("a link that went takes its addresses along", () => {
  const table = new LinkTable();
  table.apply({ type: "link", link: eth0 });
  table.apply({ type: "address", address: ip });
  table.apply({ type: "link-gone", index: 2 });
  table.apply({ type: "link", link: eth0 });
  deepEqual(table.links()[0]?.addresses, []);
});
