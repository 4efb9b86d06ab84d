import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseAddress } from "../../crds/net/address.ts";
import { decodeEthernet, encodeEthernet } from "../codec/ethernet.ts";
import { captured } from "../codec/fixture/captured-frames.ts";
import { macNumber } from "../codec/mac.ts";
import { decodeNdp, encodeNdp, type NdpPacket } from "../codec/ndp.ts";
import { fromHex, toHex } from "../codec/octets.ts";
import { AnnouncementTable } from "./announcement-table.ts";
import type { IgnoreReason } from "./answer.ts";
import type { WireLink } from "./link-selection.ts";
import { respond } from "./responder.ts";

const ours = fromHex("020000000001");
const asker = fromHex("02000000000a");
const foreigner = fromHex("02000000000b");
const linkLocal = fromHex("fe800000000000000000000000000001");
const target = fromHex("20010db8000000000000000000000002");
const link: WireLink = { index: 2, name: "eth0", mac: ours, carrier: true, arp: true, linkLocal };

/** Announces on every interface, or on the one named. */
function announcing(text: string, ...interfaces: readonly string[]): AnnouncementTable {
  const table = new AnnouncementTable();
  const address = parseAddress(text);
  if (address === undefined) throw new RangeError(text);
  table.set("default/web", [{ address, interfaces }]);
  return table;
}

const none: ReadonlySet<number> = new Set();
const v4 = announcing("192.0.2.2");
const v6 = announcing("2001:db8::2");

function replyTo(table: AnnouncementTable, frame: Uint8Array): string | undefined {
  const answer = respond(table, link, frame, none);
  return answer.type === "answered" && answer.reply !== undefined ? toHex(answer.reply) : undefined;
}

function reasonFor(table: AnnouncementTable, frame: Uint8Array, on = link): IgnoreReason | undefined {
  const answer = respond(table, on, frame, none);
  return answer.type === "ignored" ? answer.reason : undefined;
}

function changed(frame: Uint8Array, at: number, octets: Uint8Array): Uint8Array {
  const copy = frame.slice();
  copy.set(octets, at);
  return copy;
}

test("an ARP request is answered as the kernel answers it, in 42 octets", () => {
  const expected = toHex(captured.arpReply).replaceAll("02000000000b", toHex(ours));
  equal(replyTo(v4, captured.arpRequest), expected);
});

test("an ARP request is answered the same with padding behind it", () => {
  const padded = new Uint8Array(60);
  padded.set(captured.arpRequest);
  equal(replyTo(v4, padded), replyTo(v4, captured.arpRequest));
});

test("a unicast ARP request to our address is answered", () => {
  equal(replyTo(v4, changed(captured.arpRequest, 0, ours)) !== undefined, true);
});

test("a probe from 0.0.0.0 is answered (RFC 5227 §2.1.1)", () => {
  equal(
    replyTo(announcing("192.0.2.7"), captured.arpProbe),
    "02000000000a02000000000108060001080006040002020000000001c000020702000000000a00000000",
  );
});

test("the reply goes to the sender hardware address of the packet, not to the Ethernet source", () => {
  const relayed = changed(captured.arpRequest, 6, foreigner);
  equal(replyTo(v4, relayed)?.slice(0, 12), toHex(asker));
});

const notAnswered: readonly { readonly rule: string; readonly reason: IgnoreReason; readonly frame: Uint8Array }[] = [
  { rule: "to another unicast address", reason: "other-destination", frame: changed(captured.arpRequest, 0, foreigner) },
  {
    rule: "to a multicast address",
    reason: "other-destination",
    frame: changed(captured.arpRequest, 0, fromHex("0180c2000000")),
  },
  { rule: "for an address that is not announced", reason: "not-announced", frame: captured.arpProbe },
  { rule: "that we sent ourselves", reason: "own-frame", frame: changed(captured.arpRequest, 6, ours) },
  { rule: "with another operation", reason: "not-a-question", frame: changed(captured.arpRequest, 20, fromHex("0003")) },
  { rule: "for another protocol than IPv4", reason: "malformed", frame: changed(captured.arpRequest, 16, fromHex("0806")) },
  { rule: "cut short", reason: "malformed", frame: captured.arpRequest.slice(0, 41) },
  { rule: "cut within the Ethernet header", reason: "malformed", frame: captured.arpRequest.slice(0, 13) },
  {
    rule: "with an 802.1Q tag",
    reason: "tagged",
    frame: Uint8Array.from([...captured.arpRequest.slice(0, 12), 0x81, 0, 0, 5, ...captured.arpRequest.slice(12)]),
  },
  { rule: "of another EtherType", reason: "other-protocol", frame: changed(captured.arpRequest, 12, fromHex("0800")) },
];
for (const { rule, reason, frame } of notAnswered) {
  test(`an ARP frame ${rule} is not answered`, () => equal(reasonFor(v4, frame), reason));
}

test("an address is not answered for on an interface that no advertisement lists", () => {
  equal(reasonFor(announcing("192.0.2.2", "eth1"), captured.arpRequest), "not-on-this-interface");
  equal(reasonFor(announcing("192.0.2.2", "eth0"), captured.arpRequest), undefined);
  equal(reasonFor(announcing("2001:db8::2", "eth1"), captured.solicitation), "not-on-this-interface");
});

test("an ARP reply for our address from a foreign host is a rival, and gets no answer", () => {
  const answer = respond(v4, link, captured.arpReply, none);
  equal(answer.type === "answered" && answer.reply, undefined);
  deepEqual(answer.type === "answered" && [answer.rival?.form, answer.rival?.mac], ["arp-reply", foreigner]);
});

test("a gratuitous request for our address is a rival, and is answered", () => {
  const answer = respond(announcing("192.0.2.1"), link, captured.arpAnnouncement, none);
  deepEqual(answer.type === "answered" && [answer.rival?.form, answer.rival?.mac], ["gratuitous-arp", asker]);
  equal(answer.type === "answered" && answer.reply?.length, 42);
});

test("hardware addresses of our own node are no rivals", () => {
  const mine = new Set([macNumber(foreigner), macNumber(asker)]);
  deepEqual(respond(v4, link, captured.arpReply, mine), { type: "ignored", reason: "not-a-question" });
  const answer = respond(announcing("192.0.2.1"), link, captured.arpAnnouncement, mine);
  equal(answer.type === "answered" && answer.rival, undefined);
});

/** What was sent, taken apart again. */
function ndpReply(frame: Uint8Array, on = link): { readonly to: string; readonly packet: NdpPacket } | undefined {
  const answer = respond(v6, on, frame, none);
  if (answer.type === "ignored" || answer.reply === undefined) return undefined;
  const { destination, payload } = decodeEthernet(answer.reply);
  return { to: toHex(destination), packet: decodeNdp(payload) };
}

function solicitationFrom(source: Uint8Array, changes: { readonly to?: Uint8Array; readonly sourceLinkLayer?: Uint8Array } = {}) {
  const { to = fromHex("3333ff000002"), ...option } = changes;
  const destination = fromHex("ff0200000000000000000001ff000002");
  const payload = encodeNdp({ source, destination, message: { type: "solicitation", target, ...option } });
  return encodeEthernet({ destination: to, source: asker, etherType: 0x86dd, payload });
}

const hostIp = fromHex("20010db8000000000000000000000001");
const advertisement = { type: "advertisement", router: false, override: true, target, targetLinkLayer: ours } as const;

test("a solicitation is answered to its source, Solicited and Override (RFC 4861 §7.2.4)", () => {
  deepEqual(ndpReply(captured.solicitation), {
    to: toHex(asker),
    packet: {
      source: linkLocal,
      destination: fromHex("fe80000000000000000000fffe00000a"),
      message: { ...advertisement, solicited: true },
    },
  });
});

test("the answer goes to the source link-layer address, not to the Ethernet source", () => {
  equal(ndpReply(solicitationFrom(hostIp, { sourceLinkLayer: foreigner }))?.to, toHex(foreigner));
});

test("a unicast solicitation without an option is answered to the Ethernet source (RFC 4861 §7.3.3)", () => {
  equal(ndpReply(solicitationFrom(hostIp, { to: ours }))?.to, toHex(asker));
});

test("a probe from :: is answered to all nodes, not Solicited (RFC 4862 §5.4.3)", () => {
  deepEqual(ndpReply(solicitationFrom(new Uint8Array(16))), {
    to: "333300000001",
    packet: {
      source: linkLocal,
      destination: fromHex("ff020000000000000000000000000001"),
      message: { ...advertisement, solicited: false },
    },
  });
});

test("a probe of the kernel, with a nonce, is answered", () => {
  equal(replyTo(announcing("2001:db8::99"), captured.probe) !== undefined, true);
});

const notSolicited: readonly { readonly rule: string; readonly reason: IgnoreReason; readonly frame: Uint8Array }[] = [
  { rule: "with a wrong checksum", reason: "malformed", frame: changed(captured.solicitation, 56, fromHex("0000")) },
  { rule: "that was forwarded", reason: "malformed", frame: changed(captured.solicitation, 21, fromHex("40")) },
  { rule: "to another unicast address", reason: "other-destination", frame: changed(captured.solicitation, 0, foreigner) },
  { rule: "for an address that is not announced", reason: "not-announced", frame: captured.probe },
  { rule: "that we sent ourselves", reason: "own-frame", frame: changed(captured.solicitation, 6, ours) },
  { rule: "from our own link-local address", reason: "own-frame", frame: solicitationFrom(linkLocal) },
  { rule: "from a multicast address", reason: "malformed", frame: solicitationFrom(fromHex("ff020000000000000000000000000001")) },
];
for (const { rule, reason, frame } of notSolicited) {
  test(`a solicitation ${rule} is not answered`, () => equal(reasonFor(v6, frame), reason));
}

test("nothing is answered by NDP on a link without a link-local address", () => {
  equal(reasonFor(v6, captured.solicitation, { ...link, linkLocal: undefined }), "no-link-local");
});

test("an advertisement for our address from a foreign host is a rival", () => {
  const answer = respond(v6, link, captured.advertisement, none);
  deepEqual(answer.type === "answered" && [answer.reply, answer.rival?.form, answer.rival?.mac], [
    undefined,
    "neighbor-advertisement",
    foreigner,
  ]);
  deepEqual(respond(v6, link, captured.advertisement, new Set([macNumber(foreigner)])).type, "ignored");
});

test("a frame of any octets gets an answer or a reason, never an exception", () => {
  const start = fc.constantFrom(captured.arpRequest, captured.solicitation, captured.advertisement, new Uint8Array());
  const noise = fc.uint8Array({ maxLength: 60 });
  fc.assert(
    fc.property(start, fc.nat(90), noise, (frame, length, tail) => {
      const octets = Uint8Array.from([...frame.slice(0, length), ...tail]);
      equal(typeof respond(v4, link, octets, none).type, "string");
      equal(typeof respond(v6, link, octets, none).type, "string");
    }),
    { numRuns: 500 },
  );
});
