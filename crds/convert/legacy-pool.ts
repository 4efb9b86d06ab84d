import type { LegacyBGPAdvertisement, LegacyPool } from "./legacy-configuration.ts";
import { type Made, make, nameFrom, notEmpty } from "./legacy-object.ts";
import { type LegacyRemark, legacyWarning } from "./legacy-remark.ts";

/** The IPAddressPools, BGPAdvertisements and L2Advertisements that the address pools come to. */
export type PoolMaking = {
  readonly pools: readonly Made[];
  readonly bgp: readonly Made[];
  readonly l2: readonly Made[];
  readonly remarks: readonly LegacyRemark[];
};

/** An IPAddressPool for each pool; its advertisements name it, and are called `bgpadvertisement1`, `l2advertisement1` and so on. */
export function poolsFrom(pools: readonly LegacyPool[], namespace: string): PoolMaking {
  const drafts = pools.map((pool, index) => draft(pool, `address-pools[${index}]`, namespace));
  const numbered = (kind: string, list: keyof Pick<PoolDraft, "bgp" | "l2">): readonly Made[] =>
    drafts
      .flatMap((each) => each[list])
      .map(({ spec, path }, index) => make(kind, `${kind.toLowerCase()}${index + 1}`, namespace, spec, path));
  return {
    pools: drafts.flatMap(({ pool }) => pool),
    bgp: numbered("BGPAdvertisement", "bgp"),
    l2: numbered("L2Advertisement", "l2"),
    remarks: drafts.flatMap(({ remarks }) => remarks),
  };
}

type Unnamed = { readonly spec: object; readonly path: string };
type PoolDraft = {
  readonly pool: readonly Made[];
  readonly bgp: readonly Unnamed[];
  readonly l2: readonly Unnamed[];
  readonly remarks: readonly LegacyRemark[];
};

function draft(pool: LegacyPool, path: string, namespace: string): PoolDraft {
  const { name, remarks } = nameFrom(pool.name, `${path}.name`);
  if (name === undefined) return { pool: [], bgp: [], l2: [], remarks };
  const listed = pool["bgp-advertisements"] ?? [];
  const spec = {
    addresses: pool.addresses ?? [],
    autoAssign: pool["auto-assign"],
    avoidBuggyIPs: pool["avoid-buggy-ips"] || undefined,
  };
  const attached = { ipAddressPools: [name] };
  const bgp = listed.map((each, index) => ({
    spec: { ...advertisementFrom(each), ...attached },
    path: `${path}.bgp-advertisements[${index}]`,
  }));
  const byDefault = pool.protocol === "bgp" && listed.length === 0;
  return {
    pool: [make("IPAddressPool", name, namespace, spec, path)],
    bgp: byDefault ? [{ spec: attached, path }] : bgp,
    l2: pool.protocol === "layer2" ? [{ spec: attached, path }] : [],
    remarks: [...remarks, ...protocolWarnings(pool, path)],
  };
}

function advertisementFrom(advertisement: LegacyBGPAdvertisement): object {
  return {
    aggregationLength: advertisement["aggregation-length"],
    aggregationLengthV6: advertisement["aggregation-length-v6"],
    localPref: advertisement.localpref || undefined,
    communities: notEmpty(advertisement.communities),
  };
}

function protocolWarnings({ protocol, ...pool }: LegacyPool, path: string): readonly LegacyRemark[] {
  const listed = (pool["bgp-advertisements"] ?? []).length > 0;
  const where = `${path}.protocol`;
  if (protocol === "bgp") return [];
  if (protocol === "layer2") {
    const both = "is layer2, and yet there are bgp-advertisements: the pool is announced both ways; remove what is not meant";
    return listed ? [legacyWarning(where, both)] : [];
  }
  const what = protocol === undefined ? "is missing" : `${JSON.stringify(protocol)} is a mistake`;
  const effect = listed
    ? "only its bgp-advertisements announce the pool"
    : "nothing announces the pool, so nobody reaches its addresses";
  return [legacyWarning(where, `${what}: ${effect}; write layer2 or bgp`)];
}
