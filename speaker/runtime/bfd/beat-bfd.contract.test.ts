import { deepEqual, equal } from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { type NamespacePair, whyNoNamespaces, withNamespacePair } from "../../native/fake/network-namespaces.ts";
import { type GuardedDatagrams, openGuardedDatagrams } from "../../native/guarded-datagrams.ts";
import { BfdHost, every, neighbour } from "../fake/bfd-host.ts";
import { address } from "../fake/bfd-world.ts";

const run = promisify(execFile);
const skip = whyNoNamespaces ?? false;
const own = ["192.0.2.1", "2001:db8::1"] as const;
const others = ["192.0.2.2", "2001:db8::2"] as const;

/** Two hosts with BFD on one link, the second of which forwards. */
async function withHosts(body: (a: BfdHost, b: BfdHost, pair: NamespacePair) => Promise<void>): Promise<void> {
  await withNamespacePair(async (pair) => {
    for (const [side, [ipv4, ipv6]] of [
      ["a", own],
      ["b", others],
    ] as const) {
      await pair.ip(side, "address", "add", `${ipv4}/24`, "dev", `v${side}`);
      await pair.ip(side, "address", "add", `${ipv6}/64`, "dev", `v${side}`, "nodad");
    }
    await run("ip", ["netns", "exec", pair.nameOf("b"), "sysctl", "-qw", "net.ipv4.ip_forward=1"]);
    const hosts = [new BfdHost(pair.nameOf("a")), new BfdHost(pair.nameOf("b"))] as const;
    try {
      await body(...hosts, pair);
    } finally {
      for (const host of hosts) await host.leave();
    }
  });
}

async function allUp(host: BfdHost, peers: readonly string[]): Promise<void> {
  for (const peer of peers) await host.notice(({ state, peers: names }) => state === "Up" && names.includes(peer), 15);
}

test("both families come up on one link, echo packets come back on IPv4, and a link that is cut is noticed", {
  skip,
}, async () => {
  await withHosts(async (a, b, pair) => {
    a.want(...others.map((peer) => neighbour(peer, every(300, { echoMode: true, echoIntervalMs: 300 }))));
    b.want(...own.map((peer) => neighbour(peer, every(300))));
    await allUp(a, others);
    await allUp(b, own);
    for (let i = 0; i < 1_200 && !a.sessions.some(({ counts }) => counts.echoIn > 2); i += 1) await wait(10);
    deepEqual(
      a.sessions.map(({ local, counts }) => [local, counts.echoIn > 2, counts.downs]),
      [
        [own[0], true, 0],
        [own[1], false, 0],
      ],
    );
    await pair.ip("b", "link", "set", "vb", "down");
    for (const peer of others) await a.notice(({ lost, peers }) => lost && peers.includes(peer), 5);
  });
});

test("sessions over several hops come up, also where only the nearest are to be heard", { skip }, async () => {
  await withHosts(async (a, b) => {
    const far = { hops: "multi" } as const;
    a.want({ ...neighbour(others[0], every(300, { minimumTtl: 255 })), ...far });
    b.want({ ...neighbour(own[0], every(300)), ...far });
    await allUp(a, others.slice(0, 1));
    await allUp(b, own.slice(0, 1));
    for (let i = 0; i < 500 && a.sessions.length === 0; i += 1) await wait(10);
    deepEqual(
      a.sessions.map(({ multihop }) => multihop),
      [true],
    );
  });
});

test("two daemons on one host cannot have one port: that is said, and the session comes up when it is free", {
  skip,
}, async () => {
  await withHosts(async (a, b, pair) => {
    const first = new BfdHost(pair.nameOf("a"));
    first.want(neighbour(others[0], { ...every(300), passiveMode: true }));
    for (let i = 0; i < 500 && first.sessions.length === 0; i += 1) await wait(10);
    a.want(neighbour(others[0], every(300)));
    for (let i = 0; i < 1_000 && a.sessions[0]?.trouble === undefined; i += 1) await wait(10);
    equal(a.sessions[0]?.trouble, "port 3784 cannot be used: bind: EADDRINUSE");
    await first.leave();
    b.want(neighbour(own[0], every(300)));
    await allUp(a, others.slice(0, 1));
  });
});

test("an echo packet of a peer on IPv6 goes back to it one hop poorer, from the port that it was sent to", { skip }, async () => {
  await withHosts(async (a, _b, pair) => {
    const [ours, theirs] = [address(own[1]), address(others[1])];
    const heard: (readonly [number, number | undefined])[] = [];
    const open = (port: number, atLeast: number): Promise<GuardedDatagrams> =>
      pair.inside("b", () =>
        openGuardedDatagrams({
          ...{ local: theirs, port, atLeast, sendHops: 255 },
          onDatagram: (octets, _from, fromPort) => heard.push([fromPort, octets[0]]),
          onClosed: () => undefined,
        }),
      );
    const [near, far] = [await open(50_001, 255), await open(50_002, 254)];
    try {
      a.want(neighbour(others[1], every(300)));
      for (let i = 0; i < 500 && heard.length === 0; i += 1) {
        near.send(Uint8Array.of(1), ours, 3785);
        far.send(Uint8Array.of(2), ours, 3785);
        await wait(20);
      }
      deepEqual(new Set(heard.map(String)), new Set(["3785,2"]));
    } finally {
      for (const socket of [near, far]) socket.close();
    }
  });
});
