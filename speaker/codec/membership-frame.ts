import { Reader, Writer } from "./cursor.ts";
import { type Decoded, decoded } from "./decoded.ts";
import { nameOfOctets, octetsOfName } from "./membership-field.ts";
import { idOctets, maxPacketOctets } from "./membership-limit.ts";
import { fromHex, toHex } from "./octets.ts";

/** The version that this program sends. It reads the one before, too. */
export const membershipVersion = 1;

/** The oldest version there is. */
const firstVersion = 1;

/** plain: the body is readable. sealed: AES-256-GCM, with its tag behind. */
export type Sealing = "plain" | "sealed";

/** What stands in front of every body, readable by all: it names the key and the nonce. */
export type MembershipHeader = {
  readonly version: number;
  readonly sealing: Sealing;
  /** Name of the sender's node. */
  readonly sender: string;
  /** 128 random bits of the sender's process, as hexadecimal digits. */
  readonly startId: string;
  /** Counts the packets of that process from 1 on, below 2^53. */
  readonly counter: number;
};

/** `head`: the octets of the header, which the seal covers too. */
export type MembershipFrame = { readonly header: MembershipHeader; readonly head: Uint8Array; readonly body: Uint8Array };

const sealings: readonly Sealing[] = ["plain", "sealed"];
const protocol = "membership frame";
const twoTo32 = 0x1_0000_0000;

/**
 * version(1) sealing(1) length(1) name start-id(16) counter(8). The body follows.
 * @throws {RangeError} for a name or id that no decoder gives.
 */
export function encodeMembershipHeader({ version, sealing, sender, startId, counter }: MembershipHeader): Uint8Array {
  const name = octetsOfName(sender);
  return new Writer(3 + name.length + idOctets + 8)
    .u8(version)
    .u8(sealings.indexOf(sealing))
    .u8(name.length)
    .bytes(name)
    .bytes(fromHex(startId))
    .u32(Math.floor(counter / twoTo32))
    .u32(counter % twoTo32)
    .finish();
}

/** Total. @param octets a datagram; longer ones than the protocol's longest packet are refused. */
export function decodeMembershipFrame(octets: Uint8Array): Decoded<MembershipFrame> {
  return decoded(() => {
    const r = new Reader(octets, protocol);
    if (octets.length > maxPacketOctets) throw r.error("length", `is ${octets.length}, more than ${maxPacketOctets}`);
    const version = r.u8("version");
    if (version > membershipVersion || version < Math.max(firstVersion, membershipVersion - 1)) {
      throw r.error("version", `is ${version}; this program speaks ${membershipVersion}`, 1);
    }
    const sealing = sealings[r.u8("sealing")];
    if (sealing === undefined) throw r.error("sealing", "is unknown", 1);
    const sender = nameOfOctets(r.bytes(r.u8("name length"), "name"), protocol, "name");
    const startId = toHex(r.bytes(idOctets, "start id"));
    const counter = r.u32("counter") * twoTo32 + r.u32("counter");
    if (!Number.isSafeInteger(counter)) throw r.error("counter", "is above 2^53", 8);
    const head = octets.subarray(0, r.offset);
    return { header: { version, sealing, sender, startId, counter }, head, body: r.rest() };
  });
}
