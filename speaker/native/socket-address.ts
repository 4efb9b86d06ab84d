import type { Address } from "../../crds/net/address.ts";
import { linux } from "./libc.ts";

/** `struct sockaddr_in` or `struct sockaddr_in6`, without a scope. */
export function socketAddress({ family, bits }: Address, port: number): Uint8Array {
  const octets = new DataView(new ArrayBuffer(family === "IPv4" ? 16 : 28));
  octets.setUint16(0, family === "IPv4" ? linux.AF_INET : linux.AF_INET6, true);
  octets.setUint16(2, port);
  if (family === "IPv4") octets.setUint32(4, Number(bits));
  else {
    octets.setBigUint64(8, bits >> 64n);
    octets.setBigUint64(16, BigInt.asUintN(64, bits));
  }
  return new Uint8Array(octets.buffer);
}
