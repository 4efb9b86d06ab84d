import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { type Address, formatAddress, parseAddress } from "../../crds/net/address.ts";
import { connectedLink, ipv4Beside, linkLocalOf, type PathLink, sessionAddresses } from "./local-path.ts";

function link(index: number, name: string, addresses: readonly string[], rest: Partial<PathLink> = {}): PathLink {
  const held = addresses.map((text) => {
    const [address = "", length = "", flag] = text.split("/");
    return { address, prefixLength: Number(length), tentative: flag === "tentative" };
  });
  return { index, name, up: true, loopback: false, addresses: held, ...rest };
}

const links = [
  link(1, "lo", ["127.0.0.1/8", "10.255.0.1/32", "2001:db8:ff::1/128"], { loopback: true }),
  link(2, "eth0", ["fe80::2/64", "192.0.2.10/24", "192.0.2.11/24", "2001:db8::10/64"]),
  link(3, "eth1", ["192.0.2.130/28", "198.51.100.1/24"]),
  link(4, "down0", ["203.0.113.1/24"], { up: false }),
  link(5, "new0", ["2001:db8:5::1/64/tentative", "fe80::5/64/tentative"]),
  link(9, "red", []),
  link(6, "red0", ["192.0.2.200/25", "fe80::6/64"], { master: 9 }),
];

function ip(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new RangeError(text);
  return address;
}

const textOf = (address: Address | undefined): string | undefined => address && formatAddress(address);

test("a peer is connected through the interface whose subnet has it", () => {
  equal(connectedLink(links, ip("198.51.100.7"))?.name, "eth1");
  equal(connectedLink(links, ip("2001:db8::1"))?.name, "eth0");
  equal(connectedLink(links, ip("192.168.0.1")), undefined);
});

test("of several subnets the narrowest counts, as for the kernel", () => {
  equal(connectedLink(links, ip("192.0.2.129"))?.name, "eth1");
});

test("an interface that is down, and an address that is not yet the node's own, connect nobody", () => {
  equal(connectedLink(links, ip("203.0.113.9")), undefined);
  equal(connectedLink(links, ip("2001:db8:5::9")), undefined);
});

test("in a VRF only its own interfaces count", () => {
  equal(connectedLink(links, ip("192.0.2.201"), "red")?.name, "red0");
  equal(connectedLink(links, ip("198.51.100.7"), "red"), undefined);
  equal(connectedLink(links, ip("198.51.100.7"), "gone"), undefined);
});

test("a session over a connected subnet has the addresses of that interface for next hops", () => {
  const { local, ipv4, ipv6, linkLocal, directlyConnected } = sessionAddresses(links, {
    local: ip("192.0.2.11"),
    remote: ip("192.0.2.1"),
  });
  deepEqual([local, ipv4, ipv6, linkLocal].map(textOf), ["192.0.2.11", "192.0.2.10", "2001:db8::10", "fe80::2"]);
  equal(directlyConnected, true);
});

test("a session from an address of the loopback interface goes out where its peer is connected", () => {
  const near = sessionAddresses(links, { local: ip("10.255.0.1"), remote: ip("192.0.2.1") });
  deepEqual([textOf(near.ipv6), near.directlyConnected], ["2001:db8::10", true]);
});

test("where neither is known no interface is guessed", () => {
  const far = sessionAddresses(links, { local: ip("10.255.0.1"), remote: ip("203.0.113.200") });
  deepEqual([far.ipv4, far.ipv6, far.linkLocal, far.directlyConnected], [undefined, undefined, undefined, false]);
});

test("a session over several hops has the addresses of the interface that holds its own, and is not connected", () => {
  const far = sessionAddresses(links, { local: ip("2001:db8::10"), remote: ip("2001:db8:77::1") });
  deepEqual([textOf(far.ipv4), far.directlyConnected], ["192.0.2.10", false]);
});

test("link-local ends are connected by what holds ours", () => {
  const { directlyConnected, ipv6 } = sessionAddresses(links, { local: ip("fe80::2"), remote: ip("fe80::99"), device: "eth0" });
  deepEqual([directlyConnected, textOf(ipv6)], [true, "2001:db8::10"]);
});

test("the IPv4 address beside an IPv6 one is found, for the router ID", () => {
  equal(textOf(ipv4Beside(links, ip("2001:db8::10"))), "192.0.2.10");
  equal(ipv4Beside(links, ip("2001:db8::99")), undefined);
});

test("an unnumbered interface has a link-local address that is its own for sure, or none", () => {
  equal(textOf(linkLocalOf(links, "eth0")), "fe80::2");
  for (const name of ["new0", "down0", "eth1", "missing0"]) equal(linkLocalOf(links, name), undefined);
});
