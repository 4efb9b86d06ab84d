import { type Address, formatAddress } from "../../net/address.ts";
import type { Range } from "../../net/range.ts";
import type { Finding } from "../finding.ts";
import type { Pool } from "../snapshot.ts";
import { advice, type Situation } from "./situation.ts";

/** One entry of a pool; those of all pools do not overlap. */
type Owned = { readonly range: Range; readonly index: number; readonly pool: Pool };

type Held = { readonly node: string; readonly address: Address; readonly entry: Owned };

/** A pool that holds an address of a node: a Service that gets it takes it away from the node. */
export function nodeAddressesInPools({ pools, snapshot, nodes }: Situation): readonly Finding[] {
  const owned = snapshot.pools
    .flatMap((pool) => pool.entries.map(({ range }, index) => ({ range, index, pool })))
    .sort((a, b) => (a.range.first < b.range.first ? -1 : 1));
  const byFamily = { IPv4: owned.filter(isOf("IPv4")), IPv6: owned.filter(isOf("IPv6")) };
  const heldBy = new Map<string, Held[]>();
  for (const { name, addresses } of nodes) {
    for (const address of addresses) {
      const entry = entryWith(byFamily[address.family], address);
      if (entry === undefined) continue;
      const held = heldBy.get(entry.pool.name) ?? [];
      heldBy.set(entry.pool.name, held);
      held.push({ node: name, address, entry });
    }
  }
  return pools.flatMap(({ ref }) => {
    const [first, ...more] = heldBy.get(ref.name) ?? [];
    if (first === undefined) return [];
    const others = more.length === 0 ? "" : `, and ${more.length} more addresses of nodes`;
    const what =
      `it holds ${formatAddress(first.address)}, the address of node "${first.node}"${others}: ` +
      "a Service that gets it takes it away from the node. Leave it out";
    return [advice(ref, "NodeAddressInPool", `spec.addresses[${first.entry.index}]`, what)];
  });
}

function isOf(family: Address["family"]): (entry: Owned) => boolean {
  return ({ range }) => range.family === family;
}

/** By binary search among ascending entries. */
function entryWith(entries: readonly Owned[], { bits }: Address): Owned | undefined {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.range.first ?? 0n) <= bits) low = middle + 1;
    else high = middle;
  }
  const entry = entries[low - 1];
  return entry !== undefined && bits <= entry.range.last ? entry : undefined;
}
