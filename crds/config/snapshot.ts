import type { AddressSet } from "../net/address-set.ts";
import type { Range } from "../net/range.ts";
import type { Selector } from "../selector.ts";

/** What the valid objects mean together. Immutable; every list is sorted by name. */
export type Snapshot = {
  readonly pools: readonly Pool[];
  readonly poolByName: ReadonlyMap<string, Pool>;
};

/** A valid IPAddressPool with the advertisements attached to it. */
export type Pool = {
  readonly name: string;
  /** `metadata.generation` of the object this meaning was read from. */
  readonly generation: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Spec order; each entry's ranges are one CIDR's or one `start-end` range's. */
  readonly entries: readonly PoolEntry[];
  /** Union of the entries. */
  readonly addresses: AddressSet;
  readonly autoAssign: boolean;
  /** IPv4 addresses ending in .0 or .255 are not handed out. */
  readonly avoidBuggyIPs: boolean;
  /** Absent: general use. */
  readonly scope?: AllocationScope;
  /** `herald-lb.io/drain`: no new addresses, existing ones stay. */
  readonly draining: boolean;
  /** `herald-lb.io/reserve-for`, in milliseconds; absent: a released address is kept for nobody. */
  readonly reserveForMs?: number;
  readonly l2: readonly L2Advertisement[];
};

export type PoolEntry = { readonly text: string; readonly range: Range };

/** spec.serviceAllocation, namespaces resolved. */
export type AllocationScope = {
  /** Lower wins; `Number.POSITIVE_INFINITY` when absent or not above zero. */
  readonly priority: number;
  /** Undefined: every namespace. An empty set matches nothing. */
  readonly namespaces?: ReadonlySet<string>;
  /** Empty: every Service. */
  readonly serviceSelectors: readonly Selector[];
};

/** A valid L2Advertisement, node selectors resolved to names. */
export type L2Advertisement = {
  readonly name: string;
  readonly nodes: ReadonlySet<string>;
  /** Empty: all interfaces. Sorted. */
  readonly interfaces: readonly string[];
  /** Empty: all Services. */
  readonly serviceSelectors: readonly Selector[];
  /** Node name to summed weight; nodes without a score are absent. */
  readonly scores: ReadonlyMap<string, number>;
};
