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
