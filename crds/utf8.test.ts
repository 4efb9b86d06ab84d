import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { utf8, utf8Octets } from "./utf8.ts";

test("a text has as many octets as it has encoded, half a surrogate pair included", () => {
  for (const text of ["", "a", "\u007f", "\u0080", "ä", "\u07ff", "\u0800", "€", "\uffff", "😀", "\ud800", "x\udc00y"])
    equal(utf8Octets(text), Buffer.byteLength(text), JSON.stringify(text));
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => equal(utf8Octets(text), Buffer.byteLength(text))));
});

test("a text is encoded as everybody else does it", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => deepEqual(utf8(text), [...Buffer.from(text)])));
  deepEqual(utf8("x\udc00😀"), [...Buffer.from("x\udc00😀")]);
});
