import { formatAddress } from "../../net/address.ts";
import type { Finding } from "../finding.ts";
import { advice, type Situation, someNames } from "./situation.ts";

/** A BGPPeer whose sourceAddress no selected node has, or not all of them. Nodes that report no address are passed over. */
export function sourceAddressesNotHeld({ peers, snapshot, nodes }: Situation): readonly Finding[] {
  return peers.flatMap(({ ref }) => {
    const peer = snapshot.peerByName.get(ref.name);
    const source = peer?.sourceAddress;
    if (peer === undefined || source === undefined) return [];
    const selected = nodes.filter(({ name, addresses }) => peer.nodes.has(name) && addresses.length > 0);
    const holders = selected.filter(({ addresses }) =>
      addresses.some(({ family, bits }) => family === source.family && bits === source.bits),
    );
    if (holders.length === selected.length) return [];
    const names = someNames(holders.map(({ name }) => name));
    const text = formatAddress(source);
    const what =
      holders.length === 0
        ? `no node that this peer selects has ${text}: no session can be opened from it`
        : `of ${selected.length} nodes that this peer selects only ${names} has ${text}: the others open no session. Set nodeSelectors`;
    return [advice(ref, "SourceAddressNotHeld", "spec.sourceAddress", what)];
  });
}
