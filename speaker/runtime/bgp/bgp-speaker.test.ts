import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { peer } from "../../../crds/config/fixture/peers.ts";
import type { Peer } from "../../../crds/config/snapshot.ts";
import { type Address, formatAddress } from "../../../crds/net/address.ts";
import { FakeClock } from "../../../operator/framework/fake/fake-clock.ts";
import { FakeLog } from "../../../operator/framework/fake/fake-log.ts";
import { announcementOf, type Said } from "../../bgp/fixture/sample-routes.ts";
import { planSessions } from "../../bgp/session/session-plan.ts";
import { ethernetLink } from "../../native/fake/link.ts";
import { TcpNetwork } from "../../native/fake/tcp.ts";
import { ip, nodeAddress } from "../fake/bgp-world.ts";
import { FakeRouter } from "../fake/fake-router.ts";
import type { BgpSessionFacts } from "./bgp-facts.ts";
import { BgpSpeaker } from "./bgp-speaker.ts";
import type { TracedMessage } from "./message-trace.ts";

const addresses = { a: ip("10.0.0.2"), b: ip("10.0.0.3") };
type Name = keyof typeof addresses;

function peerAt(name: string, address: Address, changes: Partial<Peer> = {}): Peer {
  return peer(name, { endpoint: { type: "address", address }, ...changes });
}

/** A node with two routers on its subnet. */
class SpeakerWorld {
  readonly clock = new FakeClock();
  readonly log = new FakeLog();
  readonly network = new TcpNetwork((ms, run) => this.clock.after(ms, run));
  readonly host = this.network.host(nodeAddress);
  readonly routers: { readonly [name in Name]: FakeRouter };
  readonly facts: (readonly BgpSessionFacts[])[] = [];
  readonly traces = new Map<number, readonly TracedMessage[]>();
  readonly neighbours = new Map<string, Address>();
  readonly watched: string[] = [];
  /** The neighbours that the beat was told of. */
  readonly toBeat: (readonly string[])[] = [];
  readonly speaker: BgpSpeaker;
  onNeighbour: (interfaceName: string) => void = () => undefined;

  /** @param complete every Service has been decided on. */
  constructor(listenPort = 0, complete = true) {
    const router = (address: Address): FakeRouter => new FakeRouter(this.network.host(address), [{ remote: nodeAddress }]);
    this.routers = { a: router(addresses.a), b: router(addresses.b) };
    this.speaker = new BgpSpeaker({
      connector: this.host,
      listening: this.host,
      listenPort,
      neighbours: (onNeighbour) => {
        this.onNeighbour = onNeighbour;
        return {
          setInterfaces: (names) => this.watched.push([...names].join(" ")),
          setLinks: () => undefined,
          neighbourOn: (name) => this.neighbours.get(name),
          close: () => undefined,
        };
      },
      clock: this.clock,
      log: this.log,
      random: () => 0,
      yieldThen: (run) => setImmediate(run),
      onFacts: (sessions) => this.facts.push(sessions),
      onTrace: (question, messages) => this.traces.set(question, messages),
      postToBeat: ({ neighbours }) => this.toBeat.push([...neighbours].map(([name, one]) => `${name} ${formatAddress(one)}`)),
    });
    const held = { address: formatAddress(nodeAddress), prefixLength: 24, family: "IPv4", tentative: false } as const;
    this.speaker.setLinks([ethernetLink(2, "eth0", new Uint8Array(6), [held])]);
    if (complete) this.speaker.receive({ type: "routes-complete" });
  }

  peers(...peers: readonly Peer[]): this {
    const sessions = planSessions(peers, { nodeName: "n1", listening: false });
    this.speaker.receive({ type: "bgp-sessions", sessions });
    return this;
  }

  announce(service: string, prefixes: readonly string[], said: Said = {}): this {
    const announcements = prefixes.map((text) => announcementOf(text, said));
    this.speaker.receive({ type: "routes", changes: [{ service, announcements }] });
    return this;
  }

  async pass(ms: number): Promise<this> {
    for (let left = ms; left > 0; left -= 50) await this.clock.advance(Math.min(50, left));
    return this;
  }

  routes(name: Name): readonly string[] {
    return [...this.routers[name].view.routes.keys()].sort();
  }
}

const both = [peerAt("a", addresses.a), peerAt("b", addresses.b)];

test("every router is told what is announced to it, and nothing else", async () => {
  const world = new SpeakerWorld().peers(...both);
  world.announce("x/all", ["192.0.2.1/32"]).announce("x/b", ["192.0.2.2/32"], { peers: ["b"] });
  await world.pass(500);
  deepEqual([world.routes("a"), world.routes("b")], [["192.0.2.1/32"], ["192.0.2.1/32", "192.0.2.2/32"]]);
});

test("what a router is to be told is counted apart from what it was told", async () => {
  const world = new SpeakerWorld().peers(...both);
  world.announce("x/all", ["192.0.2.1/32", "2001:db8::1/128"]).announce("x/b", ["192.0.2.2/32"], { peers: ["b"] });
  const counts = () => world.speaker.facts().map(({ wanted, advertised }) => [wanted, advertised]);
  deepEqual(counts(), [
    [1, 0],
    [2, 0],
  ]);
  await world.pass(500);
  deepEqual(counts(), [
    [1, 1],
    [2, 2],
  ]);
});

test("a Service that ends is withdrawn everywhere", async () => {
  const world = new SpeakerWorld().peers(...both).announce("x/y", ["192.0.2.1/32"]);
  await world.pass(500);
  world.announce("x/y", []);
  await world.pass(100);
  deepEqual([world.routes("a"), world.routes("b")], [[], []]);
});

test("a router that is added later is told everything, one that is removed hears Cease 6/3, the third is left alone", async () => {
  const world = new SpeakerWorld().announce("x/y", ["192.0.2.1/32"]).peers(peerAt("a", addresses.a));
  await world.pass(500);
  world.peers(peerAt("b", addresses.b));
  await world.pass(500);
  deepEqual(world.routes("b"), ["192.0.2.1/32"]);
  equal(world.routers.a.heard.includes("notification 6/3"), true);
  world.peers(peerAt("b", addresses.b));
  await world.pass(500);
  equal(world.routers.b.opens.length, 1);
});

test("two BGPPeers for one router are one session, which gets what is announced to either", async () => {
  const world = new SpeakerWorld().peers(peerAt("one", addresses.a), peerAt("two", addresses.a));
  world.announce("x/1", ["192.0.2.1/32"], { peers: ["one"] }).announce("x/2", ["192.0.2.2/32"], { peers: ["two"] });
  await world.pass(500);
  equal(world.routers.a.opens.length, 1);
  deepEqual(world.routes("a"), ["192.0.2.1/32", "192.0.2.2/32"]);
  world.peers(peerAt("one", addresses.a));
  await world.pass(100);
  deepEqual(world.routes("a"), ["192.0.2.1/32"]);
});

test("a speaker that stops withdraws, and says Cease 6/2 where no restart is awaited", async () => {
  const world = new SpeakerWorld().peers(...both).announce("x/y", ["192.0.2.1/32"]);
  await world.pass(500);
  world.speaker.leave();
  await world.pass(100);
  deepEqual(world.routes("a"), []);
  deepEqual(world.routers.a.heard.slice(-2), ["notification 6/2", "closed"]);
});

const restarting = peerAt("a", addresses.a, { gracefulRestart: true });

test("with graceful restart it stops without a word, and what the mind withdraws meanwhile is not told", async () => {
  const world = new SpeakerWorld().peers(restarting).announce("x/y", ["192.0.2.1/32"]);
  await world.pass(500);
  world.speaker.leave();
  world.announce("x/y", []);
  await world.pass(500);
  world.speaker.close();
  await world.pass(500);
  deepEqual(world.routes("a"), ["192.0.2.1/32"]);
  deepEqual(
    world.routers.a.heard.filter((what) => what.startsWith("notification")),
    [],
  );
  equal(world.routers.a.heard.at(-1), "closed");
});

test("a node that is being emptied withdraws also with graceful restart", async () => {
  const world = new SpeakerWorld().peers(restarting).announce("x/y", ["192.0.2.1/32"]);
  await world.pass(500);
  world.speaker.receive({ type: "node-drains", drains: true });
  world.speaker.leave();
  await world.pass(500);
  deepEqual(world.routes("a"), []);
  equal(world.routers.a.heard.includes("notification 6/2"), true);
});

test("End-of-RIB waits for the mind's word that the routes are all there", async () => {
  const world = new SpeakerWorld(0, false).peers(restarting).announce("x/y", ["192.0.2.1/32"]);
  await world.pass(5_000);
  deepEqual(world.routers.a.view.endOfRibs, []);
  world.speaker.receive({ type: "routes-complete" });
  await world.pass(100);
  deepEqual(world.routers.a.view.endOfRibs, ["IPv4"]);
});

test("BFD ends the session of its peer alone", async () => {
  const world = new SpeakerWorld().peers(...both);
  await world.pass(500);
  const notice = { type: "bfd-changed", peers: ["b"], state: "Down", cause: "expired" } as const;
  world.speaker.hear({ ...notice, lost: false });
  await world.pass(100);
  equal(world.routers.b.heard.includes("closed"), false);
  world.speaker.hear({ ...notice, lost: true });
  await world.pass(100);
  equal(world.routers.b.heard.includes("notification 6/10"), true);
  equal(world.routers.a.heard.includes("closed"), false);
});

test("facts follow when sessions come up, and none when nothing happens", async () => {
  const world = new SpeakerWorld().peers(...both);
  await world.pass(2_000);
  const last = world.facts.at(-1) ?? [];
  deepEqual(
    last.map(({ peers, state }) => `${peers} ${state}`),
    ["a Established", "b Established"],
  );
  const { length } = world.facts;
  await world.pass(20_000);
  equal(world.facts.length, length);
});

test("an unnumbered peer is connected once its router is heard, and anew when it is another one", async () => {
  const world = new SpeakerWorld();
  world.peers(peerAt("a", addresses.a, { endpoint: { type: "interface", name: "eth0" } }));
  await world.pass(10_000);
  equal(world.host.attempts.length, 0);
  equal(world.watched.at(-1), "eth0");
  for (const [count, name] of [
    [1, "a"],
    [2, "b"],
  ] as const) {
    world.neighbours.set("eth0", addresses[name]);
    world.onNeighbour("eth0");
    await world.pass(500);
    equal(world.host.attempts.length, count);
    equal(world.routers[name].opens.length, 1);
  }
  equal(world.routers.a.heard.at(-1), "closed");
  deepEqual(world.toBeat, [["eth0 10.0.0.2"], ["eth0 10.0.0.3"]]);
});

test("a passive peer is waited for on the port, and nobody else is let in", async () => {
  const world = new SpeakerWorld(1790);
  const passive = peerAt("a", addresses.a, { passive: true });
  const sessions = planSessions([passive], { nodeName: "n1", listening: true });
  world.speaker.receive({ type: "bgp-sessions", sessions });
  await world.pass(1_000);
  equal(world.host.attempts.length, 0);
  const said: string[] = [];
  for (const address of [addresses.a, addresses.b]) {
    const router = world.network.owner(address);
    router?.connect(
      { remote: { address: nodeAddress, port: 1790 }, timeoutMs: 1_000 },
      {
        onConnected: (connection) => {
          const onOctets = (octets: Uint8Array): void => {
            said.push(`${formatAddress(address)} type ${octets[18]}`);
          };
          const onClosed = (): void => {
            said.push(`${formatAddress(address)} closed`);
          };
          connection.open({ onOctets, onDrained: () => undefined, onClosed });
          connection.read();
        },
        onFailed: (reason) => said.push(reason),
      },
    );
  }
  await world.pass(100);
  deepEqual(said.sort(), ["10.0.0.2 type 1", "10.0.0.3 closed"]);
});

test("the last messages of a session are told to whoever asks, of both directions and all its connections", async () => {
  const world = new SpeakerWorld().peers(...both).announce("x/y", ["192.0.2.1/32"]);
  await world.pass(500);
  world.routers.a.drop();
  await world.pass(100);
  for (const [question, peer] of ["a", "nobody"].entries()) world.speaker.receive({ type: "bgp-trace", question, peer });
  const told = world.traces.get(0) ?? [];
  const brief = told.map(({ connection, direction, type }) => `${connection} ${direction} ${type}`);
  const handshake = ["1 sent open", "1 received open", "1 sent keepalive", "1 received keepalive"];
  deepEqual(brief.slice(0, 6), [...handshake, "1 sent update", "1 sent update"]);
  deepEqual(
    told.slice(4, 6).map(({ text }) => text),
    ["1 announced, first 192.0.2.1/32", "End-of-RIB of IPv4 unicast"],
  );
  await world.pass(2000);
  world.speaker.receive({ type: "bgp-trace", question: 2, peer: "a" });
  equal(world.traces.get(2)?.at(-1)?.connection, 2);
  deepEqual(world.traces.get(1), []);
});
