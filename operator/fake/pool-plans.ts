import type { IPAddressPool, IPAddressPoolSpec } from "../../crds/types/ip-address-pool.ts";
import { heraldAnnotations } from "../../crds/types/well-known.ts";
import { namespace } from "./replicas.ts";

/** What a user may make of a pool. */
export type PoolPlan = { readonly spec: IPAddressPoolSpec; readonly annotations?: Readonly<Record<string, string>> };

const gold = { matchLabels: { tier: "gold" } };
const whole = ["10.0.0.0/30", "fd00::/126"];

/** By the pool's name. They are small, so that addresses are scarce and change hands. */
export const poolPlans: Readonly<Record<string, readonly PoolPlan[]>> = {
  p: [
    { spec: { addresses: whole } },
    { spec: { addresses: ["10.0.0.0/31", "fd00::/127"] } },
    { spec: { addresses: ["10.0.0.2/31", "10.0.0.0/31"], avoidBuggyIPs: true } },
    { spec: { addresses: whole }, annotations: { [heraldAnnotations.reserveFor]: "30s" } },
    { spec: { addresses: whole }, annotations: { [heraldAnnotations.drain]: "true" } },
    { spec: { addresses: whole, autoAssign: false } },
    { spec: { addresses: ["10.0.0.0/30"], serviceAllocation: { serviceSelectors: [gold] } } },
    { spec: { addresses: ["fd00::/126"] } },
  ],
  q: [
    { spec: { addresses: ["10.1.0.0/31", "fd01::/127"] } },
    { spec: { addresses: ["fd01::/126"] } },
    { spec: { addresses: ["10.1.0.0-10.1.0.2"], serviceAllocation: { priority: 1, namespaces: ["team"] } } },
    { spec: { addresses: ["10.1.0.0/31"], serviceAllocation: { priority: 2, namespaceSelectors: [gold] } } },
    { spec: { addresses: ["10.0.0.2/31", "10.1.0.0/31"] } },
  ],
  r: [{ spec: { addresses: ["10.2.0.0/32", "fd02::/128"] } }, { spec: { addresses: ["10.0.0.0/30"] } }],
};

/** What nobody lets pass while webhooks are on. */
export const brokenPlans: readonly PoolPlan[] = [
  { spec: { addresses: ["nonsense"] } },
  { spec: { addresses: [] } },
  { spec: { addresses: ["10.0.0.0/30", "10.0.0.0/31"] } },
  { spec: { addresses: ["10.0.0.0/30", "10.1.0.0/31", "10.2.0.0/32"] } },
];

/** The addresses that a text of the plans holds, in order; undefined: it is no range. */
export const addressesIn: ReadonlyMap<string, readonly string[]> = new Map([
  ["10.0.0.0/30", ["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3"]],
  ["10.0.0.0/31", ["10.0.0.0", "10.0.0.1"]],
  ["10.0.0.2/31", ["10.0.0.2", "10.0.0.3"]],
  ["10.1.0.0/31", ["10.1.0.0", "10.1.0.1"]],
  ["10.1.0.0-10.1.0.2", ["10.1.0.0", "10.1.0.1", "10.1.0.2"]],
  ["10.2.0.0/32", ["10.2.0.0"]],
  ["fd00::/126", ["fd00::", "fd00::1", "fd00::2", "fd00::3"]],
  ["fd00::/127", ["fd00::", "fd00::1"]],
  ["fd01::/126", ["fd01::", "fd01::1", "fd01::2", "fd01::3"]],
  ["fd01::/127", ["fd01::", "fd01::1"]],
  ["fd02::/128", ["fd02::"]],
]);

export function poolOf(name: string, { spec, annotations = {} }: PoolPlan): IPAddressPool {
  return { metadata: { namespace, name, annotations }, spec };
}
