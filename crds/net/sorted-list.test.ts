import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { lastNotAbove } from "./sorted-list.ts";

test("the last item that is not above a limit is found", () => {
  const items = [2n, 4n, 6n];
  const found = [1n, 2n, 3n, 4n, 5n, 6n, 7n].map((limit) => lastNotAbove(items, limit, (item) => item));
  deepEqual(found, [undefined, 2n, 2n, 4n, 4n, 6n, 6n]);
  equal(
    lastNotAbove([], 1n, (item: bigint) => item),
    undefined,
  );
});
