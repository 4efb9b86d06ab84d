import type { Address, Family } from "../../crds/net/address.ts";
import { interfaceIndex, linux, SystemError, setSocketOption } from "./libc.ts";
import { socketAddress } from "./socket-address.ts";

/** CS6, the class of routing protocols. RFC 4594 §3.2. */
const NETWORK_CONTROL = 0xc0;
/** Where `struct sockaddr_in6` has the index of a link-local address's interface. */
const SCOPE_AT = 24;

/** Marks what is sent as routing traffic. */
export function setTrafficClass(fd: number, family: Family): void {
  if (family === "IPv4") setSocketOption(fd, linux.SOL_IP, linux.IP_TOS, NETWORK_CONTROL);
  else setSocketOption(fd, linux.SOL_IPV6, linux.IPV6_TCLASS, NETWORK_CONTROL);
}

/** TTL, or hop limit, of what is sent to one host. */
export function setHopLimit(fd: number, family: Family, hops: number): void {
  if (family === "IPv4") setSocketOption(fd, linux.SOL_IP, linux.IP_TTL, hops);
  else setSocketOption(fd, linux.SOL_IPV6, linux.IPV6_UNICAST_HOPS, hops);
}

/** What comes with less is dropped by the kernel; of TCP only, UDP takes no notice. RFC 5082. */
export function setMinimumHopLimit(fd: number, family: Family, hops: number): void {
  if (family === "IPv4") setSocketOption(fd, linux.SOL_IP, linux.IP_MINTTL, hops);
  else setSocketOption(fd, linux.SOL_IPV6, linux.IPV6_MINHOPCOUNT, hops);
}

/** Sends and receives on that interface, or in that VRF, alone. @throws Error with a sentence for the operator. */
export function bindToInterface(fd: number, device: string): void {
  try {
    setSocketOption(fd, linux.SOL_SOCKET, linux.SO_BINDTODEVICE, new TextEncoder().encode(`${device}\0`));
  } catch (error) {
    if (!(error instanceof SystemError) || error.code !== "ENODEV") throw error;
    throw new Error(`this node has no interface ${device}`);
  }
}

/** As {@link socketAddress}; an IPv6 address belongs to that interface. */
export function scopedSocketAddress(address: Address, port: number, device: string | undefined): Uint8Array {
  const octets = socketAddress(address, port);
  if (address.family === "IPv6" && device !== undefined)
    new DataView(octets.buffer).setUint32(SCOPE_AT, interfaceIndex(device), true);
  return octets;
}
