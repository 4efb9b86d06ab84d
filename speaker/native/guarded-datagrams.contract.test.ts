import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type Address, formatAddress, parseAddress } from "../../crds/net/address.ts";
import { octetsOfAddress } from "../codec/ip-octets.ts";
import { openDatagramSender } from "./datagram-sender.ts";
import { type NamespacePair, whyNoNamespaces, withNamespacePair } from "./fake/network-namespaces.ts";
import { type GuardedDatagrams, openGuardedDatagrams } from "./guarded-datagrams.ts";
import { sourceAddressTowards } from "./source-address.ts";

const skip = whyNoNamespaces ?? false;
const port = 3784;

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new RangeError(text);
  return parsed;
}

const ends = {
  IPv4: { a: address("192.0.2.1"), b: address("192.0.2.2"), other: address("192.0.2.3"), length: 24 },
  IPv6: { a: address("2001:db8::1"), b: address("2001:db8::2"), other: address("2001:db8::3"), length: 64 },
} as const;

/** A pair with addresses of both families; b has a second one of each. */
async function withAddresses(body: (pair: NamespacePair) => Promise<void>): Promise<void> {
  await withNamespacePair(async (pair) => {
    for (const { a, b, other, length } of Object.values(ends)) {
      const nodad = a.family === "IPv6" ? ["nodad"] : [];
      await pair.ip("a", "address", "add", `${formatAddress(a)}/${length}`, "dev", "va", ...nodad);
      for (const one of [b, other])
        await pair.ip("b", "address", "add", `${formatAddress(one)}/${length}`, "dev", "vb", ...nodad);
    }
    await body(pair);
  });
}

type Heard = { readonly octets: Uint8Array; readonly from: string; readonly fromPort: number };

async function listen(
  pair: NamespacePair,
  options: { local: Address; atLeast: number; device?: string },
): Promise<{ readonly socket: GuardedDatagrams; readonly heard: Heard[] }> {
  const heard: Heard[] = [];
  const socket = await pair.inside("a", () =>
    openGuardedDatagrams({
      ...options,
      port,
      sendHops: 254,
      onDatagram: (octets, from, fromPort) => heard.push({ octets, from: formatAddress(from), fromPort }),
      onClosed: (reason) => ok(false, reason),
    }),
  );
  return { socket, heard };
}

/** One datagram from b; its only octet is the number of hops. */
function say(pair: NamespacePair, local: Address, remote: Address, hops: number, device?: string): void {
  pair.inside("b", () => {
    const sender = openDatagramSender({ local, remote, port, device, hops, random: hops / 300 });
    equal(sender.send(Uint8Array.of(hops)), undefined);
    sender.close();
  });
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !holds(); i += 1) await wait(10);
  ok(holds());
}

for (const family of ["IPv4", "IPv6"] as const) {
  const { a, b, other } = ends[family];

  test(`${family}: of one link only what has not passed a router is heard, with where it came from`, { skip }, async () => {
    await withAddresses(async (pair) => {
      const { socket, heard } = await listen(pair, { local: a, atLeast: 255 });
      for (const hops of [1, 64, 254, 255]) say(pair, b, a, hops);
      await until(() => heard.length > 0);
      deepEqual(
        heard.map(({ octets, from }) => [octets[0], from]),
        [[255, formatAddress(b)]],
      );
      ok((heard[0]?.fromPort ?? 0) >= 49_152);
      socket.close();
    });
  });

  test(`${family}: a source of which more hops are wanted is held to that, and no other`, { skip }, async () => {
    await withAddresses(async (pair) => {
      const { socket, heard } = await listen(pair, { local: a, atLeast: 2 });
      socket.limit([{ source: octetsOfAddress(other), atLeast: 200 }]);
      for (const hops of [1, 2, 199]) say(pair, b, a, hops);
      for (const hops of [2, 199, 200]) say(pair, other, a, hops);
      await until(() => heard.length >= 3);
      deepEqual(
        heard.map(({ octets, from }) => [octets[0], from]),
        [
          [2, formatAddress(b)],
          [199, formatAddress(b)],
          [200, formatAddress(other)],
        ],
      );
      socket.limit([]);
      say(pair, other, a, 2);
      await until(() => heard.length === 4);
      socket.close();
    });
  });

  test(`${family}: what is sent back has the hops that were asked for`, { skip }, async () => {
    await withAddresses(async (pair) => {
      const { socket } = await listen(pair, { local: a, atLeast: 1 });
      const heard: number[] = [];
      const near = await pair.inside("b", () =>
        openGuardedDatagrams({
          local: b,
          port: 5_000,
          atLeast: 255,
          sendHops: 255,
          onDatagram: (octets) => heard.push(octets[0] ?? 0),
          onClosed: () => undefined,
        }),
      );
      const far = await pair.inside("b", () =>
        openGuardedDatagrams({
          local: b,
          port: 5_001,
          atLeast: 254,
          sendHops: 255,
          onDatagram: (octets) => heard.push(octets[0] ?? 0),
          onClosed: () => undefined,
        }),
      );
      equal(socket.send(Uint8Array.of(1), b, 5_000), undefined);
      equal(socket.send(Uint8Array.of(2), b, 5_001), undefined);
      await until(() => heard.length > 0);
      deepEqual(heard, [2]);
      for (const one of [socket, near, far]) one.close();
    });
  });

  test(`${family}: a port that is taken is refused by name`, { skip }, async () => {
    await withAddresses(async (pair) => {
      const { socket } = await listen(pair, { local: a, atLeast: 255 });
      await rejects(listen(pair, { local: a, atLeast: 255 }), /EADDRINUSE/);
      socket.close();
    });
  });

  test(`${family}: the kernel says from which address it would send`, { skip }, async () => {
    await withAddresses(async (pair) => {
      deepEqual(
        pair.inside("a", () => sourceAddressTowards(b)),
        a,
      );
      deepEqual(
        pair.inside("a", () => sourceAddressTowards(b, "va")),
        a,
      );
      equal(
        pair.inside("a", () => sourceAddressTowards(address(family === "IPv4" ? "203.0.113.1" : "2001:db8:9::1"))),
        undefined,
      );
      equal(
        pair.inside("a", () => sourceAddressTowards(b, "nowhere")),
        undefined,
      );
    });
  });
}

test("a link-local address hears its own interface and no other", { skip }, async () => {
  await withNamespacePair(async (pair) => {
    await pair.ip("a", "link", "add", "wa", "type", "veth", "peer", "name", "wb", "netns", pair.nameOf("b"));
    for (const [side, name] of [
      ["a", "va"],
      ["b", "vb"],
      ["a", "wa"],
      ["b", "wb"],
    ] as const) {
      await pair.ip(side, "link", "set", name, "up");
      await pair.ip(side, "address", "add", `fe80::${side}/64`, "dev", name, "nodad");
    }
    const local = address("fe80::a");
    const { socket, heard } = await listen(pair, { local, atLeast: 255, device: "va" });
    say(pair, address("fe80::b"), local, 255, "wb");
    await wait(100);
    equal(heard.length, 0);
    say(pair, address("fe80::b"), local, 255, "vb");
    await until(() => heard.length > 0);
    equal(heard[0]?.from, "fe80::b");
    socket.close();
  });
});

test("an interface that is not there is named", { skip }, async () => {
  await withAddresses(async (pair) => {
    await rejects(listen(pair, { local: ends.IPv4.a, atLeast: 255, device: "nowhere" }), (error) => {
      match(String(error), /this node has no interface nowhere/);
      return true;
    });
  });
});

test("senders have ports of their own", { skip }, async () => {
  await withAddresses(async (pair) => {
    const { socket, heard } = await listen(pair, { local: ends.IPv4.a, atLeast: 255 });
    const senders = pair.inside("b", () =>
      [0.999_99, 0.999_99].map((random) =>
        openDatagramSender({ local: ends.IPv4.b, remote: ends.IPv4.a, port, hops: 255, random }),
      ),
    );
    for (const sender of senders) sender.send(Uint8Array.of(1));
    await until(() => heard.length === 2);
    deepEqual(
      heard.map(({ fromPort }) => fromPort),
      [65_535, 49_152],
    );
    for (const sender of senders) sender.close();
    equal(senders[0]?.send(Uint8Array.of(1)), "EBADF");
    socket.close();
  });
});
