import type { Dice } from "../dice.ts";
import { type Fault, fieldFault, listIn, type Maker, type Manifest, storedOf, withSpec } from "./manifest.ts";
import { labelsOf, maybeSelectors, namespaceLabels, poolLabels, selectorFault, serviceLabels } from "./selector.ts";

/**
 * Pools are kept apart by their slot: pool `slot` owns 10.20.slot.0/24 and fd00:20:slot::/48, so that a valid pool never
 * overlaps a stored one unless a fault makes it.
 */
export const ipAddressPool: Maker = {
  kind: "IPAddressPool",
  labels: (dice) => labelsOf(dice, poolLabels),
  spec: (dice, { mode }, slot) => ({
    addresses: addressesOf(dice, slot, mode === "frr" ? 0.35 : 0.15),
    ...dice.maybe(0.2, () => ({ autoAssign: dice.chance(0.5) })),
    ...dice.maybe(0.2, () => ({ avoidBuggyIPs: dice.chance(0.7) })),
    ...dice.maybe(0.25, () => ({ serviceAllocation: allocationOf(dice) })),
  }),
  faults: [
    entryFault("an entry that is no address", [
      "10.20.250.1",
      "not-an-address",
      "",
      "10.20.250.0/33",
      "fd00:20:250::/129",
      "10.20.250.256/32",
      "010.020.250.000/24",
      "10.20.250.9-10.20.250.1",
      "10.20.250.1-",
      "-10.20.250.1",
      "10.20.250.1-10.20.250.5-10.20.250.9",
      "10.20.250.1/32-10.20.250.9/32",
      " 10.20.250.0/24",
      "10.20.250.0/24 ",
      "10.20.250.0/ 24",
      "10.20.250.0/-1",
      "10.20.250.0/+24",
      "10.20.250.0/024",
      "fe80::1%eth0/128",
      "fd00::1::2/128",
      "10.20.250/24",
    ]),
    entryFault("an unusual entry that is one", [
      "10.20.250.5/24",
      "10.20.250.1 - 10.20.250.5",
      "10.20.250.7-10.20.250.7",
      "10.20.250.255/32",
      "FD00:20:250::ABCD/128",
      "64:ff9b::10.20.250.0/120",
      "fd00:20:250:1::/64",
      "fd00:20:250::/60",
      "fd00:20:250::1-fd00:20:250::ff",
      "128.0.0.0/1",
    ]),
    entryFault("an entry between the families", ["10.20.250.1-fd00::1", "::-10.20.250.1", "::ffff:10.20.250.0/120"]),
    entryFault("an entry that overlaps the own pool", ["10.20.250.0/24", "10.20.250.64-10.20.250.70", "fd00:20:250::/64"], true),
    { name: "an overlap with a stored pool", apply: overlapStored },
    { name: "the addresses of a stored pool, moved by little", apply: touchStored },
    fieldFault("no addresses", "addresses", [[], undefined, "10.20.250.0/24", [7]]),
    fieldFault("flags of another type", "autoAssign", ["yes", 1, null]),
    fieldFault("an unknown field", "protocol", ["layer2"]),
    fieldFault("scopes at the edge", "serviceAllocation", [
      {},
      { priority: -1 },
      { priority: 0 },
      { priority: "high" },
      { namespaces: ["team-a", "team-a"] },
      { namespaces: ["Not A Name"] },
      { priority: 1, namespaces: [] },
    ]),
    nested("namespaceSelectors"),
    nested("serviceSelectors"),
  ],
};

function addressesOf(dice: Dice, slot: number, ipv6: number): readonly string[] {
  const quarters = dice.some([0, 1, 2, 3], 1, 3);
  return quarters.map((quarter) => (dice.chance(ipv6) ? ipv6Entry(dice, slot, quarter) : ipv4Entry(dice, slot, quarter)));
}

/** An entry within a quarter of the slot's /24. */
function ipv4Entry(dice: Dice, slot: number, quarter: number): string {
  const base = quarter * 64;
  if (dice.chance(0.5)) {
    const length = dice.int(26, 32);
    const size = 2 ** (32 - length);
    return `10.20.${slot}.${base + size * dice.int(0, 64 / size - 1)}/${length}`;
  }
  const first = dice.int(0, 62);
  return `10.20.${slot}.${base + first}-10.20.${slot}.${base + dice.int(first, 63)}`;
}

function ipv6Entry(dice: Dice, slot: number, quarter: number): string {
  const prefix = `fd00:20:${slot}:${quarter}::`;
  return dice.chance(0.5) ? `${prefix}/${dice.int(64, 128)}` : `${prefix}${dice.int(1, 9)}-${prefix}${dice.int(10, 99)}`;
}

function allocationOf(dice: Dice): object {
  return {
    ...dice.maybe(0.5, () => ({ priority: dice.int(0, 100) })),
    ...dice.maybe(0.5, () => ({ namespaces: dice.some(["team-a", "team-b", "default"], 1, 2) })),
    ...maybeSelectors(dice, "namespaceSelectors", namespaceLabels),
    ...maybeSelectors(dice, "serviceSelectors", serviceLabels),
  };
}

/** Adds one of some entries; `twice`: one that contains all of them stands before it. */
function entryFault(name: string, entries: readonly string[], twice = false): Fault {
  return {
    name,
    apply: (manifest, dice) => {
      const around = twice ? ["10.20.250.0/25", "fd00:20:250::/48"] : [];
      return withSpec(manifest, { addresses: [...listIn(manifest, "addresses"), ...around, dice.pick(entries)] });
    },
  };
}

function overlapStored(manifest: Manifest, dice: Dice, world: Parameters<Fault["apply"]>[2]): Manifest {
  const entries = storedOf(world, "IPAddressPool").flatMap((pool) => listIn(pool, "addresses"));
  if (entries.length === 0) return manifest;
  const taken = String(dice.pick(entries));
  const [first = "", last = first] = taken.split(/[-/]/);
  const full = first.includes(":") ? 128 : 32;
  const shared = dice.pick([taken, `${first}/${full}`, taken.includes("-") ? `${last}/${full}` : `${first}/${full - 8}`]);
  return withSpec(manifest, { addresses: [...listIn(manifest, "addresses"), shared] });
}

/** Beside a stored range, or over its edge by one address. */
function touchStored(manifest: Manifest, dice: Dice, world: Parameters<Fault["apply"]>[2]): Manifest {
  const ranges = storedOf(world, "IPAddressPool")
    .flatMap((pool) => listIn(pool, "addresses"))
    .flatMap((entry) => [...String(entry).matchAll(/^(10\.20\.\d+)\.(\d+)-10\.20\.\d+\.(\d+)$/g)]);
  const range = ranges.length === 0 ? undefined : dice.pick(ranges);
  if (range === undefined) return manifest;
  const [, network = "", , last = "0"] = range;
  const from = Math.min(254, Number(last) + dice.int(0, 1));
  return withSpec(manifest, { addresses: [`${network}.${from}-${network}.${Math.min(255, from + dice.int(0, 3))}`] });
}

function nested(field: string): Fault {
  const inner = selectorFault(field);
  return {
    name: inner.name,
    apply: (manifest, dice, world) => {
      const allocation = manifest.spec["serviceAllocation"] ?? {};
      const held = inner.apply({ ...manifest, spec: allocation as Manifest["spec"] }, dice, world);
      return withSpec(manifest, { serviceAllocation: held.spec });
    },
  };
}
