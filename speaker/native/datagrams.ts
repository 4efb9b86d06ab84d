import { createSocket } from "node:dgram";
import { type Family, parseAddress } from "../../crds/net/address.ts";
import { adoptDatagrams } from "./datagram-adoption.ts";
import { bindSocket, closeDescriptor, linux, openSocket, sendTo } from "./libc.ts";
import { socketAddress } from "./socket-address.ts";

/** A UDP socket that is bound. Sending never blocks and never fails: what the kernel refuses is lost, as on the network. */
export interface Datagrams {
  send(octets: Uint8Array, address: string): void;
  close(): void;
}

export type DatagramOptions = {
  /** Own address, and the port of both ends. */
  readonly address: string;
  readonly port: number;
  /** @param from the sender's address as text. */
  readonly onDatagram: (octets: Uint8Array, from: string) => void;
  /** The socket is dead and has closed itself. */
  readonly onClosed: (reason: string) => void;
};

/** Addresses of targets that are kept in the form in which the kernel takes them. */
const maxTargets = 1024;

/**
 * The event loop reads; what is sent goes straight to the kernel, which costs a third of the way through Node.
 * @throws Error when the address and port cannot be bound.
 */
export async function openDatagrams({ address, port, onDatagram, onClosed }: DatagramOptions): Promise<Datagrams> {
  const { fd, family } = boundDescriptor(address, port);
  const socket = createSocket(family === "IPv4" ? "udp4" : "udp6");
  await adoptDatagrams(socket, fd);
  let open = true;
  const close = (): void => {
    if (open) socket.close();
    open = false;
  };
  socket.on("message", (octets, { address: from }) => onDatagram(octets, from));
  socket.on("error", (error) => {
    close();
    onClosed(error.message);
  });
  const targets = new Map<string, Uint8Array | undefined>();
  const targetOf = (to: string): Uint8Array | undefined => {
    if (targets.has(to)) return targets.get(to);
    if (targets.size >= maxTargets) targets.clear();
    const parsed = parseAddress(to);
    const target = parsed?.family === family ? socketAddress(parsed, port) : undefined;
    targets.set(to, target);
    return target;
  };
  return {
    send: (octets, to) => {
      const target = targetOf(to);
      // No route, a filter, a full buffer: the protocol lives with packets that are lost.
      if (open && target !== undefined) sendTo(fd, octets, target);
    },
    close,
  };
}

function boundDescriptor(address: string, port: number): { readonly fd: number; readonly family: Family } {
  const parsed = parseAddress(address);
  if (parsed === undefined) throw new Error(`"${address}" is no IP address`);
  const { family } = parsed;
  const fd = openSocket(family === "IPv4" ? linux.AF_INET : linux.AF_INET6, linux.SOCK_DGRAM, 0);
  try {
    bindSocket(fd, socketAddress(parsed, port));
    return { fd, family };
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}
