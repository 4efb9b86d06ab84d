/** What a host on the segment may expect of a node; its own reading of the RFCs, which shares nothing with what it judges. */
export type Expectation = {
  /** The frame is a question or a statement that every field of is as the RFCs have it, and carries no tag. */
  readonly sound: boolean;
  /** The announced address that must be answered for, in hexadecimal; undefined: nothing may be sent. */
  readonly replyFor: string | undefined;
};

/** The node as the segment sees it; addresses and MACs in hexadecimal. */
export type NodeOnSegment = {
  readonly mac: string;
  readonly linkLocal: string;
  /** Addresses that are announced on this segment. */
  readonly announced: ReadonlySet<string>;
};

const unsound: Expectation = { sound: false, replyFor: undefined };

/** RFC 826, RFC 5227, RFC 4861 §7.1 and §7.2, RFC 4862 §5.4.3. */
export function dueReply(frame: Buffer, node: NodeOnSegment): Expectation {
  if (frame.length < 14) return unsound;
  const type = frame.toString("hex", 12, 14);
  const expectation = type === "0806" ? dueArp(frame, node) : type === "86dd" ? dueNdp(frame, node) : unsound;
  const own = frame.toString("hex", 6, 12) === node.mac;
  return own ? { ...expectation, replyFor: undefined } : expectation;
}

function dueArp(frame: Buffer, { mac, announced }: NodeOnSegment): Expectation {
  if (frame.length < 42 || frame.toString("hex", 14, 20) !== "000108000604") return unsound;
  const target = frame.toString("hex", 38, 42);
  const toUs = ["ffffffffffff", mac].includes(frame.toString("hex", 0, 6));
  const due = frame.readUInt16BE(20) === 1 && toUs && announced.has(target);
  return { sound: true, replyFor: due ? target : undefined };
}

function dueNdp(frame: Buffer, { mac, linkLocal, announced }: NodeOnSegment): Expectation {
  const packet = frame.subarray(14);
  if (packet.length < 64 || packet.readUInt8(0) >> 4 !== 6) return unsound;
  const message = packet.subarray(40, 40 + packet.readUInt16BE(4));
  const whole = message.length === packet.readUInt16BE(4) && message.length >= 24;
  if (!whole || packet[6] !== 58 || packet[7] !== 255 || message[1] !== 0 || !sumsUp(packet, message)) return unsound;
  const options = linkLayerOptions(message.subarray(24));
  const [source, destination, target] = [hex(packet, 8), hex(packet, 24), hex(message, 8)];
  if (options === undefined || target.startsWith("ff")) return unsound;
  if (message[0] === 136) return { sound: !(destination.startsWith("ff") && (message[4] ?? 0) & 0x40), replyFor: undefined };
  const probe = source === "0".repeat(32);
  const soundProbe = destination.startsWith("ff0200000000000000000001ff") && !options.includes(1);
  if (message[0] !== 135 || (probe && !soundProbe)) return unsound;
  const toUs = (frame.readUInt8(0) & 1) === 1 || frame.toString("hex", 0, 6) === mac;
  const due = toUs && announced.has(target) && !source.startsWith("ff") && source !== linkLocal;
  return { sound: true, replyFor: due ? target : undefined };
}

/** Types of the options in order; undefined when they do not end where the message does, or one has length zero. */
function linkLayerOptions(octets: Buffer): readonly number[] | undefined {
  const types: number[] = [];
  for (let rest = octets; rest.length > 0; rest = rest.subarray((rest[1] ?? 0) * 8)) {
    const length = (rest[1] ?? 0) * 8;
    if (length === 0 || length > rest.length) return undefined;
    types.push(rest[0] ?? 0);
  }
  return types;
}

/** RFC 8200 §8.1: over addresses, length, next header and message the sum is all ones. */
function sumsUp(packet: Buffer, message: Buffer): boolean {
  let sum = message.length + 58;
  for (let at = 8; at < 40; at += 2) sum += packet.readUInt16BE(at);
  for (let at = 0; at < message.length; at += 2) sum += (message[at] ?? 0) * 256 + (message[at + 1] ?? 0);
  return sum % 0xffff === 0;
}

function hex(octets: Buffer, offset: number): string {
  return octets.toString("hex", offset, offset + 16);
}
