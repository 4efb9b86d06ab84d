import { readFileSync } from "node:fs";
import { afPacketTaps } from "../af-packet.ts";
import { interfaceIndex } from "../libc.ts";
import { loadPcapTaps } from "../pcap.ts";

/** A process of the taps' contract suite: opens both taps of one interface, leaves them open and ends. */
const [backEnd = "", name = ""] = process.argv.slice(2);
const taps = backEnd === "node-pcap" ? await loadPcapTaps() : afPacketTaps;
const mac = Buffer.from(readFileSync(`/sys/class/net/${name}/address`, "utf8").trim().replaceAll(":", ""), "hex");
const link = {
  index: interfaceIndex(name),
  name,
  mac,
  mtu: 1500,
  up: true,
  carrier: true,
  broadcast: true,
  noArp: false,
  loopback: false,
};
for (const protocol of ["arp", "ndp"] as const)
  taps.open({ ...link, addresses: [] }, protocol, { onFrame: () => undefined, onClosed: () => undefined });
setImmediate(() => {
  console.log("open");
  process.exit(0);
});
