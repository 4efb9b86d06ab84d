import { formatAddress } from "../../net/address.ts";
import type { Finding, ObjectRef } from "../finding.ts";
import { advice, type Situation, someNames } from "./situation.ts";

type Users = { readonly peers: ObjectRef[]; readonly nodes: Set<string> };

/** One router ID on several nodes: it has to tell speakers apart. RFC 6286 §2.1. The last peer by name is told. */
export function sharedRouterIDs({ peers, snapshot }: Situation): readonly Finding[] {
  const usersOf = new Map<number, Users>();
  for (const { ref } of peers) {
    const peer = snapshot.peerByName.get(ref.name);
    if (peer?.routerID === undefined) continue;
    const users = usersOf.get(peer.routerID) ?? { peers: [], nodes: new Set() };
    usersOf.set(peer.routerID, users);
    users.peers.push(ref);
    for (const node of peer.nodes) users.nodes.add(node);
  }
  return [...usersOf].flatMap(([routerID, users]) => {
    const told = users.peers.at(-1);
    if (told === undefined || users.nodes.size < 2) return [];
    const others = users.peers.slice(0, -1);
    const beside = others.length === 0 ? "" : ` (also by BGPPeer ${someNames(others.map(({ name }) => name))})`;
    const text = formatAddress({ family: "IPv4", bits: BigInt(routerID) });
    const what =
      `${text} is the router ID of ${users.nodes.size} nodes${beside}: routers take them for one. ` +
      "Leave it out, or make one peer for each node";
    return [{ ...advice(told, "RouterIDShared", "spec.routerID", what), others }];
  });
}
