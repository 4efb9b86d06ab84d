import { afPacketTaps } from "../../speaker/native/af-packet.ts";
import type { FrameTap, Link } from "../../speaker/native/ports.ts";
import type { ClientLine } from "./client-order.ts";
import { monotonicMs } from "./timeline.ts";

const broadcast = "ff:ff:ff:ff:ff:ff";

/** Sends raw ARP requests and tells who answers, and who announces without being asked. */
export class ArpClient {
  readonly #link: Link;
  readonly #watched: ReadonlySet<string>;
  readonly #emit: (line: ClientLine) => void;
  readonly #ownMac: string;
  readonly #sender: readonly number[];
  readonly #tap: FrameTap;

  /** @throws {Error} when the link has no IPv4 address. */
  constructor(link: Link, watched: readonly string[], emit: (line: ClientLine) => void) {
    const ipv4 = link.addresses.find(({ family }) => family === "IPv4")?.address;
    if (ipv4 === undefined) throw new Error(`${link.name} has no IPv4 address`);
    this.#link = link;
    this.#watched = new Set(watched);
    this.#emit = emit;
    this.#ownMac = macOf(link.mac);
    this.#sender = [...link.mac, ...octetsOf(ipv4)];
    this.#tap = afPacketTaps.open(link, "arp", {
      onFrame: (frame) => this.#see(frame),
      onClosed: (reason) => {
        throw new Error(reason);
      },
    });
  }

  /** One broadcast request. */
  ask(address: string): void {
    const head = [...Array(6).fill(0xff), ...this.#link.mac, 0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1];
    this.#tap.send(Uint8Array.from([...head, ...this.#sender, 0, 0, 0, 0, 0, 0, ...octetsOf(address)]));
  }

  #see(frame: Uint8Array): void {
    const at = monotonicMs();
    const address = frame.subarray(28, 32).join(".");
    if (!this.#watched.has(address)) return;
    const destination = macOf(frame.subarray(0, 6));
    const unasked = destination === broadcast && address === frame.subarray(38, 42).join(".");
    const answer = frame[21] === 2 && destination === this.#ownMac;
    if (unasked || answer) this.#emit(["sighting", at, address, macOf(frame.subarray(22, 28)), unasked]);
  }
}

function macOf(octets: Uint8Array): string {
  return [...octets].map((octet) => octet.toString(16).padStart(2, "0")).join(":");
}

function octetsOf(ipv4: string): readonly number[] {
  return ipv4.split(".").map(Number);
}
