import type { BfdProfile, Peer, PeerEndpoint } from "../../crds/config/snapshot.ts";
import type { Address } from "../../crds/net/address.ts";
import type { BfdSessionParameters } from "./session-parameters.ts";

/** What the configuration wants for one BGPPeer. Plain data. */
export type BfdRequest = {
  /** Name of the BGPPeer. */
  readonly peer: string;
  readonly endpoint: PeerEndpoint;
  readonly sourceAddress?: Address;
  readonly vrf?: string;
  /** single: on a link that both have; multi: over routers; derived: as the addresses of this node say. */
  readonly hops: "single" | "multi" | "derived";
  readonly profile: BfdProfile;
};

/** What only this node knows. */
export type LocalFacts = {
  /** The own address that the kernel would send from; undefined: there is no way. */
  readonly sourceTowards: (remote: Address, device: string | undefined) => Address | undefined;
  /** Whether the address is in a subnet of an interface of this node. */
  readonly isConnected: (remote: Address) => boolean;
  /** The one neighbour on an interface, and this node's link-local address there; undefined: none is known yet. */
  readonly neighbourOn: (interfaceName: string) => { readonly remote: Address; readonly local: Address } | undefined;
};

/** What is used where the profile is silent. MetalLB's own defaults. */
export const profileDefaults = {
  receiveIntervalMs: 300,
  transmitIntervalMs: 300,
  echoIntervalMs: 50,
  detectMultiplier: 3,
  minimumTtl: 1,
} as const;

/** @returns undefined when the peer is not this node's or has no profile that is there. */
export function bfdRequest(peer: Peer, profiles: ReadonlyMap<string, BfdProfile>, node: string): BfdRequest | undefined {
  const profile = peer.bfdProfile === undefined ? undefined : profiles.get(peer.bfdProfile);
  if (profile === undefined || !peer.nodes.has(node)) return undefined;
  const { endpoint, sourceAddress, vrf } = peer;
  return {
    peer: peer.name,
    endpoint,
    hops: hopsOf(peer),
    profile,
    ...(sourceAddress !== undefined && { sourceAddress }),
    ...(vrf !== undefined && { vrf }),
  };
}

/**
 * Single hop or multihop as FRR does it for a BGP session: an external peer is on the link unless `ebgpMultiHop` says otherwise, an
 * internal one where its address is in a subnet of this node.
 * @returns a sentence while something is not known that must be.
 */
export function sessionParameters(request: BfdRequest, facts: LocalFacts): BfdSessionParameters | string {
  const path = pathOf(request, facts);
  if (typeof path === "string") return path;
  const { profile } = request;
  return {
    ...path,
    desiredMinTxMs: profile.transmitIntervalMs ?? profileDefaults.transmitIntervalMs,
    requiredMinRxMs: profile.receiveIntervalMs ?? profileDefaults.receiveIntervalMs,
    echoIntervalMs: profile.echoIntervalMs ?? profileDefaults.echoIntervalMs,
    detectMultiplier: profile.detectMultiplier ?? profileDefaults.detectMultiplier,
    echo: profile.echoMode,
    passive: profile.passiveMode,
    minimumTtl: profile.minimumTtl ?? profileDefaults.minimumTtl,
  };
}

type Path = Pick<BfdSessionParameters, "remote" | "local" | "interfaceName" | "vrf" | "multihop">;

function pathOf({ endpoint, sourceAddress, vrf, hops }: BfdRequest, facts: LocalFacts): Path | string {
  const inVrf = vrf === undefined ? {} : { vrf };
  if (endpoint.type === "interface") {
    const neighbour = facts.neighbourOn(endpoint.name);
    if (neighbour === undefined) return `no neighbor is known on interface ${endpoint.name}`;
    return { ...neighbour, interfaceName: endpoint.name, ...inVrf, multihop: false };
  }
  const remote = endpoint.address;
  const local = sourceAddress ?? facts.sourceTowards(remote, vrf);
  if (local === undefined) return "there is no route to the peer";
  if (local.family !== remote.family) return "the source address is of another family than the peer";
  const multihop = hops === "multi" || (hops === "derived" && !facts.isConnected(remote));
  return { remote, local, ...inVrf, multihop };
}

function hopsOf({ endpoint, remoteAS, myASN, localASN = myASN, ebgpMultiHop }: Peer): BfdRequest["hops"] {
  if (endpoint.type === "interface") return "single";
  const internal = remoteAS === "internal" || remoteAS === localASN;
  if (internal) return "derived";
  return ebgpMultiHop ? "multi" : "single";
}
