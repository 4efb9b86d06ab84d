import { emptySnapshot, type Pool, type Snapshot } from "../../../crds/config/snapshot.ts";
import { setOfRanges } from "../../../crds/net/address-set.ts";
import { parsePoolEntry } from "../../../crds/net/range.ts";

/** A Pool for tests. @param addresses entries as in `spec.addresses`. @throws {Error} when one of them does not parse. */
export function pool(name: string, addresses: readonly string[], changes: Partial<Pool> = {}): Pool {
  const entries = addresses.map((text) => {
    const result = parsePoolEntry(text);
    if (!result.ok) throw new Error(`${text}: ${result.reason}`);
    return { text, range: result.range };
  });
  return {
    name,
    generation: 1,
    labels: {},
    entries,
    addresses: setOfRanges(entries.map(({ range }) => range)),
    autoAssign: true,
    avoidBuggyIPs: false,
    draining: false,
    l2: [],
    bgp: [],
    ...changes,
  };
}

/** A snapshot that holds exactly these pools. */
export function snapshot(...pools: readonly Pool[]): Snapshot {
  const sorted = [...pools].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { ...emptySnapshot, pools: sorted, poolByName: new Map(sorted.map((each) => [each.name, each])) };
}
