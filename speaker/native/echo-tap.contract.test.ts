import { deepEqual, equal, ok } from "node:assert/strict";
import { execFile } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { type Address, parseAddress } from "../../crds/net/address.ts";
import { encodeEthernet, etherType } from "../codec/ethernet.ts";
import { octetsOfAddress } from "../codec/ip-octets.ts";
import { decodeIpv4Udp, encodeIpv4Udp, type Ipv4Udp } from "../codec/ipv4-udp.ts";
import { openDatagramSender } from "./datagram-sender.ts";
import { openEchoTap } from "./echo-tap.ts";
import { type NamespacePair, whyNoNamespaces, withNamespacePair } from "./fake/network-namespaces.ts";
import { joinNetworkNamespace } from "./libc.ts";
import { arpEntries, isOnLink, neighbourPath, ownAddresses } from "./neighbours.ts";

const run = promisify(execFile);
const skip = whyNoNamespaces ?? false;
const port = 3785;

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new RangeError(text);
  return parsed;
}

const [a, b] = [address("192.0.2.1"), address("192.0.2.2")];

/** Stays in namespace a while `body` waits. */
async function withinA(body: (pair: NamespacePair) => Promise<void>): Promise<void> {
  await withNamespacePair(async (pair) => {
    await pair.ip("a", "address", "add", "192.0.2.1/24", "dev", "va");
    await pair.ip("b", "address", "add", "192.0.2.2/24", "dev", "vb");
    const home = openSync("/proc/thread-self/ns/net", "r");
    const inside = openSync(`/run/netns/${pair.nameOf("a")}`, "r");
    joinNetworkNamespace(inside);
    try {
      await body(pair);
    } finally {
      joinNetworkNamespace(home);
      closeSync(home);
      closeSync(inside);
    }
  });
}

/** As soon as the kernel has heard of b. */
async function pathToB() {
  const sender = openDatagramSender({ local: a, remote: b, port: 9, hops: 64, random: 0.5 });
  sender.send(Uint8Array.of(1));
  sender.close();
  for (let i = 0; i < 500; i += 1) {
    const path = await neighbourPath(a, b);
    if (path !== undefined) return path;
    await wait(10);
  }
  throw new Error("the kernel has not found the neighbour");
}

const echo: Ipv4Udp = {
  tos: 0xc0,
  ttl: 255,
  source: octetsOfAddress(a),
  destination: octetsOfAddress(a),
  sourcePort: port,
  destinationPort: port,
  payload: Uint8Array.of(1, 2, 3),
};

test("a packet to ourselves that is sent to a neighbour comes back through its kernel, one hop poorer, and no other is heard", {
  skip,
}, async () => {
  await withinA(async (pair) => {
    await run("ip", ["netns", "exec", pair.nameOf("b"), "sysctl", "-qw", "net.ipv4.ip_forward=1"]);
    const path = await pathToB();
    const heard: Ipv4Udp[] = [];
    const tap = openEchoTap({
      interfaceIndex: path.interfaceIndex,
      local: octetsOfAddress(a),
      port,
      onFrame: (frame) => heard.push(decodeIpv4Udp(frame.subarray(14))),
      onClosed: (reason) => ok(false, reason),
    });
    const send = (packet: Ipv4Udp) =>
      equal(
        tap.send(
          encodeEthernet({
            destination: path.mac,
            source: path.ownMac,
            etherType: etherType.ipv4,
            payload: encodeIpv4Udp(packet),
          }),
        ),
        true,
      );
    send({ ...echo, destinationPort: 3786 });
    send({ ...echo, source: octetsOfAddress(address("192.0.2.9")) });
    send({ ...echo, payload: Uint8Array.of(9) });
    send(echo);
    for (let i = 0; i < 500 && heard.length < 2; i += 1) await wait(10);
    deepEqual(
      heard.map(({ payload, ttl }) => [payload, ttl]),
      [
        [Uint8Array.of(9), 254],
        [Uint8Array.of(1, 2, 3), 254],
      ],
    );
    tap.close();
  });
});

test("own addresses are known with their interface, and so are the subnets of this host", { skip }, async () => {
  await withinA(async () => {
    const own = ownAddresses().filter(({ interfaceName }) => interfaceName === "va");
    deepEqual(own.find(({ address: { family } }) => family === "IPv4")?.address, a);
    equal(isOnLink(address("192.0.2.200"), own), true);
    equal(isOnLink(address("192.0.3.1"), own), false);
    equal(isOnLink(address("2001:db8::1"), own), false);
    equal(await neighbourPath(a, address("192.0.2.200")), undefined);
  });
});

test("of the kernel's table only neighbours count that it has found", () => {
  const table = `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.2        0x1         0x2         02:00:00:00:00:0b     *        eth0
192.0.2.3        0x1         0x0         00:00:00:00:00:00     *        eth0
nonsense
`;
  deepEqual(arpEntries(table), [{ address: b, mac: Uint8Array.of(2, 0, 0, 0, 0, 0xb), device: "eth0" }]);
});
