import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addressesOf } from "../../crds/net/address-set.ts";
import { heldTwice, poolAddresses } from "./pool-addresses.ts";

const entry = fc
  .tuple(fc.constantFrom("10.0.0.", "fc00::"), fc.nat(30), fc.nat(30))
  .map(([network, a, b]) => `${network}${Math.min(a, b)}-${network}${Math.max(a, b)}`);

function texts(set: ReturnType<typeof heldTwice>): readonly string[] {
  return [...addressesOf(set)].map(({ family, bits }) => `${family} ${bits}`).sort();
}

test("held twice is what more than one entry names, and nothing else", () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 8 }), (addresses) => {
      const times = new Map<string, number>();
      for (const text of addresses)
        for (const address of texts(poolAddresses({ spec: { addresses: [text] } })))
          times.set(address, (times.get(address) ?? 0) + 1);
      const expected = [...times].filter(([, count]) => count > 1).map(([address]) => address);
      deepEqual(texts(heldTwice({ spec: { addresses: [...addresses, "nonsense", 7] } })), expected.sort());
    }),
  );
});
