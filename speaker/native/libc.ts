import koffi from "koffi";

/** Values of Linux's headers, the same on x86-64 and arm64. */
export const linux = {
  AF_UNIX: 1,
  AF_INET: 2,
  AF_INET6: 10,
  AF_NETLINK: 16,
  AF_PACKET: 17,
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_RAW: 3,
  SOCK_NONBLOCK: 0o4000,
  SOCK_CLOEXEC: 0o2000000,
  SOL_IP: 0,
  IP_TOS: 1,
  IP_TTL: 2,
  IP_MINTTL: 21,
  SOL_SOCKET: 1,
  SO_REUSEADDR: 2,
  SO_RCVBUF: 8,
  SO_BINDTODEVICE: 25,
  SO_ATTACH_FILTER: 26,
  SO_RCVBUFFORCE: 33,
  SOL_TCP: 6,
  TCP_MD5SIG: 14,
  SOL_IPV6: 41,
  IPV6_UNICAST_HOPS: 16,
  IPV6_ADD_MEMBERSHIP: 20,
  IPV6_DROP_MEMBERSHIP: 21,
  IPV6_V6ONLY: 26,
  IPV6_TCLASS: 67,
  IPV6_MINHOPCOUNT: 73,
  SOL_PACKET: 263,
  PACKET_ADD_MEMBERSHIP: 1,
  PACKET_MR_PROMISC: 1,
  PACKET_IGNORE_OUTGOING: 23,
  MSG_DONTWAIT: 0x40,
  ETH_P_IP: 0x0800,
  ETH_P_ARP: 0x0806,
  ETH_P_IPV6: 0x86dd,
  NETLINK_ROUTE: 0,
  CLONE_NEWNET: 0x40000000,
  CLOCK_MONOTONIC: 1,
  SCHED_RR: 2,
  SCHED_RESET_ON_FORK: 0x40000000,
} as const;

/** A system call that failed: `code` is the symbolic errno, such as ENODEV. */
export class SystemError extends Error {
  readonly code: string;
  constructor(call: string, errno: number) {
    const code = errnoName(errno);
    super(`${call}: ${code}`);
    this.code = code;
  }
}

// The process already has libc loaded, glibc or musl; null asks for its own symbols.
const process = koffi.load(null);
const calls = {
  socket: process.func("int socket(int domain, int type, int protocol)"),
  bind: process.func("int bind(int fd, const uint8_t *address, uint32_t length)"),
  setsockopt: process.func("int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t length)"),
  send: process.func("long send(int fd, const uint8_t *bytes, unsigned long length, int flags)"),
  sendto: process.func(
    "long sendto(int fd, const uint8_t *bytes, unsigned long length, int flags, const uint8_t *address, uint32_t addressLength)",
  ),
  connect: process.func("int connect(int fd, const uint8_t *address, uint32_t length)"),
  getsockname: process.func("int getsockname(int fd, _Out_ uint8_t *address, _Inout_ uint32_t *length)"),
  close: process.func("int close(int fd)"),
  socketpair: process.func("int socketpair(int domain, int type, int protocol, _Out_ uint8_t *pair)"),
  dup3: process.func("int dup3(int from, int to, int flags)"),
  ifNameToIndex: process.func("unsigned int if_nametoindex(const char *name)"),
  setns: process.func("int setns(int fd, int kind)"),
  timerfdCreate: process.func("int timerfd_create(int clock, int flags)"),
  schedSetscheduler: process.func("int sched_setscheduler(int thread, int policy, const int32_t *priority)"),
  timerfdSettime: process.func("int timerfd_settime(int fd, int flags, const uint8_t *value, uint8_t *former)"),
};

/** Opens a non-blocking socket that is closed on exec. @throws {SystemError} */
export function openSocket(domain: number, type: number, protocol: number): number {
  return checked("socket", calls.socket(domain, type | linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC, protocol));
}

/** @param address a whole `struct sockaddr_*`. @throws {SystemError} */
export function bindSocket(fd: number, address: Uint8Array): void {
  checked("bind", calls.bind(fd, address, address.length));
}

/** @throws {SystemError} */
export function setSocketOption(fd: number, level: number, name: number, value: Uint8Array | number): void {
  const octets = typeof value === "number" ? int32(value) : value;
  checked("setsockopt", calls.setsockopt(fd, level, name, octets, octets.length));
}

/** Sends without waiting. @returns undefined when the kernel took the octets, else the symbolic errno. */
export function sendNow(fd: number, octets: Uint8Array): string | undefined {
  const sent: number = calls.send(fd, octets, octets.length, linux.MSG_DONTWAIT);
  return sent < 0 ? errnoName(koffi.errno()) : undefined;
}

/** As {@link sendNow}, of a datagram. @param address a whole `struct sockaddr_*`. */
export function sendTo(fd: number, octets: Uint8Array, address: Uint8Array): string | undefined {
  const sent: number = calls.sendto(fd, octets, octets.length, linux.MSG_DONTWAIT, address, address.length);
  return sent < 0 ? errnoName(koffi.errno()) : undefined;
}

/** For sockets without a handshake. @param address a whole `struct sockaddr_*`. @throws {SystemError} */
export function connectSocket(fd: number, address: Uint8Array): void {
  checked("connect", calls.connect(fd, address, address.length));
}

/** The own address of a socket, a whole `struct sockaddr_*`. @throws {SystemError} */
export function socketName(fd: number): Uint8Array {
  const address = new Uint8Array(128);
  const length: [number] = [address.length];
  checked("getsockname", calls.getsockname(fd, address, length));
  return address.subarray(0, length[0]);
}

/** Closes a descriptor; one that is closed already is an error of the caller and not reported. */
export function closeDescriptor(fd: number): void {
  calls.close(fd);
}

/** A connected pair of AF_UNIX stream sockets. @throws {SystemError} */
export function socketPair(): readonly [number, number] {
  const pair = new Uint8Array(8);
  checked("socketpair", calls.socketpair(linux.AF_UNIX, linux.SOCK_STREAM | linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC, 0, pair));
  const view = new DataView(pair.buffer);
  return [view.getInt32(0, true), view.getInt32(4, true)];
}

/** Makes descriptor `to` mean what `from` means; what `to` meant before is closed. @throws {SystemError} */
export function duplicateOnto(from: number, to: number): void {
  checked("dup3", calls.dup3(from, to, linux.SOCK_CLOEXEC));
}

/** @returns 0 when there is no such interface. */
export function interfaceIndex(name: string): number {
  return calls.ifNameToIndex(name);
}

/**
 * Moves the calling thread, and no other, into a network namespace. Sockets stay in the one that they were made in.
 * @param fd an open `/run/netns/NAME` or `/proc/PID/ns/net`. @throws {SystemError}
 */
export function joinNetworkNamespace(fd: number): void {
  checked("setns", calls.setns(fd, linux.CLONE_NEWNET));
}

/**
 * Gives the calling thread, and no other, a real-time policy; threads and processes that it starts get the ordinary one.
 * @param priority 1, the lowest, to 99. @throws {SystemError} EPERM without CAP_SYS_NICE; ENOSYS with musl, which has no such call.
 */
export function becomeRealTime(priority: number): void {
  const policy = linux.SCHED_RR | linux.SCHED_RESET_ON_FORK;
  checked("sched_setscheduler", calls.schedSetscheduler(0, policy, Int32Array.of(priority)));
}

/** A non-blocking timer that is not set. Reading gives how often it went off. @throws {SystemError} */
export function openTimer(): number {
  return checked("timerfd_create", calls.timerfdCreate(linux.CLOCK_MONOTONIC, linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC));
}

/** `struct itimerspec`: interval, value; of both seconds and nanoseconds, 64 bits each. */
const timerValue = new DataView(new ArrayBuffer(32));
const timerOctets = new Uint8Array(timerValue.buffer);

/** Sets the timer to go off once in so many milliseconds, and not earlier. @throws {SystemError} */
export function armTimer(fd: number, ms: number): void {
  const microseconds = Math.max(1, Math.ceil(ms * 1000));
  timerValue.setUint32(16, Math.floor(microseconds / 1_000_000), true);
  timerValue.setUint32(24, (microseconds % 1_000_000) * 1000, true);
  checked("timerfd_settime", calls.timerfdSettime(fd, 0, timerOctets, null));
}

/** One classic BPF instruction: code, jump if true, jump if false, operand. */
export type BpfInstruction = readonly [code: number, jt: number, jf: number, k: number];

/** Attaches a classic BPF program (`struct sock_fprog`). @throws {SystemError} */
export function attachFilter(fd: number, program: readonly BpfInstruction[]): void {
  const code = new Uint8Array(program.length * 8);
  const instructions = new DataView(code.buffer);
  for (const [i, [opcode, jt, jf, k]] of program.entries()) {
    instructions.setUint16(i * 8, opcode, true);
    instructions.setUint8(i * 8 + 2, jt);
    instructions.setUint8(i * 8 + 3, jf);
    instructions.setUint32(i * 8 + 4, k, true);
  }
  const header = new DataView(new ArrayBuffer(16));
  header.setUint16(0, program.length, true);
  header.setBigUint64(8, BigInt(koffi.address(code)), true);
  setSocketOption(fd, linux.SOL_SOCKET, linux.SO_ATTACH_FILTER, new Uint8Array(header.buffer));
}

function int32(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setInt32(0, value, true);
  return octets;
}

function checked(call: string, result: number): number {
  if (result < 0) throw new SystemError(call, koffi.errno());
  return result;
}

function errnoName(errno: number): string {
  for (const [name, value] of Object.entries(koffi.os.errno)) if (value === errno) return name;
  return `errno ${errno}`;
}
