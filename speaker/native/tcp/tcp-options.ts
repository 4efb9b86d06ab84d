import { passwordProblem } from "../../../crds/config/bgp/tcp-password.ts";
import type { Address } from "../../../crds/net/address.ts";
import { linux, SystemError, setSocketOption } from "../libc.ts";
import type { TcpOptions } from "../ports.ts";
import { socketAddress } from "../socket-address.ts";
import { bindToInterface, setHopLimit, setMinimumHopLimit, setTrafficClass } from "../socket-options.ts";

/** `struct tcp_md5sig`: the address, flags, prefix length, key length, interface index, key. */
const MD5_STRUCT_OCTETS = 216;
const MD5_KEY_LENGTH_AT = 130;
const MD5_KEY_AT = 136;

/** Sets what must be known before the first segment. @throws Error with a sentence for the operator. */
export function applyTcpOptions(fd: number, remote: Address, options: TcpOptions): void {
  const { device, password, ttl, minimumTtl } = options;
  setTrafficClass(fd, remote.family);
  if (device !== undefined) bindToInterface(fd, device);
  if (ttl !== undefined) setHopLimit(fd, remote.family, ttl);
  if (minimumTtl !== undefined) setMinimumHopLimit(fd, remote.family, minimumTtl);
  if (password !== undefined) setPassword(fd, remote, password);
}

/**
 * The TCP MD5 key for segments from and to one address; a listening socket has one for each. RFC 2385.
 * @param password as long as {@link passwordProblem} allows; none: the key is removed. @throws Error with a sentence for the operator.
 */
export function setPassword(fd: number, remote: Address, password: Uint8Array = new Uint8Array(0)): void {
  const problem = passwordProblem(password.length);
  if (problem !== undefined) throw new Error(problem);
  const signature = new Uint8Array(MD5_STRUCT_OCTETS);
  signature.set(socketAddress(remote, 0));
  signature[MD5_KEY_LENGTH_AT] = password.length;
  signature.set(password, MD5_KEY_AT);
  try {
    setSocketOption(fd, linux.SOL_TCP, linux.TCP_MD5SIG, signature);
  } catch (error) {
    const wasAbsent = password.length === 0 && error instanceof SystemError && error.code === "ENOENT";
    if (!wasAbsent) throw new Error("the kernel takes no TCP MD5 password; FIPS mode and lockdown forbid them", { cause: error });
  }
}
