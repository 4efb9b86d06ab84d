import { Reader, Writer } from "./cursor.ts";

/** Octets of a control packet without authentication. */
export const bfdControlLength = 24;

/** Sta, in the order of its numbers. RFC 5880 §4.1. */
const states = ["AdminDown", "Down", "Init", "Up"] as const;

export type BfdState = (typeof states)[number];

const version = 1;
const authenticatedLength = 26;
const flag = { poll: 0x20, final: 0x10, controlPlaneIndependent: 0x08, authentication: 0x04, demand: 0x02, multipoint: 0x01 };

/** A BFD control packet without authentication; intervals in microseconds. RFC 5880 §4.1. */
export type BfdControl = {
  /** Why the sender's session left Up last; 0 to 31. */
  readonly diagnostic: number;
  readonly state: BfdState;
  readonly poll: boolean;
  readonly final: boolean;
  readonly controlPlaneIndependent: boolean;
  readonly demand: boolean;
  /** 1 to 255. */
  readonly detectMultiplier: number;
  /** Not 0. */
  readonly myDiscriminator: number;
  /** 0: the sender does not know its peer's; then its state is AdminDown or Down. */
  readonly yourDiscriminator: number;
  readonly desiredMinTxUs: number;
  readonly requiredMinRxUs: number;
  /** 0: the sender does not return echo packets. */
  readonly requiredMinEchoRxUs: number;
};

/**
 * Makes the checks of RFC 5880 §6.8.6 that need no session. Octets behind the packet's own length are ignored.
 * @param octets a UDP payload.
 * @throws {CodecError} when the packet must be discarded; also when it is authenticated, since no session of ours is.
 */
export function decodeBfdControl(octets: Uint8Array): BfdControl {
  const r = new Reader(octets, "BFD");
  const first = r.u8("version");
  if (first >>> 5 !== version) throw r.error("version", `is ${first >>> 5}, not ${version}`, 1);
  const second = r.u8("flags");
  const detectMultiplier = r.u8("detect mult");
  checkLength(r, r.u8("length"), octets.length, (second & flag.authentication) !== 0);
  if (detectMultiplier === 0) throw r.error("detect mult", "is 0", 2);
  if ((second & flag.multipoint) !== 0) throw r.error("multipoint", "is set", 3);
  const state = stateOf(second);
  const myDiscriminator = r.u32("my discriminator");
  if (myDiscriminator === 0) throw r.error("my discriminator", "is 0", 4);
  const yourDiscriminator = r.u32("your discriminator");
  if (yourDiscriminator === 0 && state !== "Down" && state !== "AdminDown")
    throw r.error("your discriminator", `is 0 in state ${state}`, 4);
  if ((second & flag.authentication) !== 0) throw r.error("authentication", "is used, and no session here has it", 11);
  return {
    diagnostic: first & 0x1f,
    state,
    poll: (second & flag.poll) !== 0,
    final: (second & flag.final) !== 0,
    controlPlaneIndependent: (second & flag.controlPlaneIndependent) !== 0,
    demand: (second & flag.demand) !== 0,
    detectMultiplier,
    myDiscriminator,
    yourDiscriminator,
    desiredMinTxUs: r.u32("desired min tx interval"),
    requiredMinRxUs: r.u32("required min rx interval"),
    requiredMinEchoRxUs: r.u32("required min echo rx interval"),
  };
}

/** Inverse of {@link decodeBfdControl}: 24 octets. */
export function encodeBfdControl(packet: BfdControl): Uint8Array {
  const flags =
    (packet.poll ? flag.poll : 0) |
    (packet.final ? flag.final : 0) |
    (packet.controlPlaneIndependent ? flag.controlPlaneIndependent : 0) |
    (packet.demand ? flag.demand : 0);
  return new Writer(bfdControlLength)
    .u8(version * 0x20 + packet.diagnostic)
    .u8(states.indexOf(packet.state) * 0x40 + flags)
    .u8(packet.detectMultiplier)
    .u8(bfdControlLength)
    .u32(packet.myDiscriminator)
    .u32(packet.yourDiscriminator)
    .u32(packet.desiredMinTxUs)
    .u32(packet.requiredMinRxUs)
    .u32(packet.requiredMinEchoRxUs)
    .finish();
}

function checkLength(r: Reader, length: number, received: number, authenticated: boolean): void {
  const least = authenticated ? authenticatedLength : bfdControlLength;
  if (length < least) throw r.error("length", `is ${length}, less than ${least}`, 1);
  if (length > received) throw r.error("length", `is ${length}, more than the ${received} octets that arrived`, 1);
}

function stateOf(octet: number): BfdState {
  return states[octet >>> 6] ?? "AdminDown";
}
