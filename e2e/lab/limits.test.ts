import { deepEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { limitsOf } from "./limits.ts";
import type { Container } from "./objects.ts";

function container(limits: Readonly<Record<string, string>>): Container {
  return { name: "c", resources: { limits } };
}

test("limits are read in the forms that manifests use", () => {
  deepEqual(limitsOf(container({ cpu: "100m", memory: "100Mi" })), { cpuMillis: 100, memoryBytes: 104857600 });
  deepEqual(limitsOf(container({ cpu: "0.5" })), { cpuMillis: 500 });
  deepEqual(limitsOf(container({ cpu: "2", memory: "1Gi" })), { cpuMillis: 2000, memoryBytes: 2 ** 30 });
});

test("a container without limits has none", () => {
  deepEqual(limitsOf({ name: "c" }), {});
});

test("a quantity that is not understood is refused by name", () => {
  throws(() => limitsOf(container({ memory: "much" })), /"much"/);
});
