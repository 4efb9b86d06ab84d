import type { Address } from "../../crds/net/address.ts";
import {
  attachFilter,
  type BpfInstruction,
  bindSocket,
  closeDescriptor,
  linux,
  openSocket,
  SystemError,
  sendTo,
} from "./libc.ts";
import { bindToInterface, scopedSocketAddress, setHopLimit, setTrafficClass } from "./socket-options.ts";

/** Sends UDP from a port of its own to one place. Nothing is received. */
export interface DatagramSender {
  /** @returns undefined when the kernel took the octets, else the symbolic errno. */
  send(octets: Uint8Array): string | undefined;
  close(): void;
}

export type DatagramSenderOptions = {
  readonly local: Address;
  readonly remote: Address;
  readonly port: number;
  /** An interface or a VRF; needed for link-local addresses. */
  readonly device?: string | undefined;
  readonly hops: number;
  /** 0 up to 1: which port is tried first. */
  readonly random: number;
};

const dropAll: readonly BpfInstruction[] = [[0x06, 0, 0, 0]];
/** Dynamic ports. RFC 6335 §6, RFC 5881 §4. */
const firstPort = 49_152;
const ports = 16_384;
const attempts = 64;

/** Binds the first free port from a random one on. @throws Error when there is no way to send from that address. */
export function openDatagramSender({ local, remote, port, device, hops, random }: DatagramSenderOptions): DatagramSender {
  const fd = openSocket(local.family === "IPv4" ? linux.AF_INET : linux.AF_INET6, linux.SOCK_DGRAM, 0);
  try {
    if (device !== undefined) bindToInterface(fd, device);
    attachFilter(fd, dropAll);
    setTrafficClass(fd, local.family);
    setHopLimit(fd, local.family, hops);
    bindFreePort(fd, local, device, Math.floor(random * ports));
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
  const target = scopedSocketAddress(remote, port, device);
  let open = true;
  return {
    send: (octets) => (open ? sendTo(fd, octets, target) : "EBADF"),
    close: () => {
      if (open) closeDescriptor(fd);
      open = false;
    },
  };
}

function bindFreePort(fd: number, local: Address, device: string | undefined, first: number): void {
  for (let attempt = 0; ; attempt += 1) {
    try {
      bindSocket(fd, scopedSocketAddress(local, firstPort + ((first + attempt) % ports), device));
      return;
    } catch (error) {
      const taken = error instanceof SystemError && error.code === "EADDRINUSE";
      if (!taken || attempt === attempts) throw error;
    }
  }
}
