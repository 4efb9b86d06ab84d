import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Backend } from "../../../crds/config/backend.ts";
import { emptyResources } from "../../../crds/config/resources.ts";
import { FakeClock } from "../../../operator/framework/fake/fake-clock.ts";
import { Configuration } from "./configuration.ts";

test("a speaker's configuration keeps the limits of the backend that it is told, Herald's when it is told none", () => {
  const profile = { apiVersion: "metallb.io/v1beta1", kind: "BFDProfile", metadata: { name: "fast" } };
  const codes = (backend?: Backend) => {
    const resources = () => ({ ...emptyResources, bfdProfiles: [profile] });
    const clock = new FakeClock();
    const configuration = new Configuration({ resources, clock, onAdopted: () => {}, ...(backend && { backend }) });
    configuration.open();
    return configuration.findings.map(({ code }) => code);
  };
  deepEqual([codes(), codes("frr"), codes("native")], [[], [], ["NativeUnsupported"]]);
});
