import { arpOperation } from "../codec/arp.ts";
import { macLength, macNumber } from "../codec/mac.ts";
import { u16At, u32At } from "../codec/octets.ts";
import { type AnnouncedAddress, type AnnouncedAddresses, announcedOn } from "./announcement-table.ts";
import { type Answer, ignored, type Rival } from "./answer.ts";
import type { WireLink } from "./link-selection.ts";

/** Offsets in an Ethernet frame of the fields that decide. RFC 826, in the order of the packet. */
const at = { destination: 0, source: 6, arp: 14, operation: 20, senderMac: 22, senderIp: 28, targetIp: 38, end: 42 } as const;

/** Hardware type Ethernet, protocol IPv4, and their lengths: the constant first six octets of the packet. */
const ipv4OverEthernet = { types: 0x0001_0800, lengths: 0x0604 } as const;

const broadcast = 0xffff_ffff_ffff;

/**
 * Decides on one ARP frame by reading it in place. Requests to the broadcast address or to the link's own are answered
 * whoever asks, so RFC 5227 probes (sender 0.0.0.0) and unicast revalidation are too.
 * @param frame at least an Ethernet header, of type ARP.
 * @param nodeMacs `macNumber` of every interface of this node: none of them is a rival.
 */
export function respondToArp(
  table: AnnouncedAddresses,
  link: WireLink,
  frame: Uint8Array,
  nodeMacs: ReadonlySet<number>,
): Answer {
  if (frame.length < at.end || !isIpv4OverEthernet(frame)) return ignored.malformed;
  if (macNumber(frame, at.source) === macNumber(link.mac)) return ignored["own-frame"];
  switch (u16At(frame, at.operation)) {
    case arpOperation.request:
      return onRequest(table, link, frame, nodeMacs);
    case arpOperation.reply:
      return onReply(table, link, frame, nodeMacs);
    default:
      return ignored["not-a-question"];
  }
}

function onRequest(table: AnnouncedAddresses, link: WireLink, frame: Uint8Array, nodeMacs: ReadonlySet<number>): Answer {
  const address = table.findIpv4(frame, at.targetIp);
  if (address === undefined) return ignored["not-announced"];
  if (!announcedOn(address, link.name)) return ignored["not-on-this-interface"];
  const rival = isGratuitous(frame) ? rivalIn(frame, address, link, nodeMacs) : undefined;
  const destination = macNumber(frame, at.destination);
  const forUs = destination === broadcast || destination === macNumber(link.mac);
  if (!forUs && rival === undefined) return ignored["other-destination"];
  return { type: "answered", address, reply: forUs ? replyTo(frame, link.mac) : undefined, rival };
}

function onReply(table: AnnouncedAddresses, link: WireLink, frame: Uint8Array, nodeMacs: ReadonlySet<number>): Answer {
  const address = table.findIpv4(frame, at.senderIp);
  if (address === undefined) return ignored["not-announced"];
  if (!announcedOn(address, link.name)) return ignored["not-on-this-interface"];
  const rival = rivalIn(frame, address, link, nodeMacs);
  if (rival === undefined) return ignored["not-a-question"];
  return { type: "answered", address, reply: undefined, rival };
}

function isIpv4OverEthernet(frame: Uint8Array): boolean {
  return u32At(frame, at.arp) === ipv4OverEthernet.types && u16At(frame, at.arp + 4) === ipv4OverEthernet.lengths;
}

/** An announcement of the sender's own address. RFC 5227 §2.3. */
function isGratuitous(frame: Uint8Array): boolean {
  return u32At(frame, at.senderIp) === u32At(frame, at.targetIp);
}

function rivalIn(frame: Uint8Array, address: AnnouncedAddress, link: WireLink, nodeMacs: ReadonlySet<number>): Rival | undefined {
  const claimed = macNumber(frame, at.senderMac);
  if (claimed === macNumber(link.mac) || nodeMacs.has(claimed)) return undefined;
  const mac = frame.slice(at.senderMac, at.senderMac + macLength);
  return { address, mac, form: isGratuitous(frame) ? "gratuitous-arp" : "arp-reply" };
}

/** The request with its two sides exchanged: to the sender hardware address of the packet, as MetalLB does. */
function replyTo(request: Uint8Array, mac: Uint8Array): Uint8Array {
  const reply = request.slice(0, at.end);
  reply.set(request.subarray(at.senderMac, at.senderMac + macLength), at.destination);
  reply.set(mac, at.source);
  reply[at.operation + 1] = arpOperation.reply;
  reply.set(mac, at.senderMac);
  reply.set(request.subarray(at.targetIp, at.end), at.senderIp);
  reply.set(request.subarray(at.senderMac, at.senderIp + 4), at.end - macLength - 4);
  return reply;
}
