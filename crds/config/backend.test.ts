import { equal } from "node:assert/strict";
import { test } from "node:test";
import { backendOf } from "./backend.ts";

const values = [
  { text: undefined, backend: "herald" },
  { text: "", backend: "herald" },
  { text: "herald", backend: "herald" },
  { text: "frr", backend: "frr" },
  { text: "frr-k8s", backend: "frr" },
  { text: "native", backend: "native" },
  { text: "quagga", backend: undefined },
  { text: "FRR", backend: undefined },
  { text: "__proto__", backend: undefined },
];
for (const { text, backend } of values)
  test(`METALLB_BGP_TYPE ${JSON.stringify(text) ?? "unset"} means ${backend ?? "nothing"}`, () => {
    equal(backendOf(text), backend);
  });
