import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromHex, toHex } from "../octets.ts";
import { shutdownData, shutdownText } from "./shutdown-communication.ts";

test("a communication is its length in octets and UTF-8 (RFC 9003 §2)", () => {
  equal(toHex(shutdownData("até já")), "086174c3a9206ac3a1");
});

test("without text there are no data", () => {
  equal(shutdownData("").length, 0);
  equal(shutdownText(new Uint8Array()), "");
});

test("text that does not fit is cut behind a whole character", () => {
  const data = shutdownData(`${"a".repeat(254)}é and more`);
  equal(data[0], 254);
  equal(shutdownText(data), "a".repeat(254));
});

test("what was written is read, whatever the script", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-zéß日本語😀]{1,40}$/u), (text) => {
      equal(shutdownText(shutdownData(text)), text);
    }),
  );
});

test("octets that are not UTF-8 are question marks", () => {
  equal(shutdownText(fromHex("04 6f6bff21")), "ok?!");
});

test("a length that is too large means the rest", () => {
  equal(shutdownText(fromHex("ff 6f6b")), "ok");
});

test("any text gives data of 256 octets at most, any data a line", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), fc.uint8Array(), (text, data) => {
      ok(shutdownData(text).length <= 256);
      ok(!/[\p{C}"]/u.test(shutdownText(data)));
    }),
  );
});
