import { equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import type { Pool } from "../../crds/config/snapshot.ts";
import { compileSelectors } from "../../crds/selector.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { Allocator } from "./allocator.ts";
import { dualStack, service, summary } from "./fake/services.ts";

type Scope = NonNullable<Pool["scope"]>;
const none: ReadonlySet<string> = new Set();

/** What a Service gets from these pools, other Services having come first. */
function given(asking: Service, pools: readonly Pool[], others: readonly Service[] = []): string {
  const allocator = new Allocator("");
  allocator.usePools(snapshot(...pools), none);
  for (const other of others) allocator.decide(other);
  return summary(allocator.decide(asking));
}

const scope = (changes: Partial<Scope> = {}): Pick<Pool, "scope"> => ({
  scope: { priority: 1, serviceSelectors: [], ...changes },
});
const labelled = (...labels: readonly Record<string, string>[]): Partial<Scope> => ({
  serviceSelectors: compileSelectors(labels.map((matchLabels) => ({ matchLabels }))).selectors,
});
const only = (changes: Partial<Scope>): Pool => pool("p", ["10.0.0.1/32"], scope(changes));
const yes = "assign 10.0.0.1 from p";
const no = "pending unmet:NoAvailableIPs";

describe("a pool with serviceAllocation serves", () => {
  const gold = { labels: { tier: "gold" } };
  const team = { namespaces: new Set(["team", "crew"]) };
  const cases: readonly [string, Service, Partial<Scope>, string][] = [
    ["everybody, when it says nothing more", service("a"), {}, yes],
    ["each of its namespaces", service("a", { namespace: "crew" }), team, yes],
    ["no other namespace", service("a"), team, no],
    ["nobody, when its namespaces are none at present", service("a"), { namespaces: none }, no],
    [
      "nobody, when its namespaces are none at present, whatever the labels",
      service("a", gold),
      { namespaces: none, ...labelled(gold.labels) },
      no,
    ],
    ["a Service with the labels", service("a", gold), labelled(gold.labels), yes],
    ["a Service with the labels of one of its selectors", service("a", gold), labelled({ tier: "tin" }, gold.labels), yes],
    ["no Service without the labels", service("a"), labelled(gold.labels), no],
    [
      "a Service of the namespace with the labels",
      service("a", { ...gold, namespace: "team" }),
      { ...team, ...labelled(gold.labels) },
      yes,
    ],
    [
      "no Service of the namespace without the labels",
      service("a", { namespace: "team" }),
      { ...team, ...labelled(gold.labels) },
      no,
    ],
    ["no Service of another namespace with the labels", service("a", gold), { ...team, ...labelled(gold.labels) }, no],
  ];
  for (const [name, asking, changes, expected] of cases) test(name, () => equal(given(asking, [only(changes)]), expected));

  test("nobody else who names it or one of its addresses", () => {
    const named = service("a", { annotations: { "metallb.io/address-pool": "p" } });
    equal(given(named, [only(team)]), "pending unmet:ScopeExcludes");
    const asked = service("a", { annotations: { "metallb.io/loadBalancerIPs": "10.0.0.1" } });
    equal(given(asked, [only(team)]), "pending unmet:ScopeExcludes");
  });
});

describe("without a wish", () => {
  const general = pool("a-general", ["10.9.0.0/30"]);

  test("pools come in the order of their priorities, of all namespaces and of its own alike, then of their names", () => {
    const own = { namespaces: new Set(["default"]) };
    const pools = [
      general,
      pool("d", ["10.0.0.1/32"], scope({ priority: 5, ...own })),
      pool("c", ["10.0.0.2/32"], scope({ priority: 5 })),
      pool("b", ["10.0.0.3/32"], scope({ priority: 7 })),
      pool("a", ["10.0.0.4/32"], scope({ priority: Number.POSITIVE_INFINITY, ...own })),
      pool("e", ["10.0.0.5/32"], scope({ priority: 6, ...own })),
    ];
    const order = ["c", "d", "e", "b", "a", "a-general"];
    for (const [index, name] of order.entries()) {
      const others = Array.from({ length: index }, (_, number) => service(`o${number}`));
      equal(given(service("x"), pools, others).split(" ").at(-1), name);
    }
  });

  test("a pool without autoAssign is passed over, with and without serviceAllocation", () => {
    equal(
      given(service("a"), [
        { ...general, autoAssign: false },
        { ...only({}), autoAssign: false },
      ]),
      no,
    );
  });

  test("no pool for general use is looked at when one with serviceAllocation has something to give", () => {
    const asking = service("a", { spec: dualStack("PreferDualStack") });
    equal(given(asking, [only({}), pool("both", ["10.1.0.0/30", "fd00::/126"])]), `${yes} unmet:SecondFamilyUnavailable`);
  });

  test("pools for general use come in the order of their names", () => {
    equal(given(service("a"), [pool("z", ["10.0.0.0/30"]), pool("b", ["10.1.0.0/30"])]), "assign 10.1.0.0 from b");
  });
});

describe("by families", () => {
  const four = pool("four", ["10.4.0.0/32"]);
  const six = pool("six", ["fd06::/128"]);
  const both = pool("zboth", ["10.8.0.0/32", "fd08::/128"]);
  const v6 = { clusterIPs: ["fd00:96::1"] };
  const sixFirst = {
    ...dualStack("PreferDualStack"),
    clusterIPs: ["fd00:96::1", "10.96.0.1"],
    ipFamilies: ["IPv6", "IPv4"],
  } as const;
  const prefer = dualStack("PreferDualStack");
  const require = dualStack("RequireDualStack");
  const lacks = " unmet:SecondFamilyUnavailable";
  const cases: readonly [string, Service["spec"], readonly Pool[], string][] = [
    ["IPv4 takes the first pool with IPv4", {}, [six, four, both], "assign 10.4.0.0 from four"],
    ["IPv6 takes the first pool with IPv6", v6, [four, six, both], "assign fd06:: from six"],
    ["IPv6 under PreferDualStack takes one", { ...v6, ipFamilyPolicy: "PreferDualStack" }, [both], "assign fd08:: from zboth"],
    ["RequireDualStack takes the first pool with both", require, [four, six, both], "assign 10.8.0.0,fd08:: from zboth"],
    ["RequireDualStack takes nothing less", require, [four, six], no],
    ["PreferDualStack takes the first pool with both", prefer, [four, six, both], "assign 10.8.0.0,fd08:: from zboth"],
    ["PreferDualStack takes the primary family next", prefer, [six, four], `assign 10.4.0.0 from four${lacks}`],
    ["PreferDualStack takes the primary family next, which may be IPv6", sixFirst, [six, four], `assign fd06:: from six${lacks}`],
    ["PreferDualStack takes the other family last", prefer, [six], `assign fd06:: from six${lacks}`],
    ["PreferDualStack takes the other family last, which may be IPv4", sixFirst, [four], `assign 10.4.0.0 from four${lacks}`],
    ["two addresses are IPv4 first, whatever the order of families", sixFirst, [both], "assign 10.8.0.0,fd08:: from zboth"],
  ];
  for (const [name, spec, pools, expected] of cases) {
    test(name, () => equal(given(service("a", spec && { spec }), pools), expected));
  }

  const named = (of: Service["spec"], name: string): Service =>
    service("a", { annotations: { "metallb.io/address-pool": name }, ...(of && { spec: of }) });
  const ofPool: readonly [string, Service, readonly Pool[], string][] = [
    ["a named pool gives both under PreferDualStack", named(prefer, "zboth"), [four, both], "assign 10.8.0.0,fd08:: from zboth"],
    ["a named pool gives what it has under PreferDualStack", named(prefer, "six"), [both, six], `assign fd06:: from six${lacks}`],
    [
      "a named pool gives both or nothing under RequireDualStack",
      named(require, "six"),
      [both, six],
      "pending unmet:PoolExhausted",
    ],
    ["a named pool of the other family gives nothing", named({}, "six"), [four, six], "pending unmet:PoolExhausted"],
  ];
  for (const [name, asking, pools, expected] of ofPool) test(name, () => equal(given(asking, pools), expected));

  test("a full family of a pool counts as missing", () => {
    equal(given(service("a", { spec: prefer }), [both], [service("b")]), `assign fd08:: from zboth${lacks}`);
    equal(given(service("a", { spec: require }), [both], [service("b")]), no);
  });
});
