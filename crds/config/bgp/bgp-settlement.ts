import type { Finding } from "../finding.ts";
import type { Identity } from "../identity.ts";
import { compareSeniority, compareText } from "../seniority.ts";
import type { Peer, Pool } from "../snapshot.ts";
import type { BgpDraft } from "./bgp-advertisement.ts";
import type { PeerDraft } from "./bgp-peer.ts";
import { BgpTable, type BgpTableOptions, type SelectingAdvertisement, type Taken } from "./bgp-table.ts";
import type { RankedPeer } from "./peer-conflicts.ts";

export type BgpSettlementInput = BgpTableOptions & {
  readonly peers: readonly PeerDraft[];
  readonly advertisements: readonly BgpDraft[];
};

export type BgpSettlement = {
  /** By name. */
  readonly peers: readonly Peer[];
  /** The pools as they were, with the advertisements that stand, by name. */
  readonly pools: readonly Pool[];
  readonly findings: readonly Finding[];
};

/** A peer or an advertisement that is right by itself. */
type Candidate = {
  readonly identity: Identity;
  readonly take: () => Taken;
  /** What is wrong with it beside what stands in the table now. */
  readonly said: () => readonly Finding[];
};

/**
 * Decides which peers and advertisements stand together, and attaches the advertisements to pools. They are taken by
 * seniority, each compared with those that stand already: the later one is blamed, and one that is set aside costs no
 * third one its place. Pools are never blamed.
 *
 * An incumbent is never set aside, whatever is said of it: it gives up only what others contest, a pool or a node, so that
 * a mistake elsewhere does not take away what works.
 */
export function settleBgp({ peers, advertisements, ...options }: BgpSettlementInput): BgpSettlement {
  const table = new BgpTable(options);
  const candidates = [
    ...peers.flatMap(({ identity, meaning: peer }) => (peer === undefined ? [] : [peerCandidate(table, { identity, peer })])),
    ...advertisements.flatMap(({ identity, meaning }) =>
      meaning === undefined ? [] : [advertisementCandidate(table, { identity, ...meaning })],
    ),
  ].sort((a, b) => compareSeniority(a.identity, b.identity, options.incumbents) || compareText(kindOf(a), kindOf(b)));
  const taken = candidates.map((candidate) => ({ candidate, ...candidate.take() }));
  // One that is set aside hears of everything that it contradicts, also of what came later and stands.
  const findings = taken.flatMap(({ candidate, stands, said }) => (stands ? said : candidate.said()));
  return { peers: table.peers, pools: table.pools, findings };
}

function peerCandidate(table: BgpTable, ranked: RankedPeer): Candidate {
  return { identity: ranked.identity, take: () => table.takePeer(ranked), said: () => table.saidOfPeer(ranked) };
}

function advertisementCandidate(table: BgpTable, owned: SelectingAdvertisement): Candidate {
  return { identity: owned.identity, take: () => table.takeAdvertisement(owned), said: () => table.saidOfAdvertisement(owned) };
}

function kindOf({ identity }: Candidate): string {
  return identity.ref.kind;
}
