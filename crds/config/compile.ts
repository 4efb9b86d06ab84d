import { attachL2 } from "./attachment.ts";
import type { Backend } from "./backend.ts";
import { draftBfdProfile } from "./bgp/bfd-profile.ts";
import { draftBgpAdvertisement } from "./bgp/bgp-advertisement.ts";
import { draftPeer } from "./bgp/bgp-peer.ts";
import { settleBgp } from "./bgp/bgp-settlement.ts";
import { draftCommunity, settleAliases } from "./bgp/community-aliases.ts";
import { type Collected, collect } from "./collect.ts";
import type { Draft } from "./draft.ts";
import type { Finding } from "./finding.ts";
import { identityOf, listOf } from "./identity.ts";
import { draftL2Advertisement, type L2Draft } from "./l2-advertisement.ts";
import { NodeSets } from "./node-sets.ts";
import { addressOwners } from "./pools/address-owners.ts";
import type { Labelled } from "./pools/allocation-scope.ts";
import { draftPool, type PoolDraft } from "./pools/ip-address-pool.ts";
import { settleOverlaps } from "./pools/overlap.ts";
import { compareFindings } from "./problem.ts";
import { unresolved, unresolvedProfile } from "./references.ts";
import type { Resources } from "./resources.ts";
import { secretsByName } from "./secrets.ts";
import { compareText, type Incumbents } from "./seniority.ts";
import type { BfdProfile, CommunityValue, Peer, Pool, Snapshot } from "./snapshot.ts";

/** What the objects mean together, and everything that is wrong with them. */
export type Compiled = { readonly snapshot: Snapshot; readonly findings: readonly Finding[] };

export type CompileOptions = {
  /** Objects that keep what they have against any other; see {@link Incumbents}. */
  readonly incumbents?: Incumbents;
  /** What METALLB_BGP_TYPE says; `herald` when it says nothing. */
  readonly backend?: Backend;
};

type Settings = Required<CompileOptions> & { readonly nodes: NodeSets };

/**
 * The only validator: what the objects mean, and what is wrong with each. Total: it never throws, whatever the objects
 * hold. The order of the objects does not matter. An object with an error is set aside alone; the snapshot is what the
 * others mean. Incumbents alone may stand although an error of others falls on them.
 */
export function compile(resources: Resources, { incumbents = new Set(), backend = "herald" }: CompileOptions = {}): Compiled {
  const nodes = new NodeSets(labelledOf("Node", resources.nodes));
  const settings: Settings = { incumbents, backend, nodes };
  const { pools, l2, bare, findings: ofPools } = readPools(resources, settings);
  const { profiles, bfdProfiles, aliases, findings: ofDefinitions } = readDefinitions(resources, settings);
  const secrets = secretsByName(resources.secrets);
  const peers = read(resources.bgpPeers, (raw) => draftPeer(raw, { ...settings, secrets }), incumbents);
  const bgp = read(resources.bgpAdvertisements, (raw) => draftBgpAdvertisement(raw, { ...settings, aliases }), incumbents);
  const settled = settleBgp({
    ...settings,
    pools: attachL2(bare, l2.drafts),
    peers: peers.drafts,
    advertisements: bgp.drafts,
    bfdProfiles,
  });
  const snapshot = snapshotOf(settled.pools, settled.peers, bfdProfiles);
  const ofName = {
    pools: { standing: snapshot.poolByName, known: pools.names },
    peers: { standing: snapshot.peerByName, known: peers.names },
    profiles: { standing: bfdProfiles, known: profiles.names },
  };
  const namedPools = [...l2.drafts, ...bgp.drafts].flatMap(({ identity: { ref }, meaning }) =>
    unresolved(ref, { kind: "IPAddressPool", names: meaning?.pools.names ?? [], field: "spec.ipAddressPools" }, ofName.pools),
  );
  const namedPeers = bgp.drafts.flatMap(({ identity: { ref }, meaning }) =>
    unresolved(ref, { kind: "BGPPeer", names: meaning?.peerNames ?? [], field: "spec.peers" }, ofName.peers),
  );
  const namedProfiles = peers.drafts.flatMap(({ identity: { ref }, meaning }) =>
    unresolvedProfile(ref, meaning?.bfdProfile, ofName.profiles),
  );
  const ofReferences = [namedPools, namedPeers, namedProfiles];
  const findings = [ofPools, ofDefinitions, peers.findings, bgp.findings, settled.findings, ...ofReferences].flat();
  return { snapshot, findings: findings.sort(compareFindings) };
}

type ReadPools = {
  readonly pools: Collected<PoolDraft>;
  readonly l2: Collected<L2Draft>;
  /** The pools that stand, by name, without advertisements. */
  readonly bare: readonly Pool[];
  readonly findings: readonly Finding[];
};

function readPools(resources: Resources, { incumbents, nodes }: Settings): ReadPools {
  const namespaces = labelledOf("Namespace", resources.namespaces);
  const drafts = listOf(resources.pools).map((raw) => draftPool(raw, namespaces));
  const pools = collect(drafts, ({ pool }) => pool !== undefined, incumbents);
  const { standing, findings: overlaps } = settleOverlaps(pools.drafts, incumbents);
  const l2 = read(resources.l2Advertisements, (raw) => draftL2Advertisement(raw, nodes), incumbents);
  const bare = standing.flatMap(({ pool }) => pool ?? []).sort((a, b) => compareText(a.name, b.name));
  return { pools, l2, bare, findings: [...pools.findings, ...overlaps, ...l2.findings] };
}

type Definitions = {
  readonly profiles: Collected<Draft<BfdProfile>>;
  readonly bfdProfiles: ReadonlyMap<string, BfdProfile>;
  readonly aliases: ReadonlyMap<string, CommunityValue>;
  readonly findings: readonly Finding[];
};

/** The objects that others refer to. */
function readDefinitions(resources: Resources, { incumbents, backend }: Settings): Definitions {
  const profiles = read(resources.bfdProfiles, (raw) => draftBfdProfile(raw, backend), incumbents);
  const communities = read(resources.communities, (raw) => draftCommunity(raw, backend), incumbents);
  const { aliases, findings: duplicates } = settleAliases(communities.drafts, incumbents);
  const bfdProfiles = new Map(profiles.drafts.flatMap(({ meaning }) => (meaning === undefined ? [] : [[meaning.name, meaning]])));
  return { profiles, bfdProfiles, aliases, findings: [...profiles.findings, ...communities.findings, ...duplicates] };
}

function read<M>(list: unknown, draft: (raw: unknown) => Draft<M>, incumbents: Incumbents): Collected<Draft<M>> {
  return collect(listOf(list).map(draft), ({ meaning }) => meaning !== undefined, incumbents);
}

function snapshotOf(pools: readonly Pool[], peers: readonly Peer[], bfdProfiles: Snapshot["bfdProfiles"]): Snapshot {
  return {
    pools,
    poolByName: new Map(pools.map((pool) => [pool.name, pool])),
    owners: addressOwners(pools),
    peers,
    peerByName: new Map(peers.map((peer) => [peer.name, peer])),
    bfdProfiles,
  };
}

function labelledOf(kind: string, list: unknown): readonly Labelled[] {
  return listOf(list)
    .map((raw) => identityOf(kind, raw))
    .filter(({ name }) => name !== "");
}
