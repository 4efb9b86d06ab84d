import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toHex } from "../octets.ts";
import { decodeRouteRefresh } from "./route-refresh.ts";

test("outbound route filters behind a plain request are skipped (RFC 5291 §4)", () => {
  const decoded = decodeRouteRefresh(fromHex("0001 00 01 01 40 0000"));
  deepEqual(decoded.ok && decoded.value, { type: "route-refresh", afi: 1, safi: 1, subtype: 0 });
});

test("a wrong length of a marked request is answered with the whole message (RFC 7313 §5)", () => {
  const decoded = decodeRouteRefresh(fromHex("0001 01 01 00"));
  ok(!decoded.ok);
  deepEqual([decoded.error.code, decoded.error.subcode], [7, 1]);
  equal(toHex(decoded.error.data), `${"ff".repeat(16)}0018050001010100`);
});
