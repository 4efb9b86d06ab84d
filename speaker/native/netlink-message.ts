/** What rtnetlink tells about one link (RTM_NEWLINK). */
export type LinkFacts = {
  readonly index: number;
  readonly name: string;
  readonly mac: Uint8Array;
  readonly mtu: number;
  readonly up: boolean;
  readonly carrier: boolean;
  readonly broadcast: boolean;
  readonly noArp: boolean;
  readonly loopback: boolean;
  readonly master: number | undefined;
};

/** One address of a link (RTM_NEWADDR). `tentative` also when duplicate address detection failed. */
export type AddressFacts = {
  readonly index: number;
  /** 4 or 16 octets. */
  readonly octets: Uint8Array;
  readonly prefixLength: number;
  readonly tentative: boolean;
};

export type NetlinkMessage =
  | { readonly type: "link"; readonly link: LinkFacts }
  | { readonly type: "link-gone"; readonly index: number }
  | { readonly type: "address"; readonly address: AddressFacts }
  | { readonly type: "address-gone"; readonly address: AddressFacts }
  /** End of a dump; `interrupted`: the tables changed meanwhile, so that it must be repeated. */
  | { readonly type: "done"; readonly sequence: number; readonly interrupted: boolean }
  | { readonly type: "error"; readonly sequence: number; readonly errno: number };

export type DumpKind = "links" | "addresses";

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
const RTM_GETADDR = 22;
const NLM_F_REQUEST = 0x1;
const NLM_F_DUMP = 0x300;
const NLM_F_DUMP_INTR = 0x10;
const HEADER_OCTETS = 16;
const IFINFOMSG_OCTETS = 16;
const IFADDRMSG_OCTETS = 8;

/** A request for the whole table. Native byte order, which is little-endian on both platforms. See rtnetlink(7). */
export function encodeDumpRequest(kind: DumpKind, sequence: number): Uint8Array {
  const request = new DataView(new ArrayBuffer(HEADER_OCTETS + 4));
  request.setUint32(0, request.byteLength, true);
  request.setUint16(4, kind === "links" ? RTM_GETLINK : RTM_GETADDR, true);
  request.setUint16(6, NLM_F_REQUEST | NLM_F_DUMP, true);
  request.setUint32(8, sequence, true);
  return new Uint8Array(request.buffer);
}

/** The messages of one read, in order. Unknown types and everything after a malformed header are left out. */
export function decodeNetlink(octets: Uint8Array): readonly NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  let offset = 0;
  while (offset + HEADER_OCTETS <= octets.length) {
    const header = new DataView(octets.buffer, octets.byteOffset + offset, HEADER_OCTETS);
    const length = header.getUint32(0, true);
    if (length < HEADER_OCTETS || offset + length > octets.length) break;
    const message = decodeMessage(header, octets.subarray(offset + HEADER_OCTETS, offset + length));
    if (message !== undefined) messages.push(message);
    offset += aligned(length);
  }
  return messages;
}

function decodeMessage(header: DataView, body: Uint8Array): NetlinkMessage | undefined {
  const sequence = header.getUint32(8, true);
  switch (header.getUint16(4, true)) {
    case NLMSG_DONE:
      return { type: "done", sequence, interrupted: (header.getUint16(6, true) & NLM_F_DUMP_INTR) !== 0 };
    case NLMSG_ERROR:
      return body.length < 4 ? undefined : { type: "error", sequence, errno: -viewOf(body).getInt32(0, true) };
    case RTM_NEWLINK: {
      const link = decodeLink(body);
      return link === undefined ? undefined : { type: "link", link };
    }
    case RTM_DELLINK: {
      const link = decodeLink(body);
      return link === undefined ? undefined : { type: "link-gone", index: link.index };
    }
    case RTM_NEWADDR: {
      const address = decodeAddress(body);
      return address === undefined ? undefined : { type: "address", address };
    }
    case RTM_DELADDR: {
      const address = decodeAddress(body);
      return address === undefined ? undefined : { type: "address-gone", address };
    }
    default:
      return undefined;
  }
}

const IFLA = { address: 1, name: 3, mtu: 4, master: 10 } as const;
const IFF = { up: 0x1, broadcast: 0x2, loopback: 0x8, noArp: 0x80, lowerUp: 0x10000 } as const;

function decodeLink(body: Uint8Array): LinkFacts | undefined {
  // A family other than AF_UNSPEC is a bridge's word about its port: its "gone" does not mean that the link went.
  if (body.length < IFINFOMSG_OCTETS || body[0] !== 0) return undefined;
  const head = viewOf(body);
  const flags = head.getUint32(8, true);
  const attributes = decodeAttributes(body.subarray(IFINFOMSG_OCTETS));
  return {
    index: head.getInt32(4, true),
    name: latin1(attributes.get(IFLA.name)),
    mac: Uint8Array.from(attributes.get(IFLA.address) ?? []),
    mtu: u32(attributes.get(IFLA.mtu)) ?? 0,
    up: (flags & IFF.up) !== 0,
    carrier: (flags & IFF.lowerUp) !== 0,
    broadcast: (flags & IFF.broadcast) !== 0,
    noArp: (flags & IFF.noArp) !== 0,
    loopback: (flags & IFF.loopback) !== 0,
    master: u32(attributes.get(IFLA.master)),
  };
}

const IFA = { address: 1, local: 2, flags: 8 } as const;
const IFA_F_DADFAILED = 0x08;
const IFA_F_TENTATIVE = 0x40;

function decodeAddress(body: Uint8Array): AddressFacts | undefined {
  if (body.length < IFADDRMSG_OCTETS) return undefined;
  const head = viewOf(body);
  const attributes = decodeAttributes(body.subarray(IFADDRMSG_OCTETS));
  // On point-to-point links IFA_ADDRESS is the far end; the own address is then IFA_LOCAL.
  const octets = attributes.get(IFA.local) ?? attributes.get(IFA.address);
  if (octets === undefined || (octets.length !== 4 && octets.length !== 16)) return undefined;
  const flags = u32(attributes.get(IFA.flags)) ?? head.getUint8(2);
  return {
    index: head.getUint32(4, true),
    octets: Uint8Array.from(octets),
    prefixLength: head.getUint8(1),
    tentative: (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) !== 0,
  };
}

function decodeAttributes(octets: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const attributes = new Map<number, Uint8Array>();
  const view = viewOf(octets);
  let offset = 0;
  while (offset + 4 <= octets.length) {
    const length = view.getUint16(offset, true);
    if (length < 4 || offset + length > octets.length) break;
    const type = view.getUint16(offset + 2, true) & 0x3fff; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER
    attributes.set(type, octets.subarray(offset + 4, offset + length));
    offset += aligned(length);
  }
  return attributes;
}

function aligned(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
}

function u32(octets: Uint8Array | undefined): number | undefined {
  return octets === undefined || octets.length < 4 ? undefined : viewOf(octets).getUint32(0, true);
}

/** Interface names are octets that the kernel does not interpret; they end with a zero. */
function latin1(octets: Uint8Array | undefined): string {
  let text = "";
  for (const octet of octets ?? []) {
    if (octet === 0) break;
    text += String.fromCharCode(octet);
  }
  return text;
}
