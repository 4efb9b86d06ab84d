import type { Address, Family } from "../../crds/net/address.ts";
import type { ScopeGap } from "./scope.ts";
import type { Clash } from "./sharing.ts";

/** How a pool stands in one family. */
export type Stock = {
  readonly family: Family;
  /** Addresses that it can hand out; 0: it has none of that family. */
  readonly size: bigint;
  /** Of these, addresses that are kept for deleted Services. */
  readonly reserved: bigint;
  readonly isFull: boolean;
  /** For a Service that shares: what keeps it from the first address. */
  readonly held?: { readonly address: Address; readonly clash: Clash };
};

/** Why a pool gives a Service nothing. */
export type PoolGap =
  | { readonly kind: "stock"; readonly stock: readonly Stock[] }
  | { readonly kind: "manual" }
  | { readonly kind: "draining" }
  | { readonly kind: "set-aside" }
  | { readonly kind: "scope"; readonly gap: ScopeGap };

/** One pool that a Service got nothing from. */
export type PoolReport = { readonly pool: string; readonly gap: PoolGap };

/** Reports on the pools nearest to what a Service needs; `more` is the number of the others. */
export type PoolReports = { readonly pools: readonly PoolReport[]; readonly more: number };
