import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { lossOf } from "./loss.ts";

const address = "172.31.0.1";

test("a connection has failed when the kernel had to try again, or when it never came about", () => {
  const attempts = [
    { at: 1000, address, tookMs: 1 },
    { at: 1010, address, tookMs: 1003 },
    { at: 1020, address, tookMs: 300 },
    { at: 1150, address, tookMs: 3, failure: "connect EHOSTUNREACH" },
    { at: 1160, address, tookMs: 2 },
  ];
  deepEqual(lossOf(attempts, 1004), { tried: 5, failed: 2, spanMs: 140, lastAfterMs: 146 });
});

test("where none failed there is no loss", () => {
  deepEqual(lossOf([{ at: 1000, address, tookMs: 1 }], 900), { tried: 1, failed: 0, spanMs: 0, lastAfterMs: 0 });
});
