import { octetsOfAddress } from "../../codec/ip-octets.ts";
import { type AnnouncedAddress, announcedOn } from "../announcement-table.ts";
import { gratuitousArp, unsolicitedAdvertisement } from "../gratuitous-frame.ts";
import type { WireLink } from "../link-selection.ts";
import type { ProbeFrame } from "./address-probes.ts";

/** One announcement against a rival on each link of the address. RFC 5227 §2.4, RFC 4861 §7.2.6. */
export function defenceOf(announced: AnnouncedAddress, links: Iterable<WireLink>): readonly ProbeFrame[] {
  const { address } = announced;
  const octets = octetsOfAddress(address);
  const frames: ProbeFrame[] = [];
  for (const { name, mac, carrier, arp, linkLocal } of links) {
    if (!carrier || !announcedOn(announced, name)) continue;
    if (address.family === "IPv4") {
      if (arp) frames.push({ link: name, frame: gratuitousArp("request", mac, octets) });
    } else if (linkLocal !== undefined) {
      frames.push({ link: name, frame: unsolicitedAdvertisement(mac, linkLocal, octets) });
    }
  }
  return frames;
}
