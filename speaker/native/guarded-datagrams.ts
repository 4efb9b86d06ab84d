import { createSocket } from "node:dgram";
import { type Address, parseAddress } from "../../crds/net/address.ts";
import { adoptDatagrams } from "./datagram-adoption.ts";
import { hopLimitFilter, type SourceLimit } from "./hop-limit-filter.ts";
import { attachFilter, bindSocket, closeDescriptor, linux, openSocket, sendTo } from "./libc.ts";
import { bindToInterface, scopedSocketAddress, setHopLimit, setTrafficClass } from "./socket-options.ts";

/** A UDP socket that hears only who is near enough. Sending never blocks. */
export interface GuardedDatagrams {
  /** Sources of which more hops are wanted than of all. @throws {SystemError} when the kernel refuses so long a list. */
  limit(limits: readonly SourceLimit[]): void;
  /** @returns undefined when the kernel took the octets, else the symbolic errno. */
  send(octets: Uint8Array, to: Address, toPort: number): string | undefined;
  close(): void;
}

export type GuardedDatagramsOptions = {
  readonly local: Address;
  readonly port: number;
  /** An interface or a VRF; needed for link-local addresses. */
  readonly device?: string | undefined;
  /** Hops, which are TTL or hop limit, that a datagram needs to have left. */
  readonly atLeast: number;
  /** Hops of what is sent. */
  readonly sendHops: number;
  /** The octets are the callee's own. */
  readonly onDatagram: (octets: Uint8Array, from: Address, fromPort: number) => void;
  /** The socket is dead and has closed itself. */
  readonly onClosed: (reason: string) => void;
};

/** @throws Error when the address and port cannot be bound. */
export async function openGuardedDatagrams(options: GuardedDatagramsOptions): Promise<GuardedDatagrams> {
  const { local, device, atLeast, onDatagram, onClosed } = options;
  const fd = boundDescriptor(options);
  const socket = createSocket(local.family === "IPv4" ? "udp4" : "udp6");
  await adoptDatagrams(socket, fd);
  let open = true;
  const close = (): void => {
    if (open) socket.close();
    open = false;
  };
  socket.on("message", (octets, { address, port }) => {
    const from = parseAddress(address.split("%", 1)[0] ?? "");
    if (from !== undefined) onDatagram(octets, from, port);
  });
  socket.on("error", (error) => {
    close();
    onClosed(error.message);
  });
  return {
    limit: (limits) => {
      if (open) attachFilter(fd, hopLimitFilter(local.family, atLeast, limits));
    },
    send: (octets, to, toPort) => (open ? sendTo(fd, octets, scopedSocketAddress(to, toPort, device)) : "EBADF"),
    close,
  };
}

function boundDescriptor({ local, port, device, atLeast, sendHops }: GuardedDatagramsOptions): number {
  const fd = openSocket(local.family === "IPv4" ? linux.AF_INET : linux.AF_INET6, linux.SOCK_DGRAM, 0);
  try {
    if (device !== undefined) bindToInterface(fd, device);
    // Before it is bound, so that nothing is queued unseen.
    attachFilter(fd, hopLimitFilter(local.family, atLeast));
    setTrafficClass(fd, local.family);
    setHopLimit(fd, local.family, sendHops);
    bindSocket(fd, scopedSocketAddress(local, port, device));
    return fd;
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}
