import { afPacketTaps } from "../af-packet.ts";
import { loadPcapTaps } from "../pcap.ts";
import { ownLink } from "./link.ts";

/**
 * A process of the taps' contract suite: opens both taps of one interface, then either ends with them open (`exit`), or
 * closes them and waits for nothing more (`close`).
 */
const [backEnd = "", name = "", then = ""] = process.argv.slice(2);
const factory = backEnd === "node-pcap" ? await loadPcapTaps() : afPacketTaps;
const link = ownLink(name);
const taps = (["arp", "ndp"] as const).map((protocol) =>
  factory.open(link, protocol, { onFrame: () => undefined, onClosed: () => undefined }),
);
setImmediate(() => {
  console.log("open");
  if (then === "exit") process.exit(0);
  for (const tap of taps) tap.close();
});
