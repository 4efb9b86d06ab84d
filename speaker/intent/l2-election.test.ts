import { deepEqual, equal } from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { type Candidate, elect, rank, type Sha256 } from "./l2-election.ts";

const sha256: Sha256 = (text) => hash("sha256", text, "buffer");
const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex").slice(0, 8);
const names = ["iris1", "iris2", "node-a", "node-b", "node-c"];
const equalScores: readonly Candidate[] = names.map((node) => ({ node, score: 0 }));

/** Orders that MetalLB's own speakers elect in. */
const vectors = [
  {
    ip: "10.20.30.1",
    order: ["node-b", "node-c", "node-a", "iris2", "iris1"],
    hashes: ["0867af7f", "95c3be9b", "9689afd5", "af6cb4e7", "e42ad61a"],
  },
  { ip: "192.168.1.240", order: ["node-a", "iris1", "node-c", "iris2", "node-b"], hashes: ["0905ce28", "887656f7"] },
  { ip: "fc00::1", order: ["node-b", "iris2", "node-c", "node-a", "iris1"], hashes: ["463330c4"] },
];
for (const { ip, order, hashes } of vectors) {
  test(`the order for ${ip} is MetalLB's`, () => {
    const ranked = rank(equalScores, ip, sha256);
    deepEqual(
      ranked.map(({ node }) => node),
      order,
    );
    deepEqual(
      ranked.slice(0, hashes.length).map((one) => hex(one.hash)),
      hashes,
    );
    equal(elect(equalScores, ip, sha256), order[0]);
  });
}

test("hashes are compared octet by octet, the first that differs decides", () => {
  const hashes: Readonly<Record<string, readonly number[]>> = {
    "a#192.0.2.1": [7, 0, 9, 1],
    "b#192.0.2.1": [7, 0, 200, 0],
    "c#192.0.2.1": [7, 1, 0, 0],
    "d#192.0.2.1": [6, 255, 255, 255],
    "e#192.0.2.1": [7, 0, 9, 0],
  };
  const fake: Sha256 = (text) => Uint8Array.from(hashes[text] ?? []);
  const candidates = ["a", "b", "c", "d", "e"].map((node) => ({ node, score: 0 }));
  equal(
    rank(candidates, "192.0.2.1", fake)
      .map(({ node }) => node)
      .join(""),
    "deabc",
  );
});

test("a higher score goes before every hash", () => {
  const candidates = equalScores.map((one) => ({ ...one, score: one.node === "iris1" ? 1 : 0 }));
  equal(elect(candidates, "10.20.30.1", sha256), "iris1");
  deepEqual(
    rank(candidates, "10.20.30.1", sha256).map(({ node }) => node),
    ["iris1", "node-b", "node-c", "node-a", "iris2"],
  );
});

test("nobody owns without candidates, and the only candidate owns", () => {
  equal(elect([], "192.0.2.1", sha256), undefined);
  equal(elect([{ node: "a", score: 0 }], "192.0.2.1", sha256), "a");
});

const field = fc.uniqueArray(fc.record({ node: fc.string(), score: fc.integer({ min: 0, max: 3 }) }), {
  selector: ({ node }) => node,
  maxLength: 12,
});
const ip = fc.ipV4();

test("the owner does not depend on the order of the candidates", () => {
  fc.assert(
    fc.property(field, ip, fc.func(fc.integer()), (candidates, address, key) => {
      const shuffled = candidates.toSorted((a, b) => key(a.node) - key(b.node));
      equal(elect(shuffled, address, sha256), elect(candidates, address, sha256));
    }),
  );
});

test("the owner is the first of the order", () => {
  fc.assert(
    fc.property(field, ip, (candidates, address) => {
      equal(elect(candidates, address, sha256), rank(candidates, address, sha256)[0]?.node);
    }),
  );
});

test("losing a candidate that does not own changes nothing", () => {
  fc.assert(
    fc.property(field, ip, fc.nat(), (candidates, address, index) => {
      const owner = elect(candidates, address, sha256);
      const lost = candidates[index % Math.max(1, candidates.length)];
      fc.pre(lost !== undefined && lost.node !== owner);
      equal(
        elect(
          candidates.filter((one) => one !== lost),
          address,
          sha256,
        ),
        owner,
      );
    }),
  );
});
