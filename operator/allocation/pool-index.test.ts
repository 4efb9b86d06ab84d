import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import type { Pool } from "../../crds/config/snapshot.ts";
import { compileSelectors } from "../../crds/selector.ts";
import { changedPools, indexPools } from "./pool-index.ts";

type Scope = NonNullable<Pool["scope"]>;
const scope: Scope = {
  priority: 1,
  namespaces: new Set(["a", "b"]),
  serviceSelectors: compileSelectors([{ matchLabels: { x: "1" } }]).selectors,
};
const p = pool("p", ["10.0.0.0/30", "fd00::/126"], { scope });
const changed = (before: Pool, after: Pool): readonly string[] => [...changedPools(snapshot(before), snapshot(after))];

describe("a pool means something else for allocation when", () => {
  const changes: readonly [string, Partial<Pool>][] = [
    ["its generation changes", { generation: 2 }],
    ["it begins to drain", { draining: true }],
    ["it keeps addresses for deleted Services", { reserveForMs: 1 }],
    ["its autoAssign changes", { autoAssign: false }],
    ["its avoidBuggyIPs changes", { avoidBuggyIPs: true }],
    ["its addresses change", pool("", ["10.0.0.0/30"])],
    ["the order of its addresses changes", pool("", ["fd00::/126", "10.0.0.0/30"])],
    ["its priority changes", { scope: { ...scope, priority: 2 } }],
    ["one of its namespaces is another", { scope: { ...scope, namespaces: new Set(["a", "c"]) } }],
    ["it has a namespace more", { scope: { ...scope, namespaces: new Set(["a", "b", "c"]) } }],
    ["it has a namespace fewer", { scope: { ...scope, namespaces: new Set(["a"]) } }],
    [
      "its selectors change",
      { scope: { ...scope, serviceSelectors: compileSelectors([{ matchLabels: { x: "2" } }]).selectors } },
    ],
    ["it has one selector fewer", { scope: { ...scope, serviceSelectors: [] } }],
  ];
  for (const [name, change] of changes)
    test(name, () => deepEqual(changed(p, { ...p, ...change, name: "p", scope: change.scope ?? scope }), ["p"]));

  test("it gets or loses its scope, or the scope's namespaces", () => {
    const { scope: _, ...general } = p;
    const { namespaces: __, ...everywhere } = scope;
    deepEqual([changed(general, p), changed(p, general), changed({ ...p, scope: everywhere }, p)], [["p"], ["p"], ["p"]]);
  });

  test("it appears or goes", () => {
    deepEqual([...changedPools(snapshot(p), snapshot())], ["p"]);
    deepEqual([...changedPools(snapshot(), snapshot(p))], ["p"]);
  });

  test("but not when it was only read anew", () => {
    const again = pool("p", ["10.0.0.0/30", "fd00::/126"], {
      scope: { ...scope, namespaces: new Set(["b", "a"]) },
      labels: { l: "2" },
    });
    deepEqual(changed(p, again), []);
  });
});

test("the owner of an address is the pool one of whose ranges holds it, to its first and last address", () => {
  const index = indexPools(
    snapshot(pool("a", ["10.0.0.4-10.0.0.6", "10.0.0.10/32"]), pool("b", ["10.0.0.0-10.0.0.3", "fd00::/126"])),
  );
  const owners = Array.from(
    { length: 12 },
    (_, octet) => index.ownerOf({ family: "IPv4", bits: 0x0a000000n + BigInt(octet) })?.name ?? "-",
  );
  equal(owners.join(""), "bbbbaaa---a-");
  equal(index.ownerOf({ family: "IPv6", bits: 0x0a000000n }), undefined);
  equal(index.ownerOf({ family: "IPv6", bits: 0xfd00n << 112n })?.name, "b");
});
