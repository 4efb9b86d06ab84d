import { parseAddress } from "../../crds/net/address.ts";
import { closeDescriptor, interfaceIndex, linux, openSocket, SystemError, setSocketOption } from "./libc.ts";
import type { GroupMembership } from "./ports.ts";

/** Errors by which the kernel says that one socket holds no more memberships (net.core.optmem_max). */
const FULL: ReadonlySet<string> = new Set(["ENOBUFS", "ENOMEM"]);

/**
 * Joins through sockets that are never bound: they open no port and receive nothing, and the kernel sends the MLD
 * reports (RFC 3810). Memberships are spread over as many sockets as the kernel's limit for each demands.
 */
export function createGroupMembership(): GroupMembership {
  const sockets: number[] = [];
  const joined = new Map<string, { readonly fd: number; readonly request: Uint8Array }>();

  const joinOn = (fd: number, request: Uint8Array): boolean => {
    try {
      setSocketOption(fd, linux.SOL_IPV6, linux.IPV6_ADD_MEMBERSHIP, request);
      return true;
    } catch (error) {
      if (error instanceof SystemError && FULL.has(error.code)) return false;
      throw error;
    }
  };

  const leave = (group: string, interfaceName: string): void => {
    const key = `${group}%${interfaceName}`;
    const membership = joined.get(key);
    if (membership === undefined) return;
    joined.delete(key);
    try {
      setSocketOption(membership.fd, linux.SOL_IPV6, linux.IPV6_DROP_MEMBERSHIP, membership.request);
    } catch (error) {
      // The kernel has dropped it already when the interface went.
      if (!(error instanceof SystemError)) throw error;
    }
  };

  return {
    join(group, interfaceName) {
      leave(group, interfaceName);
      const request = membershipRequest(group, interfaceName);
      const newest = sockets.at(-1);
      if (newest !== undefined && joinOn(newest, request)) {
        joined.set(`${group}%${interfaceName}`, { fd: newest, request });
        return;
      }
      const fd = openSocket(linux.AF_INET6, linux.SOCK_DGRAM, 0);
      sockets.push(fd);
      if (!joinOn(fd, request)) throw new Error(`cannot join group ${group} on ${interfaceName}: the kernel is out of memory`);
      joined.set(`${group}%${interfaceName}`, { fd, request });
    },
    leave,
    close() {
      for (const fd of sockets.splice(0)) closeDescriptor(fd);
      joined.clear();
    },
  };
}

/** `struct ipv6_mreq`: the group's 16 octets and the interface's index. */
function membershipRequest(group: string, interfaceName: string): Uint8Array {
  const address = parseAddress(group);
  const index = interfaceIndex(interfaceName);
  if (address?.family !== "IPv6") throw new Error(`"${group}" is no IPv6 address`);
  if (index === 0) throw new Error(`cannot join group ${group}: there is no interface ${interfaceName}`);
  const request = new DataView(new ArrayBuffer(20));
  request.setBigUint64(0, BigInt.asUintN(64, address.bits >> 64n));
  request.setBigUint64(8, BigInt.asUintN(64, address.bits));
  request.setUint32(16, index, true);
  return new Uint8Array(request.buffer);
}
