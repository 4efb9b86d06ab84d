import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { Reader, Writer } from "./cursor.ts";
import { CodecError } from "./error.ts";
import { fromHex, toHex } from "./octets.ts";

test("Reader reads unsigned numbers in network byte order", () => {
  const r = new Reader(fromHex("ff fffe fffffffd 0102 03"), "test");
  equal(r.u8("a"), 0xff);
  equal(r.u16("b"), 0xfffe);
  equal(r.u32("c"), 0xfffffffd);
  deepEqual(r.bytes(2, "d"), fromHex("0102"));
  equal(r.remaining, 1);
  deepEqual(r.rest(), fromHex("03"));
  equal(r.remaining, 0);
});

test("Reader reads only its own part of a larger buffer", () => {
  const r = new Reader(fromHex("aa 0102 bb").subarray(1, 3), "test");
  equal(r.u16("a"), 0x0102);
  throws(() => r.u8("b"), CodecError);
});

test("an error of Reader names protocol, field, offset and problem", () => {
  const r = new Reader(fromHex("010203"), "test");
  r.skip(2, "a");
  throws(
    () => r.u32("length"),
    (error: unknown) => {
      if (!(error instanceof CodecError)) return false;
      deepEqual([error.protocol, error.field, error.offset], ["test", "length", 2]);
      equal(error.message, "test: length at octet 2: needs 4 octets, 1 are left");
      return true;
    },
  );
});

test("a read that fails does not advance", () => {
  const r = new Reader(fromHex("0102"), "test");
  throws(() => r.u32("a"), CodecError);
  equal(r.u16("b"), 0x0102);
});

test("Writer is the inverse of Reader and grows beyond its capacity", () => {
  const written = new Writer(1).u8(0xff).u16(0xfffe).u32(0xfffffffd).bytes(fromHex("0102")).zeros(2).finish();
  equal(toHex(written), "fffffefffffffd01020000");
});

test("zeros are zero even where the buffer was used before", () => {
  equal(toHex(new Writer(2).zeros(2).u8(1).zeros(3).finish()), "000001000000");
});
