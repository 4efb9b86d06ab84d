import { afPacketTaps } from "../af-packet.ts";
import { loadPcapTaps } from "../pcap.ts";
import { ownLink } from "./link.ts";

/** A process of the taps' contract suite: opens both taps of one interface, leaves them open and ends. */
const [backEnd = "", name = ""] = process.argv.slice(2);
const taps = backEnd === "node-pcap" ? await loadPcapTaps() : afPacketTaps;
const link = ownLink(name);
for (const protocol of ["arp", "ndp"] as const)
  taps.open(link, protocol, { onFrame: () => undefined, onClosed: () => undefined });
setImmediate(() => {
  console.log("open");
  process.exit(0);
});
