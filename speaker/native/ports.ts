import type { Address } from "../../crds/net/address.ts";

/** One network interface as the kernel describes it. */
export type Link = {
  readonly index: number;
  readonly name: string;
  /** Six octets; empty for links without a hardware address. */
  readonly mac: Uint8Array;
  readonly mtu: number;
  readonly up: boolean;
  readonly carrier: boolean;
  readonly broadcast: boolean;
  readonly noArp: boolean;
  readonly loopback: boolean;
  /** Index of the bridge, bond or VRF that this link belongs to. */
  readonly master?: number;
  /** IPv4 and IPv6 prefixes as text with length, such as `192.0.2.1/24`. */
  readonly addresses: readonly LinkAddress[];
};

export type LinkAddress = {
  readonly address: string;
  readonly prefixLength: number;
  readonly family: "IPv4" | "IPv6";
  readonly tentative: boolean;
};

/** What one tap sees: ARP frames, or ICMPv6 neighbour solicitations and advertisements. */
export type TapProtocol = "arp" | "ndp";

/** A live capture on one interface. Own frames are not seen; neither are frames with an 802.1Q tag. */
export interface FrameTap {
  /** Queues one whole Ethernet frame for sending. @returns false when the kernel refused it. */
  send(frame: Uint8Array): boolean;
  /**
   * Questions (ARP requests, neighbour solicitations) for other addresses need not be delivered from now on; undefined: all must be.
   * Everything else is delivered as before. Some back ends take no notice.
   * @param targets the last 32 bits of each; the same array for all taps that want the same.
   */
  askFor(targets: Uint32Array | undefined): void;
  close(): void;
}

export type TapEvents = {
  /** `frame` is the callee's own copy. */
  readonly onFrame: (frame: Uint8Array) => void;
  /**
   * The tap is dead (link gone, socket error); it has closed itself. Reopen when the link is back. Only a hint: a back end may
   * miss that its link went down, so whoever opened a tap closes it when {@link LinkMonitor} says so.
   */
  readonly onClosed: (reason: string) => void;
};

/** A live exchange of router solicitations and advertisements (RFC 4861 §4.1, §4.2) on one interface. Own frames are not seen. */
export type RouterTap = Pick<FrameTap, "send" | "close">;

export interface RouterTapFactory {
  /** @throws Error with a sentence for the operator when it cannot be opened. */
  open(link: Link, events: TapEvents): RouterTap;
}

export interface TapFactory {
  readonly name: "node-pcap" | "af-packet";
  /**
   * @param promiscuous also hear what the network card would drop: for cards that drop what is meant for this node. Ends with the tap.
   * @throws Error with a sentence for the operator when the tap cannot be opened.
   */
  open(link: Link, protocol: TapProtocol, events: TapEvents, promiscuous?: boolean): FrameTap;
}

/** Link and address changes of the host. */
export interface LinkMonitor {
  /**
   * Called at once with the whole table, then after every change: a link that goes down and comes back is two of them.
   * @param onLinks `missed`: events were lost before this table, so that any link may have been down unseen.
   */
  start(onLinks: (links: readonly Link[], missed: boolean) => void): void;
  close(): void;
}

/** Joins IPv6 multicast groups so that the NIC filter and snooping switches pass them (MLD). */
export interface GroupMembership {
  join(group: string, interfaceName: string): void;
  leave(group: string, interfaceName: string): void;
  close(): void;
}

/** One end of a TCP connection. */
export type TcpEnd = { readonly address: Address; readonly port: number };

/** What the kernel is told of a connection before its first segment. Absent: the kernel's own way. */
export type TcpOptions = {
  /** Name of an interface, or of a VRF's device, that the connection is bound to; link-local addresses need one. */
  readonly device?: string;
  /** RFC 2385: 1 to 80 octets. */
  readonly password?: Uint8Array;
  /** TTL or hop limit of what is sent. */
  readonly ttl?: number;
  /** Segments that arrive with less are dropped. RFC 5082. */
  readonly minimumTtl?: number;
};

export type TcpTarget = TcpOptions & {
  readonly remote: TcpEnd;
  /** An address of this host's; absent: the kernel chooses. */
  readonly source?: Address;
  /** Without an answer for so long the attempt has failed. */
  readonly timeoutMs: number;
};

/** An established connection. Nothing is delivered, and no end of it is told, before {@link open}. */
export interface TcpConnection {
  readonly local: TcpEnd;
  readonly remote: TcpEnd;
  /** To be called once. */
  open(events: TcpEvents): void;
  /** Asks for one read: one call, one `onOctets`, in a later turn. */
  read(): void;
  /** Queues octets for sending. @returns false when more than the kernel takes now is queued: `onDrained` follows. */
  send(octets: Uint8Array): boolean;
  /** Sends what is queued, says that nothing follows, and frees the connection; no event comes any more. */
  close(): void;
  /** Frees the connection at once, whatever is queued; no event comes any more. */
  abort(): void;
}

export type TcpEvents = {
  /** One read of bounded size; the octets are the callee's own. */
  readonly onOctets: (octets: Uint8Array) => void;
  /** Everything that was queued has gone to the kernel. */
  readonly onDrained: () => void;
  /** The other side or the network ended it; it has freed itself. */
  readonly onClosed: (reason: string) => void;
};

export interface TcpConnector {
  /**
   * Begins to connect. One of the two callbacks follows in a later turn, unless the attempt is given up before.
   * @returns gives the attempt up.
   */
  connect(target: TcpTarget, outcome: TcpOutcome): () => void;
}

export type TcpOutcome = {
  readonly onConnected: (connection: TcpConnection) => void;
  /** A sentence for the operator. */
  readonly onFailed: (reason: string) => void;
};

/** From whom connections are accepted, and how. */
export type TcpAdmission = Pick<TcpOptions, "password" | "minimumTtl"> & { readonly remote: Address };

export interface TcpListener {
  /** Replaces the list; at first it is empty. Connections that stand are not touched. */
  admit(admissions: readonly TcpAdmission[]): void;
  close(): void;
}

export interface TcpListening {
  /** Accepts on one port of every address of this host. @throws Error with a sentence for the operator. */
  listen(port: number, onConnection: (connection: TcpConnection) => void): TcpListener;
}
