import { arpOperation, encodeArp } from "../codec/arp.ts";
import { encodeEthernet, etherType } from "../codec/ethernet.ts";
import { allNodes } from "../codec/ip-octets.ts";
import { broadcastMac, multicastMac } from "../codec/mac.ts";
import { encodeNdp } from "../codec/ndp.ts";

/**
 * An ARP announcement, broadcast: sender and target are the announced address, the target hardware address is all ones,
 * as MetalLB sends it. Both operations are sent, since some hosts learn only from requests and some only from replies.
 * RFC 5227 §2.3, §3.
 */
export function gratuitousArp(operation: keyof typeof arpOperation, mac: Uint8Array, ip: Uint8Array): Uint8Array {
  const destination = broadcastMac();
  const payload = encodeArp({
    operation: arpOperation[operation],
    senderMac: mac,
    senderIp: ip,
    targetMac: destination,
    targetIp: ip,
  });
  return encodeEthernet({ destination, source: mac, etherType: etherType.arp, payload });
}

/** An unsolicited neighbor advertisement to all nodes, Override set. RFC 4861 §7.2.6. */
export function unsolicitedAdvertisement(mac: Uint8Array, linkLocal: Uint8Array, ip: Uint8Array): Uint8Array {
  const destination = allNodes();
  const payload = encodeNdp({
    source: linkLocal,
    destination,
    message: { type: "advertisement", router: false, solicited: false, override: true, target: ip, targetLinkLayer: mac },
  });
  return encodeEthernet({ destination: multicastMac(destination), source: mac, etherType: etherType.ipv6, payload });
}
