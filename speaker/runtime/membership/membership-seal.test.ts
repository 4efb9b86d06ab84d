import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { maxPacketOctets } from "../../codec/membership-limit.ts";
import type { MembershipMessage } from "../../codec/membership-message.ts";
import type { RecordPart } from "../../codec/membership-record.ts";
import { fromHex, toHex } from "../../codec/octets.ts";
import { membershipKey, secretProblem } from "./membership-key.ts";
import { formerOpenMs, formerSealMs, MembershipSeal } from "./membership-seal.ts";

const secret = Buffer.from("abcdefghijklmnopqrstuv");
const newer = Buffer.from("vutsrqponmlkjihgfedcba");
const beat: MembershipMessage = { type: "beat", incarnation: 1, generation: 2, digest: 3, claims: [] };
const startIds = { a: "000102030405060708090a0b0c0d0e0f", b: "0f0e0d0c0b0a09080706050403020100" };

function sealOf(nodeName: "a" | "b", key: Uint8Array = secret, cluster = "uid-1"): MembershipSeal {
  return new MembershipSeal({ nodeName, startId: startIds[nodeName], cluster }, key);
}

const toB = [{ name: "b", address: "192.0.2.2" }];

function packet(from: MembershipSeal, now = 0, message = beat): Uint8Array {
  return from.seal(toB, message, now)[0]?.octets ?? new Uint8Array();
}

for (const { octets, key } of [
  {
    octets: Buffer.from("abcdefghijklmnopqrstuv"),
    key: "4afffcc69f2588bb6066c44e61a616739b22f530187cc1241e0f564d4b967014",
  },
  {
    octets: Buffer.from(`${"0123456789".repeat(17)}ab\n\n`),
    key: "daf07a1ec1017a70e2da464c75e915f8fd274f3f8846537c1362a9593a87f275",
  },
])
  test(`a Secret of ${octets.length} octets gives this key (HKDF-SHA256, computed with Python's hmac)`, () => {
    equal(toHex(membershipKey(octets, "node-1", startIds.a)), key);
  });

test("a Secret of fewer than 16 octets is refused, with the way out", () => {
  equal(secretProblem(new Uint8Array(16)), undefined);
  ok(/has 15 octets.*delete the Secret/.test(secretProblem(new Uint8Array(15)) ?? ""));
});

test("what one node seals the other opens, with sender, start and counter", () => {
  const [a, b] = [sealOf("a"), sealOf("b")];
  packet(a);
  deepEqual(b.open(packet(a), "192.0.2.1", 0), {
    ok: true,
    event: { type: "received", from: "192.0.2.1", sender: "a", startId: startIds.a, counter: 2, message: beat },
  });
});

test("the sealed body shows nothing, and is another in each packet", () => {
  const a = sealOf("a");
  const [first, second] = [packet(a), packet(a)];
  ok(!toHex(first).includes(toHex(fromHex("01 0004 00000001"))));
  notDeepEqual(first.subarray(28), second.subarray(28));
});

test("an octet changed anywhere is noticed", () => {
  const [a, b] = [sealOf("a"), sealOf("b")];
  const whole = packet(a);
  for (let at = 0; at < whole.length; at += 1) {
    const other = Uint8Array.from(whole);
    other[at] = (other[at] ?? 0) ^ 1;
    equal(b.open(other, "", 0).ok, false, `octet ${at}`);
  }
});

test("a packet that was cut off is dropped at every length", () => {
  const [a, b] = [sealOf("a"), sealOf("b")];
  const whole = packet(a);
  for (let length = 0; length < whole.length; length += 1) equal(b.open(whole.subarray(0, length), "", 0).ok, false);
});

test("any octets are dropped and never thrown about", () => {
  const b = sealOf("b");
  fc.assert(fc.property(fc.uint8Array({ maxLength: 1500 }), (octets) => !b.open(octets, "", 0).ok));
});

test("what a known sender says next is opened as its first packet was", () => {
  const [a, b] = [sealOf("a"), sealOf("b")];
  const probe: MembershipMessage = { type: "probe", nonce: startIds.b };
  for (const [i, message] of [beat, beat, probe, { ...beat, digest: 4 }, beat].entries()) {
    const opened = b.open(packet(a, 0, message), "192.0.2.1", 0);
    deepEqual(opened, {
      ok: true,
      event: { type: "received", from: "192.0.2.1", sender: "a", startId: startIds.a, counter: i + 1, message },
    });
  }
});

test("of a known sender, too, an octet changed anywhere and a counter beyond all are noticed, and the next packet is opened", () => {
  const [a, b] = [sealOf("a"), sealOf("b")];
  ok(b.open(packet(a), "192.0.2.1", 0).ok);
  const whole = packet(a);
  for (let at = 0; at < whole.length; at += 1) {
    const other = Uint8Array.from(whole);
    other[at] = (other[at] ?? 0) ^ 1;
    equal(b.open(other, "192.0.2.1", 0).ok, false, `octet ${at}`);
    equal(b.open(whole.subarray(0, at), "192.0.2.1", 0).ok, false, `cut off at ${at}`);
  }
  const beyond = Uint8Array.from(whole).fill(0xff, 20, 22);
  deepEqual(b.open(beyond, "192.0.2.1", 0), { ok: false, reason: "malformed" });
  const long = Buffer.concat([whole, Buffer.alloc(maxPacketOctets)]);
  deepEqual(b.open(long, "192.0.2.1", 0), { ok: false, reason: "malformed" });
  ok(b.open(whole, "192.0.2.1", 0).ok);
});

test("two nodes behind one address are told apart, and so are two starts of one", () => {
  const b = sealOf("b");
  const a = sealOf("a");
  const again = new MembershipSeal({ nodeName: "a", startId: "ff".repeat(16), cluster: "uid-1" }, secret);
  const c = new MembershipSeal({ nodeName: "c", startId: startIds.a, cluster: "uid-1" }, secret);
  for (const [from, startId, sender] of [
    [a, startIds.a, "a"],
    [c, startIds.a, "c"],
    [again, "ff".repeat(16), "a"],
    [a, startIds.a, "a"],
  ] as const) {
    const opened = b.open(packet(from), "192.0.2.1", 0);
    deepEqual(opened.ok && [opened.event.sender, opened.event.startId], [sender, startId]);
  }
});

test("a sender of before the Secret was changed is opened with the former one for a while, and then no longer", () => {
  const [a, b] = [sealOf("a"), sealOf("b")];
  ok(b.open(packet(a), "192.0.2.1", 0).ok);
  b.setSecret(newer, 0);
  ok(b.open(packet(a), "192.0.2.1", 1).ok);
  deepEqual(b.open(packet(a), "192.0.2.1", formerOpenMs), { ok: false, reason: "wrong-key" });
});

test("another Secret and another cluster's packets are not opened", () => {
  deepEqual(sealOf("b", newer).open(packet(sealOf("a")), "", 0), { ok: false, reason: "wrong-key" });
  deepEqual(sealOf("b", secret, "uid-2").open(packet(sealOf("a")), "", 0), { ok: false, reason: "wrong-key" });
});

test("without a Secret packets are readable, and one with a Secret does not take them", () => {
  const [b, c] = ["b", "c"].map((nodeName) => new MembershipSeal({ nodeName, startId: startIds.b, cluster: "" }, undefined));
  if (b === undefined || c === undefined) throw new Error("two are expected");
  equal(b.sealed, false);
  const plain = packet(b);
  ok(c.open(plain, "", 0).ok);
  deepEqual(sealOf("a").open(plain, "", 0), { ok: false, reason: "unsealed" });
  deepEqual(b.open(packet(sealOf("a")), "", 0), { ok: false, reason: "sealed" });
});

test("a new Secret takes over node by node, and no packet is lost on the way", () => {
  const [a, b] = [sealOf("a"), sealOf("b")];
  const exchange = (now: number) => {
    ok(b.open(packet(a, now), "", now).ok, `a to b at ${now}`);
    ok(a.open(b.seal([{ name: "a", address: "" }], beat, now)[0]?.octets ?? new Uint8Array(), "", now).ok, `b to a at ${now}`);
  };
  exchange(0);
  equal(a.setSecret(newer, 1000), undefined);
  exchange(2000);
  equal(b.setSecret(newer, 90_000), undefined);
  for (const now of [91_000, formerSealMs, formerSealMs + 95_000, formerOpenMs - 1, formerOpenMs + 1000, 2 * formerOpenMs])
    exchange(now);
});

test("a fresh speaker that knows only the new Secret is understood by those who have it, and answered with it", () => {
  const [a, b] = [sealOf("a"), sealOf("b", newer)];
  a.setSecret(newer, 0);
  ok(a.open(b.seal([{ name: "a", address: "" }], beat, 0)[0]?.octets ?? new Uint8Array(), "", 0).ok);
  ok(b.open(packet(a, 10), "", 10).ok);
});

test("while some targets may not have the new Secret there are two packets", () => {
  const [a, b] = [sealOf("a"), sealOf("b", newer)];
  a.setSecret(newer, 0);
  a.open(b.seal([{ name: "a", address: "" }], beat, 0)[0]?.octets ?? new Uint8Array(), "", 0);
  const packets = a.seal([...toB, { name: "c", address: "" }], beat, 10);
  deepEqual(
    packets.map(({ targets }) => targets.map(({ name }) => name)),
    [["b"], ["c"]],
  );
  equal(a.seal([...toB, { name: "c", address: "" }], beat, formerSealMs).length, 1);
});

test("the former Secret is understood for 10 minutes", () => {
  const [a, b] = [sealOf("a"), sealOf("b")];
  b.setSecret(newer, 0);
  ok(b.open(packet(a), "", formerOpenMs - 1).ok);
  deepEqual(b.open(packet(a), "", formerOpenMs), { ok: false, reason: "wrong-key" });
});

test("the same Secret read again changes nothing, one that is too short is refused", () => {
  const a = sealOf("a");
  equal(a.setSecret(Buffer.from(secret), 0), undefined);
  equal(a.seal([...toB, { name: "c", address: "" }], beat, 10).length, 1);
  ok(a.setSecret(new Uint8Array(3), 0) !== undefined);
  ok(sealOf("b").open(packet(a), "", 0).ok);
});

test("a flood of forged starts cannot make a node derive keys without end, and those it knows are heard on", () => {
  const [a, b] = [sealOf("a"), sealOf("b")];
  ok(b.open(packet(a), "", 0).ok);
  const forged = Uint8Array.from(packet(a));
  const reasons = new Map<string, number>();
  for (let i = 0; i < 3000; i += 1) {
    forged[4] = i % 256;
    forged[5] = Math.floor(i / 256);
    const opened = b.open(forged, "", 10);
    if (!opened.ok) reasons.set(opened.reason, (reasons.get(opened.reason) ?? 0) + 1);
  }
  deepEqual([...reasons.keys()], ["wrong-key", "flood"]);
  ok((reasons.get("wrong-key") ?? 0) <= 1000);
  ok(b.open(packet(a), "", 10).ok);
});

test("a packet is never longer than the protocol allows", () => {
  const long = new MembershipSeal({ nodeName: "x".repeat(253), startId: startIds.a, cluster: "uid" }, secret);
  const record: RecordPart = {
    name: "y".repeat(253),
    address: "2001:db8::1",
    startId: startIds.b,
    incarnation: 1,
    generation: 1,
    standing: "candidate",
    deaths: 0,
    speaks: 1,
    verdict: "alive",
    part: 0,
    parts: 1,
    facts: new Uint8Array(320),
  };
  const after = { name: "z".repeat(253), part: 1 };
  const pull: MembershipMessage = { type: "pull", nonce: startIds.b, own: record, digests: new Array<number>(32).fill(1), after };
  ok(packet(long, 0, pull).length <= maxPacketOctets);
});
