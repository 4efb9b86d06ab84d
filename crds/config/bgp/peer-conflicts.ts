import { formatAddress } from "../../net/address.ts";
import type { Backend } from "../backend.ts";
import type { Finding, FindingCode, Severity } from "../finding.ts";
import type { Identity } from "../identity.ts";
import type { NodeSets } from "../node-sets.ts";
import { errorIn } from "../problem.ts";
import type { Peer } from "../snapshot.ts";

/** A peer that is compared with others. */
export type RankedPeer = { readonly identity: Identity; readonly peer: Peer };

/** What cannot be, or is odd, of two peers on one node. */
type Conflict = {
  readonly code: FindingCode;
  readonly field: string;
  readonly clashes: (later: Peer, earlier: Peer) => boolean;
  readonly message: (later: RankedPeer, earlier: RankedPeer) => string;
  readonly remedy: string;
};

/** In the order in which MetalLB looks. */
const frrConflicts: readonly Conflict[] = [
  {
    code: "RouterIDConflict",
    field: "spec.routerID",
    clashes: (later, earlier) => later.routerID !== earlier.routerID,
    message: (later, earlier) => `${inField(later, "spec.routerID")} RouterID different from that of ${quoted(earlier)}`,
    remedy: "FRR has one router ID on a node: write the same in both, or none in both",
  },
  {
    code: "PeerDuplicate",
    field: "spec.peerAddress",
    clashes: (later, earlier) => placeOf(later) === placeOf(earlier),
    message: ({ peer }) =>
      `peer ${placeOf(peer)} already exists, FRR mode doesn't support duplicate BGPPeers selecting the same node`,
    remedy: "Delete one of them, or write another address",
  },
  {
    code: "MyASNConflict",
    field: "spec.myASN",
    clashes: (later, earlier) => later.vrf === earlier.vrf && later.myASN !== earlier.myASN,
    message: (later, earlier) =>
      `${inField(later, "spec.myASN")} ${later.peer.myASN} differs from ${earlier.peer.myASN} of ${quoted(earlier)} in the same VRF`,
    remedy: "FRR has one AS number for each VRF of a node: write the same in both, or use localASN",
  },
];

const duplicateSession: Conflict = {
  code: "PeerDuplicate",
  field: "spec.peerAddress",
  clashes: (later, earlier) => placeOf(later) === placeOf(earlier) && sourceOf(later) === sourceOf(earlier),
  message: (later, earlier) =>
    `${inField(later, "spec.peerAddress")} ${quoted(earlier)} has the same address, and a router keeps only one session of a node`,
  remedy: "Delete one of them, or write another address",
};

const checks: { readonly [backend in Backend]: { readonly severity: Severity; readonly conflicts: readonly Conflict[] } } = {
  frr: { severity: "error", conflicts: frrConflicts },
  herald: { severity: "warning", conflicts: [duplicateSession] },
  native: { severity: "warning", conflicts: [duplicateSession] },
};

/** Compares peers that share a node. */
export class PeerConflicts {
  readonly #nodes: NodeSets;
  readonly #checks: (typeof checks)[Backend];

  constructor(nodes: NodeSets, backend: Backend) {
    this.#nodes = nodes;
    this.#checks = checks[backend];
  }

  /** What is said of `later` beside `earlier`, and the nodes that it is said of: undefined while no node is known. */
  between(
    later: RankedPeer,
    earlier: RankedPeer,
  ): { readonly findings: readonly Finding[]; readonly on: ReadonlySet<string> | undefined } {
    const { severity, conflicts } = this.#checks;
    const clashing = conflicts.filter(({ clashes }) => clashes(later.peer, earlier.peer));
    if (clashing.length === 0) return { findings: [], on: new Set() };
    const on = this.#nodes.shared(later.peer.nodes, earlier.peer.nodes);
    if (on?.size === 0) return { findings: [], on };
    const where =
      `${quoted(later)} is for ${nodesText(later.peer)}, ${quoted(earlier)} for ${nodesText(earlier.peer)}: ` +
      "node selectors that have no node in common would do, too.";
    const findings = clashing.map(({ code, field, message, remedy }) => ({
      ...errorIn(later.identity.ref, code, field, ""),
      severity,
      others: [earlier.identity.ref],
      message: message(later, earlier),
      remedy: `${remedy}. ${where}`,
    }));
    return { findings, on };
  }
}

/** What FRR tells its neighbours apart by. */
function placeOf({ endpoint, vrf }: Peer): string {
  const place = endpoint.type === "address" ? formatAddress(endpoint.address) : endpoint.name;
  return vrf === undefined ? place : `${place}-${vrf}`;
}

function sourceOf({ sourceAddress }: Peer): string {
  return sourceAddress === undefined ? "" : formatAddress(sourceAddress);
}

function inField({ identity: { ref } }: RankedPeer, field: string): string {
  return `${ref.kind} "${ref.name}": ${field}:`;
}

function quoted({ identity: { ref } }: RankedPeer): string {
  return `${ref.kind} "${ref.name}"`;
}

function nodesText({ nodes }: Peer): string {
  if (nodes.size === 0) return "no node yet";
  const names = [...nodes].slice(0, 5).join(", ");
  return nodes.size <= 5 ? `node ${names}` : `node ${names} and ${nodes.size - 5} more`;
}
