import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { reservationEntries, reservationsOf } from "./reservation-status.ts";

const address = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((bits) => ({ family: "IPv4" as const, bits })),
  fc.bigInt({ min: 2n ** 64n, max: 2n ** 128n - 1n }).map((bits) => ({ family: "IPv6" as const, bits })),
);

test("a reservation is written in whole seconds, rounded up, and read as it was written", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(address, fc.nat())), (pairs) => {
      const all = pairs.map(([of, until], index) => ({ address: of, service: `ns/s${index}`, until }));
      const read = reservationsOf({
        metadata: { name: "p" },
        spec: { addresses: [] },
        status: { assignedIPv4: 0, assignedIPv6: 0, availableIPv4: 0, availableIPv6: 0, reservations: reservationEntries(all) },
      });
      deepEqual(
        read,
        all.map((each) => ({ ...each, until: Math.ceil(each.until / 1000) * 1000 })),
      );
    }),
    { numRuns: 50 },
  );
});

test("a pool without a status keeps nothing", () => {
  deepEqual(reservationsOf({ metadata: { name: "p" }, spec: { addresses: [] } }), []);
});
