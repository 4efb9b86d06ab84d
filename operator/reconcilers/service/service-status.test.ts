import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { parseAddress } from "../../../crds/net/address.ts";
import type { LoadBalancerIngress, Service } from "../../../crds/types/kubernetes.ts";
import { service } from "../../allocation/fake/services.ts";
import type { Verdict } from "../../allocation/verdict.ts";
import { statusPatch as statusPatchAt } from "./service-status.ts";

/** Without the conditions, which have tests of their own. */
function statusPatch(given: Service, verdict: Verdict): object | undefined {
  const whole = statusPatchAt(given, verdict, 0) as { readonly status: { readonly conditions?: unknown } } | undefined;
  if (whole === undefined) return undefined;
  const { conditions: _, ...status } = whole.status;
  return { ...whole, status };
}

const showing = (...ingress: readonly LoadBalancerIngress[]): Service => ({
  ...service("a"),
  status: { loadBalancer: { ingress } },
});
const keep = (pool: string, ...texts: readonly string[]): Verdict => ({
  outcome: "keep",
  addresses: texts.map(parseAddress).filter((address) => address !== undefined),
  pool,
  lost: [],
  unmet: [],
});
const patch = (pool: string | null, ingress: readonly LoadBalancerIngress[] | null) => ({
  metadata: { annotations: { "metallb.io/ip-allocated-from-pool": pool } },
  status: { loadBalancer: { ingress } },
});

describe("a Service's status", () => {
  test("shows the addresses in the order of the verdict, and the pool", () => {
    deepEqual(statusPatch(service("a"), keep("p", "fd00::1", "10.0.0.1")), patch("p", [{ ip: "fd00::1" }, { ip: "10.0.0.1" }]));
  });

  test("keeps its order while the addresses are the same", () => {
    const shown = [{ ip: "10.0.0.1" }, { ip: "fd00::1" }];
    deepEqual(statusPatch(showing(...shown), keep("p", "fd00::1", "10.0.0.1")), patch("p", shown));
  });

  test("puts an address that joins in the verdict's order", () => {
    deepEqual(
      statusPatch(showing({ ip: "fd00::1", ipMode: "VIP" }), keep("p", "fd00::1", "10.0.0.1")),
      patch("p", [{ ip: "fd00::1", ipMode: "VIP" }, { ip: "10.0.0.1" }]),
    );
  });

  test("keeps what others wrote beside an address, and entries without one", () => {
    const foreign: readonly LoadBalancerIngress[] = [{ hostname: "lb.example" }, { ip: "", hostname: "empty" }];
    deepEqual(
      statusPatch(showing(...foreign, { ip: "10.0.0.1", ipMode: "Proxy" }), keep("p", "10.0.0.1")),
      patch("p", [{ ip: "10.0.0.1", ipMode: "Proxy" }, ...foreign]),
    );
    const cleared: Verdict = { outcome: "pending", lost: [], unmet: [] };
    deepEqual(statusPatch(showing(...foreign, { ip: "10.0.0.1" }), cleared), patch(null, foreign));
  });

  test("spells addresses canonically, and shows each once", () => {
    deepEqual(
      statusPatch(showing({ ip: "fd00:0::1" }, { ip: "fd00::1" }, { ip: "nonsense" }), keep("p", "fd00::1")),
      patch("p", [{ ip: "fd00::1" }]),
    );
  });

  test("is emptied when nothing is left", () => {
    for (const outcome of ["pending", "clear"] as const) {
      deepEqual(statusPatch(showing({ ip: "10.0.0.1" }), { outcome, lost: [], unmet: [] }), patch(null, null));
    }
  });

  test("names no pool when none is known", () => {
    deepEqual(statusPatch(showing({ ip: "10.0.0.1" }), keep("", "10.0.0.1")), patch(null, [{ ip: "10.0.0.1" }]));
  });

  test("is not touched when it is not ours", () => {
    equal(statusPatch(showing({ ip: "10.0.0.1" }), { outcome: "ignore", unmet: [] }), undefined);
  });
});
