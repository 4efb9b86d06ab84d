import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeNetlink, encodeDumpRequest, type LinkFacts } from "./netlink-message.ts";

const octets = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replace(/\s+/g, ""), "hex"));

// Captured from Linux 6.18 with a veth pair; of the link's attributes only those that are read were kept.
const linkDown = octets(`
  3c000000 1000 0000 00000000 00000000  00 00 0100 02000000 02100000 01000000
  07000300 76610000  08000400 dc050000  0a000100 0200000000aa 0000`);
const linkGone = octets("20000000 1100 0000 00000000 00000000  00 00 0100 02000000 02100000 ffffffff");
const addresses = octets(`
  4c000000 1400 0200 02000000 a04f0000  02 18 80 00 02000000 08000100 c0000201 08000200 c0000201
  07000300 76610000 08000800 80000000 14000600 ffffffff ffffffff 04030600 04030600
  48000000 1400 0200 02000000 a04f0000  0a 40 c0 00 02000000 14000100 20010db8 00000000 00000000 00000001
  14000600 ffffffff ffffffff 06030600 06030600 08000800 c0000000`);
const done = octets("14000000 0300 0200 01000000 a04f0000 00000000");

const va: LinkFacts = {
  index: 2,
  name: "va",
  mac: octets("0200000000aa"),
  mtu: 1500,
  up: false,
  carrier: false,
  broadcast: true,
  noArp: false,
  loopback: false,
  master: undefined,
};

test("a link is read with its flags, name, hardware address and MTU", () => {
  deepEqual(decodeNetlink(linkDown), [{ type: "link", link: va }]);
});

test("flags of a link: up, carrier, broadcast, loopback, NOARP", () => {
  const flagged = linkDown.slice();
  new DataView(flagged.buffer).setUint32(24, 0x1 | 0x8 | 0x80 | 0x10000, true);
  const flags = { up: true, carrier: true, broadcast: false, noArp: true, loopback: true };
  deepEqual(decodeNetlink(flagged), [{ type: "link", link: { ...va, ...flags } }]);
});

test("the index of the master is read", () => {
  const slave = octets("28000000 1000 0000 00000000 00000000  00 00 0100 02000000 00000000 00000000 08000a00 07000000");
  const [message] = decodeNetlink(slave);
  equal(message?.type === "link" ? message.link.master : undefined, 7);
});

test("what a bridge says about its port does not count as the link", () => {
  for (const message of [linkDown, linkGone]) {
    const fromBridge = message.slice();
    fromBridge[16] = 7; // AF_BRIDGE
    deepEqual(decodeNetlink(fromBridge), []);
  }
});

test("a link that went, the end of a dump and an error are read", () => {
  deepEqual(decodeNetlink(linkGone), [{ type: "link-gone", index: 2 }]);
  deepEqual(decodeNetlink(done), [{ type: "done", sequence: 1, interrupted: false }]);
  const error = octets("24000000 0200 0000 05000000 00000000 ffffffff 14000000 12000103 05000000 00000000");
  deepEqual(decodeNetlink(error), [{ type: "error", sequence: 5, errno: 1 }]);
});

test("a dump that the kernel interrupted is marked", () => {
  const interrupted = done.slice();
  interrupted[6] = 0x12;
  deepEqual(decodeNetlink(interrupted), [{ type: "done", sequence: 1, interrupted: true }]);
});

test("addresses of both families are read, tentative or not", () => {
  deepEqual(decodeNetlink(addresses), [
    { type: "address", address: { index: 2, octets: octets("c0000201"), prefixLength: 24, tentative: false } },
    {
      type: "address",
      address: { index: 2, octets: octets("20010db8000000000000000000000001"), prefixLength: 64, tentative: true },
    },
  ]);
});

test("an address whose duplicate detection failed counts as tentative", () => {
  const failed = addresses.slice();
  failed[failed.length - 4] = 0x88;
  const last = decodeNetlink(failed).at(-1);
  equal(last?.type === "address" && last.address.tentative, true);
});

test("on a point-to-point link the own address is read, not the peer's", () => {
  const peer = octets("28000000 1400 0000 00000000 00000000  02 20 80 00 03000000 08000100 c0000263 08000200 c0000201");
  const [message] = decodeNetlink(peer);
  deepEqual(message?.type === "address" ? message.address.octets : undefined, octets("c0000201"));
});

test("a dump request is what the kernel expects (rtnetlink(7))", () => {
  equal(Buffer.from(encodeDumpRequest("links", 3)).toString("hex"), "1400000012000103030000000000000000000000");
  equal(Buffer.from(encodeDumpRequest("addresses", 4)).toString("hex"), "1400000016000103040000000000000000000000");
});

test("truncated and random octets give whole messages or nothing, never an exception", () => {
  for (const whole of [linkDown, linkGone, addresses, done]) {
    for (let end = 0; end < whole.length; end += 1) equal(Array.isArray(decodeNetlink(whole.subarray(0, end))), true);
  }
  fc.assert(
    fc.property(fc.constantFrom(linkDown, addresses), fc.nat(150), fc.nat(255), (whole, at, value) => {
      const changed = whole.slice();
      changed[at % changed.length] = value;
      equal(Array.isArray(decodeNetlink(changed)), true);
    }),
    { numRuns: 500 },
  );
});
