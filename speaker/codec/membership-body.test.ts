import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyMessage } from "./fixture/membership-message.ts";
import { claimOctets, decodeMembershipBody, encodeMembershipBody } from "./membership-body.ts";
import { bucketCount, factsPartOctets, maxBodyOctets, maxContested, maxNameOctets } from "./membership-limit.ts";
import type { MembershipMessage } from "./membership-message.ts";
import type { RecordPart } from "./membership-record.ts";
import { encodeRecordPart, recordPartOctets } from "./membership-record.ts";
import { fromHex, toHex } from "./octets.ts";

const nonce = "000102030405060708090a0b0c0d0e0f";
const record: RecordPart = {
  name: "n1",
  address: "192.0.2.1",
  startId: "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
  incarnation: 2,
  generation: 3,
  standing: "damped",
  deaths: 1,
  speaks: 1,
  verdict: "alive",
  part: 0,
  parts: 1,
  facts: fromHex("aabb"),
};
const recordHex =
  "01 0002 6e31" +
  "02 0004 c0000201" +
  "03 0010 f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff" +
  "04 0004 00000002" +
  "05 0004 00000003" +
  "06 0001 02" +
  "07 0001 01" +
  "08 0001 01" +
  "09 0001 00" +
  "0a 0004 0001 aabb";

const wire: readonly { readonly message: MembershipMessage; readonly hex: string }[] = [
  {
    message: {
      type: "beat",
      incarnation: 1,
      generation: 2,
      digest: 0xfffefdfc,
      claims: [{ name: "n1", incarnation: 1, verdict: "dead", deaths: 0 }],
    },
    hex: "01 01 0004 00000001 02 0004 00000002 03 0004 fffefdfc 0b 0008 01 00000001 00 6e31",
  },
  { message: { type: "probe", nonce }, hex: `02 04 0010 ${nonce}` },
  { message: { type: "answer", nonce }, hex: `03 04 0010 ${nonce}` },
  {
    message: { type: "inquiry", about: "n1", address: "2001:db8::1", incarnation: 1 },
    hex: "04 06 0002 6e31 07 0010 20010db8000000000000000000000001 01 0004 00000001",
  },
  {
    message: { type: "word", about: "n1", incarnation: 1, heardAgoMs: 310, stance: "suspects" },
    hex: "05 06 0002 6e31 01 0004 00000001 08 0004 00000136 09 0001 02",
  },
  {
    message: {
      type: "claims",
      alive: 4,
      fresh: true,
      claims: [
        { name: "n1", incarnation: 1, verdict: "dead", deaths: 0 },
        { name: "n2", incarnation: 5, verdict: "left", deaths: 2 },
      ],
    },
    hex: "06 0a 0002 0004 05 0000 0b 0008 01 00000001 00 6e31 0b 0008 02 00000005 02 6e32",
  },
  { message: { type: "records", records: [record] }, hex: `07 0c 0044 ${recordHex}` },
  {
    message: {
      type: "pull",
      nonce,
      own: record,
      digests: Array.from({ length: bucketCount }, (_, i) => i),
      after: { name: "n0", part: 1 },
    },
    hex:
      `08 04 0010 ${nonce} 0c 0044 ${recordHex} 0d 0080 ` +
      Array.from({ length: bucketCount }, (_, i) => i.toString(16).padStart(8, "0")).join("") +
      "0e 0003 01 6e30",
  },
  {
    message: {
      type: "page",
      nonce,
      alive: 3,
      you: { verdict: "dead", incarnation: 6, deaths: 2 },
      joined: true,
      records: [record],
      more: true,
    },
    hex: `09 04 0010 ${nonce} 0a 0002 0003 0f 0001 01 01 0004 00000006 10 0001 02 11 0000 12 0000 0c 0044 ${recordHex}`,
  },
  {
    message: { type: "contest", nonce, addresses: ["192.0.2.1", "2001:db8::1"], standing: true },
    hex: `0a 04 0010 ${nonce} 07 0004 c0000201 07 0010 20010db8000000000000000000000001 13 0000`,
  },
  {
    message: {
      type: "stands",
      nonce,
      stands: [{ address: "2001:db8::1", key: "192.0.2.1", score: 258, lapsing: true }],
      denied: ["192.0.2.9"],
    },
    hex: `0b 04 0010 ${nonce} 07 0004 c0000209 14 001a 01 00000102 10 20010db8000000000000000000000001 c0000201`,
  },
];

for (const { message, hex } of wire)
  test(`a ${message.type} has these octets`, () => {
    equal(toHex(encodeMembershipBody(message)), toHex(fromHex(hex)));
    deepEqual(decodeMembershipBody(fromHex(hex)), { ok: true, value: message });
  });

test("decoding is the inverse of encoding", () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      deepEqual(decodeMembershipBody(encodeMembershipBody(message)), { ok: true, value: message });
    }),
    { numRuns: 300 },
  );
});

test("a body that was cut off at any octet gives a value, never an exception", () => {
  for (const { hex } of wire) {
    const whole = fromHex(hex);
    for (let length = 0; length < whole.length; length += 1) decodeMembershipBody(whole.slice(0, length));
    equal(decodeMembershipBody(whole.slice(0, 3)).ok, false);
  }
});

test("any octets give a value, never an exception", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 1400 }), (octets) => decodeMembershipBody(octets) !== undefined));
});

test("a message with a few other octets gives a value, never an exception", () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(anyMessage, changes, (message, others) => {
      const octets = encodeMembershipBody(message);
      for (const [at, octet] of others) octets[at % octets.length] = octet;
      return decodeMembershipBody(octets) !== undefined;
    }),
    { numRuns: 500 },
  );
});

test("a field that this version does not know is skipped, wherever it stands", () => {
  const unknown = "f0 0003 010203";
  const beat = { type: "beat", incarnation: 1, generation: 2, digest: 3, claims: [] };
  const fields = "01 0004 00000001 02 0004 00000002 03 0004 00000003";
  for (const hex of [`01 ${unknown} ${fields}`, `01 ${fields} ${unknown}`])
    deepEqual(decodeMembershipBody(fromHex(hex)), { ok: true, value: beat });
  deepEqual(decodeMembershipBody(fromHex(`07 0c 004a ${recordHex} ${unknown}`)), {
    ok: true,
    value: { type: "records", records: [record] },
  });
});

for (const { fault, hex } of [
  { fault: "no type", hex: "" },
  { fault: "an unknown type", hex: "63" },
  { fault: "a field that reaches over the end", hex: "01 01 0005 00000001" },
  { fault: "a field of another width", hex: "01 01 0002 0001 02 0004 00000002 03 0004 00000003" },
  { fault: "a missing field", hex: "01 01 0004 00000001" },
  { fault: "an unknown stance", hex: "05 06 0002 6e31 01 0004 00000001 09 0001 09" },
  { fault: "an empty name", hex: "05 06 0000 01 0004 00000001 09 0001 00" },
  { fault: "a name with a control character", hex: "05 06 0002 6e0a 01 0004 00000001 09 0001 00" },
  { fault: "a name of 254 octets", hex: `05 06 00fe ${"61".repeat(254)} 01 0004 00000001 09 0001 00` },
  { fault: "an address of five octets", hex: "04 06 0002 6e31 07 0005 0102030405 01 0004 00000001" },
  { fault: "an unknown verdict", hex: "06 0a 0002 0004 0b 0008 09 00000001 00 6e31" },
  { fault: "digests of another number", hex: `08 04 0010 ${nonce} 0c 0044 ${recordHex} 0d 0004 00000000` },
  { fault: "a part beyond the last", hex: `07 0c 0044 ${recordHex.replace("0001 aabb", "0101 aabb")}` },
  { fault: "a contest of 25 addresses", hex: `0a 04 0010 ${nonce} ${"07 0004 c0000201 ".repeat(25)}` },
  { fault: "a contested address of five octets", hex: `0a 04 0010 ${nonce} 07 0005 c000020100` },
  { fault: "a stand without a key", hex: `0b 04 0010 ${nonce} 14 0008 00 00000000 04 c000` },
  { fault: "no parts", hex: `07 0c 0044 ${recordHex.replace("0001 aabb", "0000 aabb")}` },
])
  test(`${fault} is an error that names its field`, () => {
    const decoded = decodeMembershipBody(fromHex(hex));
    equal(decoded.ok, false);
    ok(!decoded.ok && decoded.error.name === "CodecError" && decoded.error.field !== "");
  });

const longest = "x".repeat(maxNameOctets);
const largest: RecordPart = { ...record, name: longest, address: "2001:db8::1", facts: new Uint8Array(factsPartOctets) };

const contested = new Array<string>(maxContested).fill("2001:db8::1");
const stand = { key: "2001:db8::1", score: 1, lapsing: false };

test("the longest pull, record, inquiry, contest and answer to it fit into a packet of the sender with the longest name", () => {
  const digests = new Array<number>(bucketCount).fill(1);
  for (const message of [
    { type: "pull", nonce, own: largest, digests, after: { name: longest, part: 31 } },
    { type: "records", records: [largest] },
    { type: "inquiry", about: longest, address: "2001:db8::1", incarnation: 1 },
    { type: "contest", nonce, addresses: contested, standing: true },
    { type: "stands", nonce, stands: contested.map((address) => ({ ...stand, address })), denied: [] },
  ] as const)
    ok(encodeMembershipBody(message).length <= maxBodyOctets, message.type);
});

test("what a record and a claim take is known before they are written", () => {
  equal(encodeRecordPart(largest).length + 3, recordPartOctets(largest));
  const claim = { name: longest, incarnation: 1, verdict: "dead", deaths: 0 } as const;
  const empty = encodeMembershipBody({ type: "claims", alive: 1, fresh: true, claims: [] }).length;
  equal(encodeMembershipBody({ type: "claims", alive: 1, fresh: true, claims: [claim] }).length, empty + claimOctets(claim));
});
