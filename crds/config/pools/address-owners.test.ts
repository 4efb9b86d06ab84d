import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseAddress } from "../../net/address.ts";
import { contains } from "../../net/address-set.ts";
import { pool, snapshot } from "../fixture/pools.ts";
import type { OwnedRange } from "../snapshot.ts";
import { addressOwners, ownerOf } from "./address-owners.ts";

test("an address belongs to the pool one of whose ranges holds it, to its first and last address, in its own family", () => {
  const { owners } = snapshot(pool("b", ["10.0.2.0/24", "fd00::/120"]), pool("a", ["10.0.0.9-10.0.0.11", "10.0.3.0/24"]));
  const owner = (text: string): string | undefined => {
    const address = parseAddress(text);
    return address && ownerOf(owners, address)?.name;
  };
  const texts = ["10.0.0.8", "10.0.0.9", "10.0.0.11", "10.0.0.12", "10.0.2.0", "10.0.2.255", "10.0.3.0", "fd00::ff", "fd00::100"];
  deepEqual(texts.map(owner), [undefined, "a", "a", undefined, "b", "b", "a", "b", undefined]);
  equal(owner("::10.0.2.0"), undefined);
});

test("the owner is the one that a look at every pool finds", () => {
  const pools = ["10.0.0.0/28", "10.0.0.32/27", "10.0.0.16-10.0.0.20"].map((text, index) => pool(`p${index}`, [text]));
  const owners = addressOwners(pools);
  fc.assert(
    fc.property(fc.bigInt(0n, 80n), (offset) => {
      const address = { family: "IPv4", bits: 0x0a000000n - 8n + offset } as const;
      equal(
        ownerOf(owners, address),
        pools.find(({ addresses }) => contains(addresses, address)),
      );
    }),
  );
});

test("among 10,000 pools the owner is found with a look at few", () => {
  let looks = 0;
  const ranges = Array.from({ length: 10_000 }, (_, index): OwnedRange => {
    const bits = 0x0a000000n + BigInt(index);
    return {
      get first() {
        looks += 1;
        return bits;
      },
      last: bits,
      pool: pool(`p${index}`, []),
    };
  });
  equal(ownerOf({ IPv4: ranges, IPv6: [] }, { family: "IPv4", bits: 0x0a000000n + 7_777n })?.name, "p7777");
  ok(looks <= 20, `${looks} looks`);
});
