import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "../../crds/net/address.ts";
import { captured } from "../codec/fixture/captured-frames.ts";
import { fromHex, toHex } from "../codec/octets.ts";
import { neighbourQuestion, neighbourWord } from "./neighbour-question.ts";

const mac = fromHex("02000000000a");
const linkLocal = fromHex("fe80000000000000000000fffe00000a");
const link = { index: 2, name: "eth0", mac, carrier: true, arp: true, linkLocal };

function address(text: string) {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new RangeError(text);
  return parsed;
}

test("an IPv4 address is asked for as the kernel does", () => {
  const frame = neighbourQuestion(link, address("192.0.2.2"), fromHex("c0000201"));
  equal(toHex(frame ?? new Uint8Array()), toHex(captured.arpRequest));
});

test("an IPv6 address is asked for at its solicited-node group, from the link-local address", () => {
  const frame = neighbourQuestion(link, address("2001:db8::2"), new Uint8Array(16)) ?? new Uint8Array();
  equal(toHex(frame.subarray(0, 14)), "3333ff00000202000000000a86dd");
  equal(toHex(frame.subarray(22, 54)), `${toHex(linkLocal)}ff0200000000000000000001ff000002`);
});

test("a link without ARP, or without a link-local address, asks for nothing of that family", () => {
  equal(neighbourQuestion({ ...link, arp: false }, address("192.0.2.2"), new Uint8Array(4)), undefined);
  equal(neighbourQuestion({ ...link, linkLocal: undefined }, address("2001:db8::2"), new Uint8Array(16)), undefined);
});

test("replies and advertisements say who has an address", () => {
  deepEqual(neighbourWord(captured.arpReply), { ip: fromHex("c0000202"), mac: fromHex("02000000000b") });
  deepEqual(neighbourWord(captured.advertisement), {
    ip: fromHex("20010db8000000000000000000000002"),
    mac: fromHex("02000000000b"),
  });
});

test("questions, and frames that are cut short anywhere, say nothing", () => {
  for (const frame of [captured.arpRequest, captured.solicitation, captured.probe]) equal(neighbourWord(frame), undefined);
  for (const frame of [captured.arpReply, captured.advertisement]) {
    for (let end = 0; end < frame.length - 1; end += 1) equal(neighbourWord(frame.subarray(0, end)), undefined);
  }
});
