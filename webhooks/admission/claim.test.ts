import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { type Claim, claimLifetimeMs, decodeClaims, encodeClaims, pendingClaims } from "./claim.ts";

const now = Date.UTC(2026, 0, 1);

function claim(changes: Partial<Claim> = {}): Claim {
  return {
    id: "r1",
    pool: "a",
    uid: "u1",
    generation: 1,
    operation: "CREATE",
    addresses: ["10.0.0.0/24"],
    answeredAt: now,
    ...changes,
  };
}

function stored(uid: string, generation = 1, name = "a") {
  return { metadata: { name, uid, generation } };
}

const cases: readonly [string, Claim, readonly unknown[], boolean][] = [
  ["a create stands until its pool is seen", claim(), [], true],
  ["a create is settled by its pool's uid", claim(), [stored("u1")], false],
  ["a create is not settled by an older pool of that name", claim(), [stored("u0")], true],
  [
    "an update stands while the generation before it is stored",
    claim({ operation: "UPDATE", generation: 3 }),
    [stored("u1", 2)],
    true,
  ],
  ["an update is settled by its generation", claim({ operation: "UPDATE", generation: 3 }), [stored("u1", 3)], false],
  ["an update is settled by a later generation", claim({ operation: "UPDATE", generation: 3 }), [stored("u1", 4)], false],
  ["an update is settled by the pool's deletion", claim({ operation: "UPDATE", generation: 3 }), [], false],
  ["an update is settled by another pool of that name", claim({ operation: "UPDATE", generation: 3 }), [stored("u2", 1)], false],
  ["a claim stands for its lifetime", claim({ answeredAt: now - claimLifetimeMs + 1 }), [], true],
  ["a claim ends with its lifetime", claim({ answeredAt: now - claimLifetimeMs }), [], false],
  ["a claim from a clock a little ahead stands", claim({ answeredAt: now + 5_000 }), [], true],
  ["a claim from far in the future does not stand for ever", claim({ answeredAt: now + claimLifetimeMs }), [], false],
];
for (const [name, each, pools, stands] of cases)
  test(name, () => deepEqual(pendingClaims([each], pools, now), stands ? [each] : []));

test("claims survive being written and read", () => {
  const claims = [claim(), claim({ id: "r2", operation: "UPDATE", addresses: [] })];
  deepEqual(decodeClaims(encodeClaims(claims)), claims);
});

test("an absent text holds no claims", () => deepEqual(decodeClaims(undefined), []));

for (const text of ["", "{}", "nonsense", "[1]", '[{"id":"r1"}]', encodeClaims([claim()]).replace("CREATE", "DELETE")])
  test(`${text || "an empty text"} was not written by a replica`, () => equal(decodeClaims(text), undefined));
