import fc from "fast-check";
import { peer } from "../../../crds/config/fixture/peers.ts";
import { pool, snapshot } from "../../../crds/config/fixture/pools.ts";
import type { Pool } from "../../../crds/config/snapshot.ts";
import type { EndpointView, ServiceView } from "../../../speaker/intent/cluster.ts";
import type { ClusterContext } from "../../../speaker/intent/context.ts";
import { bgpAdvertisement } from "../../../speaker/intent/fixture/bgp-world.ts";
import { advertisement, context, node, selecting, service } from "../../../speaker/intent/fixture/world.ts";
import type { Sha256 } from "../../../speaker/intent/l2-election.ts";
import { membersNamed } from "../../../speaker/membership/members.ts";

export const nodeNames = ["a", "b", "c", "d"];

/** A Service and its endpoints. */
export type Subject = { readonly service: ServiceView; readonly endpoints: readonly EndpointView[] };

const excludeLabel = { "node.kubernetes.io/exclude-from-external-load-balancers": "" };
const someNodes = fc.subarray(nodeNames);

/** What a context is made of. */
const parts = {
  entriesOfP: fc.constantFrom(["192.0.2.0/25", "fc00::/64"], ["192.0.2.0/25"], ["fc00::/64"]),
  hasQ: fc.boolean(),
  /** Two advertisements, each for one pool or both or none. */
  pools: fc.tuple(fc.subarray(["p", "q"]), fc.subarray(["p", "q"])),
  selected: fc.tuple(someNodes, someNodes),
  gold: fc.tuple(fc.boolean(), fc.boolean()),
  secondName: fc.constantFrom("y", "z"),
  unavailable: fc.subarray(nodeNames, { maxLength: 2 }),
  excluded: fc.subarray(nodeNames, { maxLength: 2 }),
  present: someNodes,
  alive: someNodes,
  foreign: fc.oneof({ weight: 3, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: someNodes }),
  ignoreExcludeLB: fc.boolean(),
  /** BGPAdvertisements of each pool, the nodes that they select, and those that have a peer. */
  bgpPools: fc.oneof({ weight: 1, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: fc.subarray(["p", "q"]) }),
  bgpNodes: someNodes,
  bgpPeers: fc.subarray(["router", "other"]),
  peerNodes: someNodes,
};
type Parts = { readonly [part in keyof typeof parts]: (typeof parts)[part] extends fc.Arbitrary<infer T> ? T : never };
const anyParts: fc.Arbitrary<Parts> = fc.record(parts);

function contextOf(of: Parts, sha256: Sha256): ClusterContext {
  const advertisements = ["x", of.secondName].map((name, index) =>
    advertisement(of.selected[index] ?? [], {
      name,
      serviceSelectors: of.gold[index] === true ? [selecting({ tier: "gold" })] : [],
    }),
  );
  const bgp = bgpAdvertisement({ nodes: new Set(of.bgpNodes), peers: of.bgpPeers });
  const poolOf = (name: string, entries: readonly string[]): Pool =>
    pool(name, entries, {
      l2: advertisements.filter((_, index) => of.pools[index]?.includes(name)),
      bgp: of.bgpPools.includes(name) ? [bgp] : [],
    });
  const pools = [poolOf("p", of.entriesOfP), ...(of.hasQ ? [poolOf("q", ["192.0.2.128/25"])] : [])];
  const nodes = of.present.map((name) =>
    node(name, { networkUnavailable: of.unavailable.includes(name), labels: of.excluded.includes(name) ? excludeLabel : {} }),
  );
  return context(nodeNames, sha256, {
    snapshot: { ...snapshot(...pools), peers: [peer("router", { nodes: new Set(of.peerNodes) })] },
    nodes: new Map(nodes.map((each) => [each.name, each])),
    members: membersNamed(of.alive),
    foreignSpeakers: new Set(of.foreign),
    options: { lbClass: undefined, ignoreExcludeLB: of.ignoreExcludeLB },
  });
}

/** Contexts of a small cluster, whose members are known. */
export function anyContext(sha256: Sha256): fc.Arbitrary<ClusterContext> {
  return anyParts.map((of) => contextOf(of, sha256));
}

/** Two of them, of which the second differs from the first in a part or two. */
export function anyChange(sha256: Sha256): fc.Arbitrary<readonly [ClusterContext, ClusterContext]> {
  const names = Object.keys(parts) as (keyof Parts)[];
  return fc.tuple(anyParts, anyParts, fc.subarray(names, { minLength: 1, maxLength: 2 })).map(([before, other, changed]) => {
    const after = { ...before, ...Object.fromEntries(changed.map((name) => [name, other[name]])) };
    return [contextOf(before, sha256), contextOf(after, sha256)];
  });
}

/** Services of all kinds of that cluster. */
export const anySubject: fc.Arbitrary<Subject> = fc
  .record({
    ingress: fc.constantFrom(["192.0.2.1"], ["192.0.2.129"], ["192.0.2.1", "fc00::1"], ["198.51.100.1"], ["not one"], []),
    tier: fc.constantFrom("gold", "tin"),
    shares: fc.boolean(),
    local: fc.boolean(),
    endpoints: fc.array(fc.record({ nodeName: fc.constantFrom(...nodeNames), canServe: fc.boolean() }), { maxLength: 3 }),
  })
  .map(({ ingress, tier, shares, local, endpoints }) => ({
    endpoints,
    service: service({
      ingress,
      labels: { tier },
      annotations: shares ? { "metallb.io/allow-shared-ip": "key" } : {},
      externalTrafficPolicy: local ? "Local" : "Cluster",
    }),
  }));
