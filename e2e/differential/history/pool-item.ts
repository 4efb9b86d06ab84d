import type { Dice } from "../dice.ts";
import { maybeSelectors, namespaceLabels, serviceLabels } from "../manifest/selector.ts";
import type { Item } from "./history.ts";
import { namespaces, poolNames } from "./service-item.ts";

type Spec = Readonly<Record<string, unknown>>;

/** Whether another pool without serviceAllocation that is used automatically may come; between two MetalLB's choice is open. */
export type Openness = "may be open" | "must be scoped";

/** A small pool, so that it is often full. Pool `index` alone uses its addresses. */
export function poolItem(dice: Dice, index: number, openness: Openness): Item {
  return {
    apiVersion: "metallb.io/v1beta1",
    kind: "IPAddressPool",
    metadata: { name: poolNames[index] ?? `pool-${index}`, namespace: "metallb-system" },
    spec: {
      addresses: addressesOf(dice, index),
      ...dice.maybe(0.2, () => ({ avoidBuggyIPs: true })),
      ...rolesOf(dice, index, openness),
    },
  };
}

/** Another range, another scope, or another flag. */
export function changedPool(item: Item, dice: Dice, openness: Openness): { readonly item: Item; readonly what: string } {
  const index = poolNames.indexOf(item.metadata.name);
  const fresh = poolItem(dice, index, openness).spec ?? {};
  const { addresses, avoidBuggyIPs: _, ...roles } = item.spec ?? {};
  return dice.weighted<() => { readonly item: Item; readonly what: string }>([
    [4, () => ({ item: { ...item, spec: { ...item.spec, addresses: fresh["addresses"] } }, what: "has other addresses" })],
    [2, () => ({ item: { ...item, spec: { ...rolesOf(dice, index, openness), addresses } }, what: "serves others" })],
    [1, () => ({ item: { ...item, spec: { ...roles, addresses, avoidBuggyIPs: true } }, what: "avoids buggy addresses" })],
  ])();
}

/** True for a pool that any Service may be given an address of without asking. */
export function isOpen({ spec }: Item): boolean {
  return spec?.["autoAssign"] !== false && spec?.["serviceAllocation"] === undefined;
}

function addressesOf(dice: Dice, index: number): readonly string[] {
  const first = dice.int(0, 3);
  const ipv4 = `10.40.${index}.${first}-10.40.${index}.${first + dice.int(0, 2)}`;
  const ipv6 = `fd00:40:${index}::${dice.int(1, 2)}-fd00:40:${index}::${dice.int(2, 4)}`;
  return dice.weighted([
    [4, [ipv4]],
    [1, [ipv6]],
    [5, [ipv4, ipv6]],
    [1, [ipv6, ipv4]],
  ]);
}

/** Who is served: priorities differ between pools, since MetalLB's order among equal ones is open. */
function rolesOf(dice: Dice, index: number, openness: Openness): Spec {
  const scoped = { serviceAllocation: { priority: index + 1, ...scopeOf(dice) } };
  if (openness === "must be scoped") return dice.chance(0.7) ? scoped : { autoAssign: false };
  return dice.weighted<Spec>([
    [6, {}],
    [1, { autoAssign: false }],
    [3, scoped],
    [1, { autoAssign: false, ...scoped }],
  ]);
}

function scopeOf(dice: Dice): Spec {
  return {
    ...dice.maybe(0.5, () => ({ namespaces: dice.some(namespaces, 1, 2) })),
    ...maybeSelectors(dice, "namespaceSelectors", namespaceLabels, 0.25),
    ...maybeSelectors(dice, "serviceSelectors", serviceLabels, 0.4),
  };
}
