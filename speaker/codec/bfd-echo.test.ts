import { deepEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bfdEchoLength, decodeBfdEcho, encodeBfdEcho } from "./bfd-echo.ts";
import { CodecError } from "./error.ts";
import { fromHex } from "./octets.ts";

const echo = { discriminator: 0x0a0b0c0d, sequence: 1, secret: 0xfffffffe };

test("an echo packet has version, length and discriminator where FRR has them", () => {
  deepEqual(encodeBfdEcho(echo), fromHex("20100000 0a0b0c0d 00000001 fffffffe"));
});

test("decoding is the inverse of encoding", () => {
  const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
  fc.assert(
    fc.property(fc.record({ discriminator: u32, sequence: u32, secret: u32 }), (value) =>
      deepEqual(decodeBfdEcho(encodeBfdEcho(value)), { ...value }),
    ),
  );
});

test("a truncated echo packet is a CodecError at every length", () => {
  for (let length = 0; length < bfdEchoLength; length += 1)
    throws(() => decodeBfdEcho(encodeBfdEcho(echo).slice(0, length)), CodecError);
});

test("an echo packet in another format is a CodecError", () => {
  for (const [at, field] of [
    [0, "version"],
    [1, "length"],
  ] as const) {
    const other = encodeBfdEcho(echo).slice();
    other[at] = 0x55;
    throws(() => decodeBfdEcho(other), { name: "CodecError", field });
  }
});
