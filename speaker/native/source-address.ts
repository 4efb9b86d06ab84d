import type { Address } from "../../crds/net/address.ts";
import { closeDescriptor, connectSocket, linux, openSocket, SystemError, socketName } from "./libc.ts";
import { bindToInterface, scopedSocketAddress } from "./socket-options.ts";

/** Any port: nothing is sent. */
const discard = 9;

/**
 * The own address from which the kernel would send to `remote` now.
 * @param device an interface or a VRF to send through. @returns undefined when there is no way.
 */
export function sourceAddressTowards(remote: Address, device?: string): Address | undefined {
  const fd = openSocket(remote.family === "IPv4" ? linux.AF_INET : linux.AF_INET6, linux.SOCK_DGRAM, 0);
  try {
    if (device !== undefined) bindToInterface(fd, device);
    connectSocket(fd, scopedSocketAddress(remote, discard, device));
    return addressIn(socketName(fd), remote);
  } catch (error) {
    if (error instanceof SystemError || device !== undefined) return undefined;
    throw error;
  } finally {
    closeDescriptor(fd);
  }
}

function addressIn(name: Uint8Array, { family }: Address): Address {
  const octets = family === "IPv4" ? name.subarray(4, 8) : name.subarray(8, 24);
  let bits = 0n;
  for (const octet of octets) bits = bits * 256n + BigInt(octet);
  return { family, bits };
}
