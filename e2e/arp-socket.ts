import { parseAddress } from "../crds/net/address.ts";
import { afPacketTaps } from "../speaker/native/af-packet.ts";
import { ownLink } from "../speaker/native/fake/link.ts";

/** An ARP reply, as far as clients look at it. */
export type ArpReply = {
  /** The address that somebody answers for, and who. */
  readonly address: string;
  readonly mac: string;
  /** Protocol address that the request came from. */
  readonly asker: string;
};

export interface ArpSocket {
  /** The interface's own IPv4 address. */
  readonly address: string;
  /** A broadcast request. @param asker protocol address of the sender; the interface's own when absent. */
  request(target: string, asker?: string): Uint8Array;
  /** @returns false when the kernel refused it. */
  send(frame: Uint8Array): boolean;
  close(): void;
}

/** ARP on `eth0` of the network namespace that this process runs in. @throws {Error} when it cannot be opened. */
export function openArpSocket(onReply: (reply: ArpReply) => void): ArpSocket {
  const link = ownLink("eth0");
  const address = link.addresses.find(({ family }) => family === "IPv4")?.address;
  if (address === undefined) throw new Error(`${link.name} has no IPv4 address`);
  const tap = afPacketTaps.open(link, "arp", {
    onFrame: (frame) => {
      if (frame[21] === 2) onReply(replyIn(frame));
    },
    onClosed: (reason) => {
      throw new Error(reason);
    },
  });
  const head = [...Array(6).fill(0xff), ...link.mac, 0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1, ...link.mac];
  return {
    address,
    request: (target, asker = address) => Uint8Array.from([...head, ...octetsOf(asker), 0, 0, 0, 0, 0, 0, ...octetsOf(target)]),
    send: (frame) => tap.send(frame),
    close: () => tap.close(),
  };
}

function replyIn(frame: Uint8Array): ArpReply {
  const mac = [...frame.subarray(22, 28)].map((octet) => octet.toString(16).padStart(2, "0")).join(":");
  return { address: frame.subarray(28, 32).join("."), mac, asker: frame.subarray(38, 42).join(".") };
}

function octetsOf(ipv4: string): readonly number[] {
  if (parseAddress(ipv4)?.family !== "IPv4") throw new Error(`${ipv4} is no IPv4 address`);
  return ipv4.split(".").map(Number);
}
