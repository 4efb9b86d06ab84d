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

function millisecondsOf(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
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

/** What lists of the API server look like: all items begin alike. Some hold what stands between two items. */
const seam = '},{"metadata":{"name":"a"},"spec":';
const alike = fc.record({
  metadata: fc.record({ name: fc.string(), annotations: fc.dictionary(fc.string(), fc.constantFrom("x", seam, `"${seam}`)) }),
  spec: fc.oneof(object, fc.constant([{ metadata: {} }, { metadata: { name: "inner" } }, { metadata: {} }])),
});

test("items that begin alike are split the same wherever the chunks are cut, also where items stand within items", () => {
  fc.assert(
    fc.property(fc.array(alike, { minLength: 1 }), fc.array(fc.nat()), fc.boolean(), (items, cuts, itemsFirst) => {
      const metadata = { resourceVersion: "1", inner: { items: [{ metadata: {} }, { metadata: {} }] } };
      const octets = Buffer.from(JSON.stringify(itemsFirst ? { items, metadata } : { metadata, items }));
      const result = split(chunksOf(octets, cuts));
      deepEqual(result.items, JSON.parse(JSON.stringify(items)));
      deepEqual(result.envelope, { metadata, items: [] });
    }),
  );
});

test("items are handed out while the page arrives", () => {
  const items = Array.from({ length: 1000 }, (_, index) => ({ metadata: { name: `s-${index}`, uid: "0".repeat(200) } }));
  const octets = Buffer.from(JSON.stringify({ kind: "ServiceList", metadata: {}, items }));
  const found: unknown[] = [];
  const splitter = new ListSplitter((item) => found.push(item), 1 << 20);
  for (let from = 0; from < octets.length; from += 4096) {
    splitter.push(octets.subarray(from, from + 4096));
    equal(from + 4096 - found.length * 240 < 8192, true, `${found.length} items of ${from + 4096} octets`);
  }
  splitter.finish();
  deepEqual(found, items);
});

test("a page in which every guess is wrong is parsed a few times, and not for each of its six hundred chunks", () => {
  const page = { items: [{ metadata: {}, spec: Array.from({ length: 30_000 }, () => ({ metadata: {} })) }] };
  const text = JSON.stringify(page);
  const octets = Buffer.from(text);
  const items: unknown[] = [];
  const splitter = new ListSplitter((item) => items.push(item), octets.length);
  const once = millisecondsOf(() => JSON.parse(text));
  const split = millisecondsOf(() => {
    for (let from = 0; from < octets.length; from += 800) splitter.push(octets.subarray(from, from + 800));
    splitter.finish();
  });
  deepEqual(items, page.items);
  equal(split < 100 * once, true, `${split} ms, to parse it once ${once} ms`);
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
