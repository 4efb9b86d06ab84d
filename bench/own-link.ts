import { execFileSync } from "node:child_process";
import { networkInterfaces } from "node:os";
import type { Link } from "../speaker/native/ports.ts";

/** The named interface of this process's network namespace, with its first IPv4 address. */
export function ownLink(name: string): Link & { readonly ipv4: string } {
  const [own] = (networkInterfaces()[name] ?? []).filter(({ family }) => family === "IPv4");
  if (own === undefined) throw new Error(`${name} has no IPv4 address`);
  const mac = Uint8Array.from(own.mac.split(":").map((octet) => Number.parseInt(octet, 16)));
  // Not from /sys: that shows the interfaces of the namespace in which it was mounted.
  const [{ ifindex: index }] = JSON.parse(execFileSync("ip", ["-j", "link", "show", name], { encoding: "utf8" }));
  return {
    index,
    name,
    mac,
    mtu: 1500,
    up: true,
    carrier: true,
    broadcast: true,
    noArp: false,
    loopback: false,
    addresses: [],
    ipv4: own.address,
  };
}
