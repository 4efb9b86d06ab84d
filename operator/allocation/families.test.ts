import { equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import { Allocator } from "./allocator.ts";
import { dualStack, service, summary } from "./fake/services.ts";

const first4 = pool("a4", ["10.0.0.1/32"]);
const first6 = pool("b6", ["fd00::1/128"]);
const later = pool("c46", ["10.1.0.1/32", "fd00:1::1/128"]);
const ipv6First = ["IPv6", "IPv4"] as const;

/** What a dual-stack Service is given; that one family is missing then is told elsewhere. */
function given(policy: "PreferDualStack" | "RequireDualStack", pools: readonly (typeof later)[], more: object = {}, wanted = "") {
  const allocator = new Allocator("");
  allocator.usePools(snapshot(...pools), new Set());
  const annotations = wanted === "" ? {} : { "metallb.io/address-pool": wanted };
  const verdict = summary(allocator.decide(service("s", { annotations, spec: { ...dualStack(policy), ...more } })));
  return verdict.replace(" unmet:SecondFamilyUnavailable", "");
}

describe("a dual-stack Service", () => {
  test("gets both families from the first pool that has both, however many with one come before", () => {
    for (const policy of ["PreferDualStack", "RequireDualStack"] as const)
      equal(given(policy, [first4, first6, later]), "assign 10.1.0.1,fd00:1::1 from c46");
  });

  test("gets its primary family under PreferDualStack where no pool has both, whatever pool comes first", () => {
    equal(given("PreferDualStack", [first4, first6]), "assign 10.0.0.1 from a4");
    equal(given("PreferDualStack", [first4, first6], { ipFamilies: ipv6First }), "assign fd00::1 from b6");
  });

  test("gets the other family under PreferDualStack where no pool has the primary one", () => {
    equal(given("PreferDualStack", [first6]), "assign fd00::1 from b6");
    equal(given("PreferDualStack", [first4], { ipFamilies: ipv6First }), "assign 10.0.0.1 from a4");
  });

  test("gets what the pool that it names has under PreferDualStack, and nothing of one without both under RequireDualStack", () => {
    equal(given("PreferDualStack", [first4, first6, later], {}, "b6"), "assign fd00::1 from b6");
    equal(given("PreferDualStack", [first4, first6, later], { ipFamilies: ipv6First }, "a4"), "assign 10.0.0.1 from a4");
    equal(given("RequireDualStack", [first4, first6, later], {}, "a4"), "pending unmet:PoolExhausted");
    equal(given("RequireDualStack", [first4, first6, later], {}, "c46"), "assign 10.1.0.1,fd00:1::1 from c46");
  });
});
