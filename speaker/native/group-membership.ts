import { parseAddress } from "../../crds/net/address.ts";
import { closeDescriptor, interfaceIndex, linux, openSocket, SystemError, setSocketOption } from "./libc.ts";
import type { GroupMembership } from "./ports.ts";

/** Errors by which the kernel says that one socket holds no more memberships (net.core.optmem_max). */
const FULL: ReadonlySet<string> = new Set(["ENOBUFS", "ENOMEM"]);

type MembershipSocket = { readonly fd: number; members: number; full: boolean };

/**
 * Joins through sockets that are never bound: they open no port and receive nothing, and the kernel sends the MLD
 * reports (RFC 3810). Memberships are spread over as many sockets as the kernel's limit for each demands.
 */
export function createGroupMembership(): GroupMembership {
  const sockets = new Set<MembershipSocket>();
  const joined = new Map<string, { readonly socket: MembershipSocket; readonly request: Uint8Array }>();

  const joinOn = (socket: MembershipSocket, request: Uint8Array): boolean => {
    try {
      setSocketOption(socket.fd, linux.SOL_IPV6, linux.IPV6_ADD_MEMBERSHIP, request);
      socket.members += 1;
      return true;
    } catch (error) {
      socket.full = error instanceof SystemError && FULL.has(error.code);
      if (socket.full) return false;
      throw error;
    } finally {
      closeUnused(socket);
    }
  };

  const closeUnused = (socket: MembershipSocket): void => {
    if (socket.members > 0) return;
    sockets.delete(socket);
    closeDescriptor(socket.fd);
  };

  const leave = (group: string, interfaceName: string): void => {
    const key = `${group}%${interfaceName}`;
    const membership = joined.get(key);
    if (membership === undefined) return;
    const { socket, request } = membership;
    joined.delete(key);
    try {
      setSocketOption(socket.fd, linux.SOL_IPV6, linux.IPV6_DROP_MEMBERSHIP, request);
    } catch (error) {
      // The kernel has dropped it already when the interface went.
      if (!(error instanceof SystemError)) throw error;
    }
    socket.members -= 1;
    socket.full = false;
    closeUnused(socket);
  };

  const joinSomewhere = (request: Uint8Array): MembershipSocket | undefined => {
    for (const socket of sockets) if (!socket.full && joinOn(socket, request)) return socket;
    const socket = { fd: openSocket(linux.AF_INET6, linux.SOCK_DGRAM, 0), members: 0, full: false };
    sockets.add(socket);
    return joinOn(socket, request) ? socket : undefined;
  };

  return {
    join(group, interfaceName) {
      leave(group, interfaceName);
      const request = membershipRequest(group, interfaceName);
      const socket = joinSomewhere(request);
      if (socket === undefined) throw new Error(`cannot join group ${group} on ${interfaceName}: the kernel is out of memory`);
      joined.set(`${group}%${interfaceName}`, { socket, request });
    },
    leave,
    close() {
      for (const { fd } of sockets) closeDescriptor(fd);
      sockets.clear();
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
