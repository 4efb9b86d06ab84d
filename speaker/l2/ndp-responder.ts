import { CodecError } from "../codec/error.ts";
import { encodeEthernet, ethernetHeaderLength, etherType } from "../codec/ethernet.ts";
import { allNodes, isIpv6Multicast, isUnspecified, octetsOfAddress } from "../codec/ip-octets.ts";
import { ipv6HeaderLength } from "../codec/ipv6.ts";
import { isGroupMac, macLength, macNumber, multicastMac } from "../codec/mac.ts";
import { decodeNdp, encodeNdp, type NdpPacket, type NeighborSolicitation, ndpType } from "../codec/ndp.ts";
import { equalOctets } from "../codec/octets.ts";
import { type AnnouncedAddress, type AnnouncedAddresses, announcedOn } from "./announcement-table.ts";
import { type Answer, ignored } from "./answer.ts";
import type { WireLink } from "./link-selection.ts";

/** Offsets in an Ethernet frame whose IPv6 packet has no extension header. */
const at = {
  source: macLength,
  type: ethernetHeaderLength + ipv6HeaderLength,
  target: ethernetHeaderLength + ipv6HeaderLength + 8,
} as const;

/**
 * Decides on one ICMPv6 frame. Solicitations for an announced address are answered, multicast or unicast (so that
 * reachability is confirmed), with or without a link-layer option, and probes of duplicate address detection too.
 * @param frame at least an Ethernet header, of type IPv6.
 * @param nodeMacs `macNumber` of every interface of this node: none of them is a rival.
 */
export function respondToNdp(
  table: AnnouncedAddresses,
  link: WireLink,
  frame: Uint8Array,
  nodeMacs: ReadonlySet<number>,
): Answer {
  if (macNumber(frame, at.source) === macNumber(link.mac)) return ignored["own-frame"];
  const type = frame[at.type];
  if (type !== ndpType.solicitation && type !== ndpType.advertisement) return ignored["not-a-question"];
  const address = table.findIpv6(frame, at.target);
  if (address === undefined) return ignored["not-announced"];
  if (!announcedOn(address, link.name)) return ignored["not-on-this-interface"];
  if (link.linkLocal === undefined) return ignored["no-link-local"];
  const packet = decoded(frame);
  if (packet === undefined) return ignored.malformed;
  if (packet.message.type === "advertisement") {
    return onAdvertisement(
      address,
      packet.message.targetLinkLayer ?? frame.slice(at.source, at.source + macLength),
      link,
      nodeMacs,
    );
  }
  if (!isGroupMac(frame) && macNumber(frame) !== macNumber(link.mac)) return ignored["other-destination"];
  return onSolicitation(address, { ...packet, message: packet.message }, frame, link.mac, link.linkLocal);
}

function onAdvertisement(address: AnnouncedAddress, mac: Uint8Array, link: WireLink, nodeMacs: ReadonlySet<number>): Answer {
  const claimed = macNumber(mac);
  if (claimed === macNumber(link.mac) || nodeMacs.has(claimed)) return ignored["not-a-question"];
  return { type: "answered", address, reply: undefined, rival: { address, mac, form: "neighbor-advertisement" } };
}

/** RFC 4861 §7.2.4. Override is set: the owner may have changed, and the asker must not keep the former one. */
function onSolicitation(
  address: AnnouncedAddress,
  { source, message }: NdpPacket & { readonly message: NeighborSolicitation },
  frame: Uint8Array,
  mac: Uint8Array,
  linkLocal: Uint8Array,
): Answer {
  if (equalOctets(source, linkLocal)) return ignored["own-frame"];
  if (isIpv6Multicast(source)) return ignored.malformed;
  const probe = isUnspecified(source);
  const askerMac = message.sourceLinkLayer ?? frame.subarray(at.source, at.source + macLength);
  const payload = encodeNdp({
    source: linkLocal,
    destination: probe ? allNodes() : source,
    message: {
      type: "advertisement",
      router: false,
      solicited: !probe,
      override: true,
      target: octetsOfAddress(address.address),
      targetLinkLayer: mac,
    },
  });
  const destination = probe ? multicastMac(allNodes()) : askerMac;
  const reply = encodeEthernet({ destination, source: mac, etherType: etherType.ipv6, payload });
  return { type: "answered", address, reply, rival: undefined };
}

function decoded(frame: Uint8Array): NdpPacket | undefined {
  try {
    return decodeNdp(frame.subarray(ethernetHeaderLength));
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
}
