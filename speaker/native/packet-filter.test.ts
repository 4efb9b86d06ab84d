import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { captured } from "../codec/fixture/captured-frames.ts";
import { u32At } from "../codec/octets.ts";
import { runFilter } from "./fake/bpf-machine.ts";
import type { BpfInstruction } from "./libc.ts";
import { packetFilter } from "./packet-filter.ts";

/** Offsets of what the kernel knows of a frame. */
const packetType = 4;
const tagPresent = 48;

function ipv4(number: number): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, number);
  return octets;
}

function asking(target: number): Uint8Array {
  const frame = captured.arpRequest.slice();
  frame.set(ipv4(target), 38);
  return frame;
}

function passes(program: readonly BpfInstruction[], frame: Uint8Array, kernel?: ReadonlyMap<number, number>): boolean {
  return runFilter(program, frame, kernel).octets >= frame.length;
}

const base = 0x0a00_0000;
const ours = Uint32Array.of(base + 5, base + 6, 0xc000_0202, 0xffff_fffe, 1);

for (const [what, targets] of [
  ["without targets", undefined],
  ["with targets", ours],
] as const) {
  const arp = packetFilter("arp", targets);
  const ndp = packetFilter("ndp", targets);

  test(`a filter ${what} passes no frame that is tagged or for another host`, () => {
    ok(passes(arp, captured.arpRequest));
    for (const kernel of [new Map([[tagPresent, 1]]), new Map([[packetType, 3]])]) {
      ok(!passes(arp, captured.arpRequest, kernel));
      ok(!passes(arp, captured.arpReply, kernel));
      ok(!passes(ndp, captured.advertisement, kernel));
    }
  });

  test(`a filter ${what} passes every ARP reply and neighbor advertisement, and no frame of another protocol`, () => {
    ok(passes(arp, captured.arpReply));
    ok(passes(ndp, captured.advertisement));
    ok(!passes(arp, captured.advertisement));
    ok(!passes(ndp, captured.arpReply));
  });
}

test("without targets every question passes", () => {
  ok(passes(packetFilter("arp"), asking(12_345)));
  ok(passes(packetFilter("ndp"), captured.solicitation));
});

test("questions for a few targets pass, those for any other address do not", () => {
  const program = packetFilter("arp", ours);
  for (const own of ours) ok(passes(program, asking(own)));
  for (const other of [base + 4, base + 7, 0xc000_0201, 0xffff_ffff, 0xffff_fffd, 0, 2, 0x8000_0000])
    ok(!passes(program, asking(other)));
  ok(passes(packetFilter("ndp", Uint32Array.of(u32At(captured.solicitation, 74))), captured.solicitation));
  ok(!passes(packetFilter("ndp", ours.slice(0, 1)), captured.solicitation));
});

test("without one address no question passes", () => {
  ok(!passes(packetFilter("arp", new Uint32Array()), captured.arpRequest));
  ok(!passes(packetFilter("ndp", new Uint32Array()), captured.solicitation));
});

const anyTargets = fc.oneof(
  fc.array(fc.nat(0xffff_ffff), { maxLength: 700, size: "max" }),
  fc.array(fc.nat(4000), { maxLength: 2000, size: "max" }).map((list) => list.map((offset) => base + offset)),
);

test("no question for a target is dropped, however many there are, and the program stays small and fast", () => {
  fc.assert(
    fc.property(anyTargets, fc.nat(0xffff_ffff), (numbers, other) => {
      const program = packetFilter("arp", Uint32Array.from(numbers));
      ok(program.length < 1000, `${program.length} instructions`);
      for (const number of numbers.slice(0, 50)) ok(passes(program, asking(number)));
      ok(runFilter(program, asking(other)).steps < 50);
      if (numbers.length < 100) equal(passes(program, asking(other)), numbers.includes(other));
    }),
    { numRuns: 60 },
  );
});

test("ten thousand addresses in a row cost less than forty instructions, and nothing else passes", () => {
  const numbers = Array.from({ length: 10_000 }, (_, i) => base + 32 + i);
  const program = packetFilter("arp", Uint32Array.from(numbers));
  ok(program.length < 40, `${program.length} instructions`);
  for (const number of [numbers[0] ?? 0, numbers[5000] ?? 0, numbers.at(-1) ?? 0]) ok(passes(program, asking(number)));
  for (const other of [base + 31, base + 10_032 + 16]) ok(!passes(program, asking(other)));
});

test("every third of ten thousand addresses: less than two thirds of the questions for the others pass, none from elsewhere", () => {
  const isOurs = (i: number): boolean => Math.imul(i, 0x9e37_79b1) >>> 0 < 0x5555_5555;
  const numbers = Array.from({ length: 10_000 }, (_, i) => i);
  const program = packetFilter(
    "arp",
    Uint32Array.from(numbers.filter(isOurs), (i) => base + i),
  );
  const others = numbers.filter((i) => !isOurs(i));
  const passed = others.filter((i) => passes(program, asking(base + i))).length;
  ok(passed < (others.length * 2) / 3, `${passed} of ${others.length}`);
  equal(numbers.filter((i) => passes(program, asking(base + 16_384 + i))).length, 0);
});
