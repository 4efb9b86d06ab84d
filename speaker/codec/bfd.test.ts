import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type BfdControl, bfdControlLength, decodeBfdControl, encodeBfdControl } from "./bfd.ts";
import { CodecError } from "./error.ts";
import { capturedBfd } from "./fixture/captured-bfd.ts";

const quiet = { diagnostic: 0, poll: false, final: false, controlPlaneIndependent: false, demand: false, detectMultiplier: 3 };
const wire: readonly { readonly name: string; readonly octets: Uint8Array; readonly packet: BfdControl }[] = [
  {
    name: "Down of BIRD",
    octets: capturedBfd.birdDown,
    packet: {
      ...quiet,
      state: "Down",
      myDiscriminator: 0x796014a7,
      yourDiscriminator: 0,
      desiredMinTxUs: 1_000_000,
      requiredMinRxUs: 300_000,
      requiredMinEchoRxUs: 0,
    },
  },
  {
    name: "Init of FRR",
    octets: capturedBfd.frrInit,
    packet: {
      ...quiet,
      state: "Init",
      myDiscriminator: 0x6943064e,
      yourDiscriminator: 0x8db69ef1,
      desiredMinTxUs: 1_000_000,
      requiredMinRxUs: 1_000_000,
      requiredMinEchoRxUs: 50_000,
    },
  },
  {
    name: "Poll of FRR",
    octets: capturedBfd.frrPoll,
    packet: {
      ...quiet,
      state: "Up",
      poll: true,
      myDiscriminator: 0x6943064e,
      yourDiscriminator: 0x8db69ef1,
      desiredMinTxUs: 300_000,
      requiredMinRxUs: 300_000,
      requiredMinEchoRxUs: 50_000,
    },
  },
  {
    name: "Final of BIRD",
    octets: capturedBfd.birdFinal,
    packet: {
      ...quiet,
      state: "Up",
      final: true,
      myDiscriminator: 0x8db69ef1,
      yourDiscriminator: 0x6943064e,
      desiredMinTxUs: 300_000,
      requiredMinRxUs: 300_000,
      requiredMinEchoRxUs: 0,
    },
  },
];

for (const { name, octets, packet } of wire) {
  test(`BFD ${name} as captured`, () => {
    deepEqual(decodeBfdControl(octets), packet);
    deepEqual(encodeBfdControl(packet), octets);
  });
}

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const control: fc.Arbitrary<BfdControl> = fc
  .record({
    diagnostic: fc.nat(31),
    state: fc.constantFrom("AdminDown", "Down", "Init", "Up"),
    poll: fc.boolean(),
    final: fc.boolean(),
    controlPlaneIndependent: fc.boolean(),
    demand: fc.boolean(),
    detectMultiplier: fc.integer({ min: 1, max: 255 }),
    myDiscriminator: fc.integer({ min: 1, max: 0xffff_ffff }),
    yourDiscriminator: u32,
    desiredMinTxUs: u32,
    requiredMinRxUs: u32,
    requiredMinEchoRxUs: u32,
  })
  .filter(({ state, yourDiscriminator }) => yourDiscriminator !== 0 || state === "Down" || state === "AdminDown");

test("decoding is the inverse of encoding", () => {
  fc.assert(fc.property(control, (packet) => deepEqual(decodeBfdControl(encodeBfdControl(packet)), { ...packet })));
});

test("whatever octets arrive, they are a packet or a CodecError, and a packet says the same when it is sent on", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => {
      let packet: BfdControl;
      try {
        packet = decodeBfdControl(octets);
      } catch (error) {
        equal(error instanceof CodecError, true);
        return;
      }
      deepEqual(decodeBfdControl(encodeBfdControl(packet)), packet);
    }),
  );
});

test("a truncated packet is a CodecError at every length", () => {
  for (let length = 0; length < bfdControlLength; length += 1)
    throws(() => decodeBfdControl(capturedBfd.frrPoll.slice(0, length)), CodecError);
});

test("octets behind the packet's own length are ignored", () => {
  const longer = new Uint8Array(60);
  longer.set(capturedBfd.frrPoll);
  deepEqual(decodeBfdControl(longer), decodeBfdControl(capturedBfd.frrPoll));
});

for (const { rule, from, at, octets, field } of [
  { rule: "another version than 1", from: capturedBfd.frrPoll, at: 0, octets: [0x40], field: "version" },
  { rule: "a length below 24", from: capturedBfd.frrPoll, at: 3, octets: [23], field: "length" },
  { rule: "a length beyond the payload", from: capturedBfd.frrPoll, at: 3, octets: [25], field: "length" },
  { rule: "authentication in less than 26 octets", from: capturedBfd.frrPoll, at: 1, octets: [0xe4], field: "length" },
  { rule: "a detection multiplier of 0", from: capturedBfd.frrPoll, at: 2, octets: [0], field: "detect mult" },
  { rule: "the multipoint bit", from: capturedBfd.frrPoll, at: 1, octets: [0xc1], field: "multipoint" },
  { rule: "my discriminator 0", from: capturedBfd.frrPoll, at: 4, octets: [0, 0, 0, 0], field: "my discriminator" },
  { rule: "your discriminator 0 when Up", from: capturedBfd.frrPoll, at: 8, octets: [0, 0, 0, 0], field: "your discriminator" },
  { rule: "your discriminator 0 in Init", from: capturedBfd.frrInit, at: 8, octets: [0, 0, 0, 0], field: "your discriminator" },
]) {
  test(`BFD refuses ${rule} (RFC 5880 §6.8.6)`, () => {
    const packet = from.slice();
    packet.set(octets, at);
    throws(() => decodeBfdControl(packet), { name: "CodecError", field });
  });
}

test("an authenticated packet is refused as such", () => {
  const packet = new Uint8Array(44);
  packet.set(capturedBfd.frrPoll);
  packet.set([0xe4, 3, 44], 1);
  throws(() => decodeBfdControl(packet), { name: "CodecError", field: "authentication" });
});
