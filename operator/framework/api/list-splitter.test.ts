import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MalformedAnswerError } from "./kube-api.ts";
import { LineSplitter } from "./line-splitter.ts";
import { ListSplitter } from "./list-splitter.ts";

/** Any cut of `octets` into chunks; `cuts` are positions. */
function chunksOf(octets: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...new Set(cuts.map((cut) => cut % (octets.length + 1))), octets.length].sort((a, b) => a - b);
  return at.slice(1).map((end, i) => octets.subarray(at[i], end));
}

function split(chunks: readonly Buffer[]): { readonly items: unknown[]; readonly envelope: unknown } {
  const items: unknown[] = [];
  const splitter = new ListSplitter((item) => items.push(item), 1 << 20);
  for (const chunk of chunks) splitter.push(chunk);
  return { items, envelope: splitter.finish() };
}

const object = fc.dictionary(fc.string(), fc.jsonValue());
const orders = fc.constantFrom(["metadata", "items"], ["items", "metadata"], ["items"], ["metadata"]);

test("a list is split the same wherever the chunks are cut, in either order of its keys, whatever the items hold", () => {
  fc.assert(
    fc.property(fc.array(object), object, orders, fc.array(fc.nat()), fc.boolean(), (items, metadata, order, cuts, pretty) => {
      const whole = { metadata, items: items.map((item) => ({ ...item, items: [1, { items: [] }] })) };
      const list = Object.fromEntries(order.map((key) => [key, whole[key as "items"]]));
      const octets = Buffer.from(JSON.stringify(list, undefined, pretty ? 2 : 0));
      const result = split(chunksOf(octets, cuts));
      const plain = JSON.parse(octets.toString()) as Record<string, unknown>;
      deepEqual(result.items, plain["items"] ?? []);
      deepEqual(result.envelope, "items" in plain ? { ...plain, items: [] } : plain);
    }),
  );
});

test("a list that is cut off anywhere is refused", () => {
  const octets = Buffer.from('{"metadata":{"resourceVersion":"1"},"items":[{"a":"é"},{"b":[1]}]}');
  for (let end = 0; end < octets.length; end++) throws(() => split([octets.subarray(0, end)]), MalformedAnswerError, `at ${end}`);
});

test("an items list of null, as an empty one is written by some servers, holds nothing", () => {
  deepEqual(split([Buffer.from('{"items":null,"metadata":{}}')]), { items: [], envelope: { items: null, metadata: {} } });
});

test("a page beyond the bound is refused", () => {
  const splitter = new ListSplitter(() => {}, 10);
  throws(() => splitter.push(Buffer.from('{"items":[]}')), MalformedAnswerError);
});

test("lines come whole wherever the chunks are cut, also within a character", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), fc.array(fc.nat()), (texts, cuts) => {
      const lines = texts.map((text) => JSON.stringify(text));
      const splitter = new LineSplitter(1 << 20);
      const found = chunksOf(Buffer.from(lines.map((line) => `${line}\n`).join("")), cuts).flatMap((chunk) =>
        splitter.push(chunk),
      );
      deepEqual(
        found,
        lines.map((line) => Buffer.from(line).toString()),
      );
      equal(splitter.held, 0);
    }),
  );
});

test("a line beyond the bound is refused before it is complete", () => {
  const splitter = new LineSplitter(10);
  splitter.push(Buffer.from("0123456789"));
  throws(() => splitter.push(Buffer.from("0")), MalformedAnswerError);
});
