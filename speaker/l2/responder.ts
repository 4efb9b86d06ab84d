import { ethernetHeaderLength, etherType } from "../codec/ethernet.ts";
import { u16At } from "../codec/octets.ts";
import type { AnnouncedAddresses } from "./announcement-table.ts";
import { type Answer, ignored } from "./answer.ts";
import { respondToArp } from "./arp-responder.ts";
import type { WireLink } from "./link-selection.ts";
import { respondToNdp } from "./ndp-responder.ts";

const offsetOfType = 12;

/**
 * What one received frame calls for. Total: any octets give an answer.
 * @param nodeMacs `macNumber` of every interface of this node, which are no rivals.
 */
export function respond(table: AnnouncedAddresses, link: WireLink, frame: Uint8Array, nodeMacs: ReadonlySet<number>): Answer {
  if (frame.length < ethernetHeaderLength) return ignored.malformed;
  switch (u16At(frame, offsetOfType)) {
    case etherType.arp:
      return respondToArp(table, link, frame, nodeMacs);
    case etherType.ipv6:
      return respondToNdp(table, link, frame, nodeMacs);
    case etherType.vlan:
    case etherType.serviceVlan:
      return ignored.tagged;
    default:
      return ignored["other-protocol"];
  }
}
