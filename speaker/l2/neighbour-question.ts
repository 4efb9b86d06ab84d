import type { Address } from "../../crds/net/address.ts";
import { arpLength, arpOperation, decodeArp, encodeArp } from "../codec/arp.ts";
import { decoded } from "../codec/decoded.ts";
import { encodeEthernet, ethernetHeaderLength, etherType } from "../codec/ethernet.ts";
import { octetsOfAddress, solicitedNode } from "../codec/ip-octets.ts";
import { broadcastMac, macLength, multicastMac } from "../codec/mac.ts";
import { decodeNdp, encodeNdp } from "../codec/ndp.ts";
import { u16At } from "../codec/octets.ts";
import type { WireLink } from "./link-selection.ts";

/** Who has an address: what a frame says. */
export type NeighbourWord = { readonly ip: Uint8Array; readonly mac: Uint8Array };

/**
 * "Who has `target`?", as this node's kernel would ask: an ARP request (RFC 826) or a neighbor solicitation (RFC 4861 §4.3).
 * @param source own IPv4 address on the link, 4 octets; zeros make it a probe (RFC 5227 §2.1.1), which all answer as well.
 * @returns undefined when the link cannot ask for that family.
 */
export function neighbourQuestion(link: WireLink, target: Address, source: Uint8Array): Uint8Array | undefined {
  const ip = octetsOfAddress(target);
  if (target.family === "IPv4") {
    if (!link.arp) return undefined;
    const packet = {
      operation: arpOperation.request,
      senderMac: link.mac,
      senderIp: source,
      targetMac: new Uint8Array(macLength),
      targetIp: ip,
    };
    return encodeEthernet({
      destination: broadcastMac(),
      source: link.mac,
      etherType: etherType.arp,
      payload: encodeArp(packet),
    });
  }
  if (link.linkLocal === undefined) return undefined;
  const group = solicitedNode(ip);
  const message = { type: "solicitation", target: ip, sourceLinkLayer: link.mac } as const;
  const payload = encodeNdp({ source: link.linkLocal, destination: group, message });
  return encodeEthernet({ destination: multicastMac(group), source: link.mac, etherType: etherType.ipv6, payload });
}

/** What a frame says of an address: an ARP reply or a neighbor advertisement. Undefined for all others; total. */
export function neighbourWord(frame: Uint8Array): NeighbourWord | undefined {
  if (frame.length < ethernetHeaderLength + arpLength) return undefined;
  const payload = frame.subarray(ethernetHeaderLength);
  switch (u16At(frame, 12)) {
    case etherType.arp: {
      const arp = decoded(() => decodeArp(payload));
      return arp.ok && arp.value.operation === arpOperation.reply
        ? { ip: arp.value.senderIp, mac: arp.value.senderMac }
        : undefined;
    }
    case etherType.ipv6: {
      const ndp = decoded(() => decodeNdp(payload));
      if (!ndp.ok || ndp.value.message.type !== "advertisement") return undefined;
      const { target, targetLinkLayer } = ndp.value.message;
      return { ip: target, mac: targetLinkLayer ?? frame.slice(macLength, 2 * macLength) };
    }
    default:
      return undefined;
  }
}
