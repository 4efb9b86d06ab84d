import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { clashOf, type Tenant } from "./sharing.ts";
import { Tenancy } from "./tenancy.ts";

const tenant = fc.record({
  service: fc.constantFrom("a", "b", "c", "d"),
  sharingKey: fc.constantFrom("", "k", "m"),
  backendKey: fc.constantFrom("", "app=x"),
  ports: fc.subarray(["TCP/80", "TCP/81", "UDP/80"]),
});

test("beside several tenants each port must be free, not only one of them", () => {
  const tenancy = new Tenancy();
  const on = (service: string, ...ports: readonly string[]): Tenant => ({ service, sharingKey: "k", backendKey: "", ports });
  for (const each of [on("a", "TCP/80"), on("b", "TCP/81")]) tenancy.add(each);
  deepEqual(tenancy.clash("c", on("c", "TCP/443", "TCP/81")), { kind: "port", port: "TCP/81", tenant: "b" });
  deepEqual(tenancy.clash("c", on("c", "TCP/80", "TCP/443")), { kind: "port", port: "TCP/80", tenant: "a" });
  equal(tenancy.clash("c", on("c", "TCP/443", "TCP/444")), undefined);
  equal(tenancy.clash("b", on("b", "TCP/81", "TCP/443")), undefined, "its own port is free to it");
});

test("one more tenant is judged as by a look at all of them, through any history", () => {
  const step = fc.tuple(fc.constantFrom("join", "leave", "judge"), tenant);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const tenancy = new Tenancy();
      const model = new Map<string, Tenant>();
      for (const [what, each] of steps) {
        const clash = tenancy.clash(each.service, each);
        deepEqual(clash, clashOf(each.service, each, [...model.values()]));
        if (what === "leave" || (what === "join" && clash === undefined)) {
          tenancy.remove(each.service);
          model.delete(each.service);
        }
        if (what === "join" && clash === undefined) {
          tenancy.add(each);
          model.set(each.service, each);
        }
        deepEqual(tenancy.tenants, [...model.values()]);
        equal(tenancy.isEmpty, model.size === 0);
      }
    }),
    { numRuns: 300 },
  );
});
