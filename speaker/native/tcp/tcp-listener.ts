import { Server, type Socket } from "node:net";
import { type Address, compareAddresses, type Family } from "../../../crds/net/address.ts";
import { bindSocket, closeDescriptor, linux, openSocket, SystemError, setSocketOption } from "../libc.ts";
import type { TcpAdmission, TcpConnection, TcpListener, TcpListening } from "../ports.ts";
import { socketAddress } from "../socket-address.ts";
import { setHopLimit, setMinimumHopLimit, setTrafficClass } from "../socket-options.ts";
import { type After, tcpConnection } from "./tcp-connection.ts";
import { setPassword } from "./tcp-options.ts";

/** What accepted connections send: right for every peer, also for one that checks it. RFC 5082. */
const SENT_TTL = 255;

/** Listening by the kernel. */
export function createTcpListening(after: After): TcpListening {
  return { listen: (port, onConnection) => listen(port, onConnection, after) };
}

type Door = { readonly family: Family; readonly fd: number; readonly server: Server };

function listen(port: number, onConnection: (connection: TcpConnection) => void, after: After): TcpListener {
  let admissions: readonly TcpAdmission[] = [];
  const accept = (socket: Socket, family: Family): void => {
    const connection = tcpConnection(socket, after);
    const admission = admissions.find(({ remote }) => connection && compareAddresses(remote, connection.remote.address) === 0);
    if (connection === undefined || admission === undefined || !isLimited(socket, family, admission)) {
      socket.destroy();
      return;
    }
    onConnection(connection);
  };
  const doors = openDoors(port, accept);
  return {
    admit(wanted) {
      for (const { remote, password } of admissions) {
        const stays = wanted.some((one) => compareAddresses(one.remote, remote) === 0 && one.password !== undefined);
        if (password !== undefined && !stays) setKey(doors, remote, undefined);
      }
      admissions = wanted;
      for (const { remote, password } of wanted) if (password !== undefined) setKey(doors, remote, password);
    },
    close() {
      for (const { server } of doors) server.close();
    },
  };
}

/** One socket for each family: a common one would want IPv4 keys in another form. */
function openDoors(port: number, accept: (socket: Socket, family: Family) => void): readonly Door[] {
  const doors: Door[] = [];
  try {
    for (const family of ["IPv4", "IPv6"] as const) {
      const fd = boundSocket(family, port);
      if (fd === undefined) continue;
      const server = new Server({ pauseOnConnect: true }, (socket) => accept(socket, family));
      doors.push({ family, fd, server: server.listen({ fd }) });
    }
    return doors;
  } catch (error) {
    for (const { server } of doors) server.close();
    throw new Error(`cannot listen on TCP port ${port}: ${hintFor(error, port)}`, { cause: error });
  }
}

/** @returns undefined where this host has no such family. */
function boundSocket(family: Family, port: number): number | undefined {
  let fd: number;
  try {
    fd = openSocket(family === "IPv4" ? linux.AF_INET : linux.AF_INET6, linux.SOCK_STREAM, 0);
  } catch (error) {
    if (error instanceof SystemError && error.code === "EAFNOSUPPORT") return undefined;
    throw error;
  }
  try {
    setSocketOption(fd, linux.SOL_SOCKET, linux.SO_REUSEADDR, 1);
    if (family === "IPv6") setSocketOption(fd, linux.SOL_IPV6, linux.IPV6_V6ONLY, 1);
    setTrafficClass(fd, family);
    setHopLimit(fd, family, SENT_TTL);
    bindSocket(fd, socketAddress({ family, bits: 0n }, port));
    return fd;
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}

function setKey(doors: readonly Door[], remote: Address, password: Uint8Array | undefined): void {
  for (const { family, fd } of doors) if (family === remote.family) setPassword(fd, remote, password);
}

/** @returns false when the connection cannot be given the limit that it must have. */
function isLimited(socket: Socket, family: Family, { minimumTtl }: TcpAdmission): boolean {
  if (minimumTtl === undefined) return true;
  const fd = descriptorOf(socket);
  if (fd === undefined) return false;
  setMinimumHopLimit(fd, family, minimumTtl);
  return true;
}

/** Node has no public way to an accepted descriptor; the contract test fails when this one goes. */
function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = Reflect.get(socket, "_handle");
  const fd: unknown = typeof handle === "object" && handle !== null ? Reflect.get(handle, "fd") : undefined;
  return typeof fd === "number" && fd >= 0 ? fd : undefined;
}

function hintFor(error: unknown, port: number): string {
  const code = error instanceof SystemError ? error.code : String(error);
  if (code === "EADDRINUSE") return "another program has it";
  if (code === "EACCES")
    return `ports as low as this need the capability NET_BIND_SERVICE, or net.ipv4.ip_unprivileged_port_start=${port}`;
  return code;
}
