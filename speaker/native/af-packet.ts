import { attachFilter, type BpfInstruction, bindSocket, closeDescriptor, linux, openSocket, setSocketOption } from "./libc.ts";
import { packetFilter, routerFilter } from "./packet-filter.ts";
import type { FrameTap, Link, RouterTapFactory, TapEvents, TapFactory, TapProtocol } from "./ports.ts";
import { adoptSocket } from "./socket-adoption.ts";

/** Room for some thousand frames: the default keeps about 256 of a burst that arrives while JavaScript is busy. */
const RECEIVE_BUFFER_OCTETS = 2 << 20;
/** Larger than any ARP or neighbour message; longer frames are cut and then fail their codec's length checks. */
const MAX_FRAME_OCTETS = 2048;

/** Frames through an AF_PACKET socket of our own. Needs CAP_NET_RAW and no other package. */
export const afPacketTaps: TapFactory = { name: "af-packet", open: openTap };

function openTap(link: Link, protocol: TapProtocol, events: TapEvents, promiscuous = false): FrameTap {
  let fd: number;
  try {
    fd = boundSocket(link, protocol, promiscuous);
  } catch (error) {
    throw new Error(`cannot capture ${protocol} frames on interface ${link.name}`, { cause: error });
  }
  const socket = adoptSocket(fd, MAX_FRAME_OCTETS, {
    onOctets: events.onFrame,
    onFailed: (code) => events.onClosed(`${protocol} tap on ${link.name}: ${code}`),
  });
  return {
    send: (frame) => socket.send(frame) === undefined,
    askFor: (targets) => {
      if (socket.filter(filterFor(protocol, targets))) return;
      // A long program may be more than net.core.optmem_max allows; without the short one nothing would be heard of new addresses.
      if (socket.filter(packetFilter(protocol))) return;
      socket.close();
      events.onClosed(`${protocol} tap on ${link.name}: the kernel refuses its filter`);
    },
    close: () => socket.close(),
  };
}

/** Taps on many interfaces ask for the same addresses. */
const programs: { readonly [protocol in TapProtocol]: WeakMap<Uint32Array, readonly BpfInstruction[]> } = {
  arp: new WeakMap(),
  ndp: new WeakMap(),
};

function filterFor(protocol: TapProtocol, targets: Uint32Array | undefined): readonly BpfInstruction[] {
  const known = targets && programs[protocol].get(targets);
  if (known !== undefined) return known;
  const program = packetFilter(protocol, targets);
  if (targets !== undefined) programs[protocol].set(targets, program);
  return program;
}

const etherTypes: { readonly [protocol in TapProtocol]: number } = { arp: linux.ETH_P_ARP, ndp: linux.ETH_P_IPV6 };

/** Router discovery through an AF_PACKET socket. */
export const routerTaps: RouterTapFactory = {
  open(link, events) {
    let fd: number;
    try {
      fd = packetSocket(link.index, linux.ETH_P_IPV6, routerFilter());
    } catch (error) {
      throw new Error(`cannot capture router advertisements on interface ${link.name}`, { cause: error });
    }
    const socket = adoptSocket(fd, MAX_FRAME_OCTETS, {
      onOctets: events.onFrame,
      onFailed: (code) => events.onClosed(`router discovery on ${link.name}: ${code}`),
    });
    return { send: (frame) => socket.send(frame) === undefined, close: () => socket.close() };
  },
};

function boundSocket(link: Link, protocol: TapProtocol, promiscuous: boolean): number {
  const fd = packetSocket(link.index, etherTypes[protocol], packetFilter(protocol));
  try {
    if (promiscuous) setSocketOption(fd, linux.SOL_PACKET, linux.PACKET_ADD_MEMBERSHIP, promiscuity(link.index));
    return fd;
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}

/** A socket for whole frames of one interface, which sees none that this host sends. @throws {SystemError} */
export function packetSocket(interfaceIndex: number, ethertype: number, program: readonly BpfInstruction[]): number {
  // Protocol 0 receives nothing, so that no unfiltered frame is queued before the filter is in place.
  const fd = openSocket(linux.AF_PACKET, linux.SOCK_RAW, 0);
  try {
    setSocketOption(fd, linux.SOL_PACKET, linux.PACKET_IGNORE_OUTGOING, 1);
    setSocketOption(fd, linux.SOL_SOCKET, linux.SO_RCVBUF, RECEIVE_BUFFER_OCTETS);
    attachFilter(fd, program);
    bindSocket(fd, linkLayerAddress(interfaceIndex, ethertype));
    return fd;
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}

/** `struct packet_mreq` that asks for promiscuous mode, which the kernel ends with the socket. */
function promiscuity(index: number): Uint8Array {
  const request = new DataView(new ArrayBuffer(16));
  request.setInt32(0, index, true);
  request.setUint16(4, linux.PACKET_MR_PROMISC, true);
  return new Uint8Array(request.buffer);
}

/** `struct sockaddr_ll` of an interface and an ethertype. */
function linkLayerAddress(index: number, ethertype: number): Uint8Array {
  const address = new DataView(new ArrayBuffer(20));
  address.setUint16(0, linux.AF_PACKET, true);
  address.setUint16(2, ethertype);
  address.setInt32(4, index, true);
  return new Uint8Array(address.buffer);
}
