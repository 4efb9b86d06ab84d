import { equal } from "node:assert/strict";
import { test } from "node:test";
import { prefixesIn } from "./route-count.ts";

/** As Linux 6.18 writes it for a namespace with two addresses and a default route, cut. */
const text = `Basic info: size of leaf: 48 bytes, size of tnode: 40 bytes.
Main:
\tAver depth:     1.33
\tLeaves:         3
\tPrefixes:       4
\tInternal nodes: 2
Local:
\tAver depth:     2.00
\tLeaves:         6
\tPrefixes:       8
`;

test("routes are counted over all tables of the kernel", () => {
  equal(prefixesIn(text), 12);
  equal(prefixesIn("Basic info: size of leaf: 48 bytes, size of tnode: 40 bytes.\n"), 0);
});
