import { formatAddress } from "../../net/address.ts";
import type { Finding, ObjectRef } from "../finding.ts";
import { unreachableIn } from "../pools/unreachable-addresses.ts";
import type { Peer } from "../snapshot.ts";
import { advice, type Situation } from "./situation.ts";

/** A BGPPeer to whose address no session can be opened, from whatever node, or not from the address that it is to come from. */
export function unreachablePeers({ peers, snapshot }: Situation): readonly Finding[] {
  return peers.flatMap(({ ref }) => {
    const peer = snapshot.peerByName.get(ref.name);
    return peer === undefined ? [] : [...badAddress(ref, peer), ...badSource(ref, peer)];
  });
}

function badAddress(ref: ObjectRef, { endpoint }: Peer): readonly Finding[] {
  if (endpoint.type !== "address") return [];
  const { family, bits } = endpoint.address;
  const found = unreachableIn({ family, first: bits, last: bits });
  if (found === undefined || found.isOwnHost) return []; // a router may run on each node
  const isLinkLocal = family === "IPv6" && bits >> 118n === 0xfe80n >> 6n;
  const way = isLinkLocal ? "Name the interface in spec.interface, and leave the address out" : "Write the router's own address";
  return [
    advice(ref, "PeerUnreachable", "spec.peerAddress", `no session can be opened to ${found.address}: ${found.what}. ${way}`),
  ];
}

function badSource(ref: ObjectRef, { endpoint, sourceAddress }: Peer): readonly Finding[] {
  if (sourceAddress === undefined) return [];
  const { family, bits } = sourceAddress;
  const from = formatAddress(sourceAddress);
  const found = bits === 0n ? undefined : unreachableIn({ family, first: bits, last: bits }); // 0.0.0.0 and :: stand for any
  const [wanted, to] =
    endpoint.type === "address"
      ? [endpoint.address.family, formatAddress(endpoint.address)]
      : ["IPv6", `interface ${endpoint.name}`];
  const say = (what: string): readonly Finding[] => [advice(ref, "PeerUnreachable", "spec.sourceAddress", what)];
  if (family !== wanted)
    return say(`no session can be opened from ${from} to ${to}: write an ${wanted} address, or leave it out`);
  if (found === undefined || found.isOwnHost) return [];
  return say(`no session can be opened from ${from}: ${found.what}. Write one of the node's own addresses, or leave it out`);
}
