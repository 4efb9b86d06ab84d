import { arpOperation, encodeArp } from "../codec/arp.ts";
import { encodeEthernet, etherType } from "../codec/ethernet.ts";
import { allNodes } from "../codec/ip-octets.ts";
import { broadcastMac, multicastMac } from "../codec/mac.ts";
import { encodeNdp } from "../codec/ndp.ts";
import type { Asker } from "./recent-askers.ts";

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

/** An ARP reply to one host, which has not asked just now. */
export function unicastArp(mac: Uint8Array, ip: Uint8Array, asker: Asker): Uint8Array {
  const packet = { operation: arpOperation.reply, senderMac: mac, senderIp: ip, targetMac: asker.mac, targetIp: asker.ip };
  return encodeEthernet({ destination: asker.mac, source: mac, etherType: etherType.arp, payload: encodeArp(packet) });
}

/** An unsolicited neighbor advertisement to all nodes, Override set. RFC 4861 §7.2.6. */
export function unsolicitedAdvertisement(mac: Uint8Array, linkLocal: Uint8Array, ip: Uint8Array): Uint8Array {
  const group = allNodes();
  return advertisement(mac, linkLocal, ip, { ip: group, mac: multicastMac(group) });
}

/** The same to one host. */
export function unicastAdvertisement(mac: Uint8Array, linkLocal: Uint8Array, ip: Uint8Array, asker: Asker): Uint8Array {
  return advertisement(mac, linkLocal, ip, asker);
}

function advertisement(mac: Uint8Array, linkLocal: Uint8Array, ip: Uint8Array, to: Pick<Asker, "ip" | "mac">): Uint8Array {
  const payload = encodeNdp({
    source: linkLocal,
    destination: to.ip,
    message: { type: "advertisement", router: false, solicited: false, override: true, target: ip, targetLinkLayer: mac },
  });
  return encodeEthernet({ destination: to.mac, source: mac, etherType: etherType.ipv6, payload });
}
