import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toHex } from "../codec/octets.ts";
import type { RouterDiscoveryPacket } from "../codec/router-discovery.ts";
import {
  initialUnnumbered,
  transitionUnnumbered,
  type UnnumberedEffect,
  type UnnumberedEvent,
  type UnnumberedState,
} from "./unnumbered.ts";

const own = { mac: fromHex("02000000000a"), linkLocal: fromHex("fe80000000000000000000000000000a") };
const router = fromHex("fe80000000000000000000000000000b");
const otherRouter = fromHex("fe80000000000000000000000000000c");

function advertisementFrom(source: Uint8Array): RouterDiscoveryPacket {
  const fields = { curHopLimit: 64, managed: false, otherConfiguration: false, reachableTimeMs: 0, retransTimerMs: 0 };
  return { source, destination: new Uint8Array(16), message: { type: "advertisement", ...fields, lifetimeSeconds: 30 } };
}

function solicitationFrom(source: Uint8Array): RouterDiscoveryPacket {
  return { source, destination: new Uint8Array(16), message: { type: "solicitation" } };
}

/** Plays events, and `due` whenever its time comes before the next one. */
class Play {
  state: UnnumberedState = initialUnnumbered;
  now = 0;
  /** What was sent, as `time type`. */
  readonly sent: string[] = [];
  readonly neighbours: (string | undefined)[] = [];
  readonly packets: RouterDiscoveryPacket[] = [];

  until(time: number): this {
    for (let at = this.state.nextAt; at !== undefined && at <= time; at = this.state.nextAt) {
      this.now = at;
      this.apply({ type: "due", now: at });
    }
    this.now = time;
    return this;
  }

  apply(event: UnnumberedEvent): this {
    const { state, effects } = transitionUnnumbered(this.state, event);
    this.state = state;
    for (const effect of effects) this.#note(effect);
    return this;
  }

  link(link: typeof own | undefined): this {
    return this.apply({ type: "link", link, now: this.now });
  }

  receive(packet: RouterDiscoveryPacket, delayMs = 0): this {
    return this.apply({ type: "received", packet, now: this.now, delayMs });
  }

  #note(effect: UnnumberedEffect): void {
    if (effect.type === "neighbour") this.neighbours.push(effect.address && toHex(effect.address));
    else {
      this.sent.push(`${this.now} ${effect.packet.message.type}`);
      this.packets.push(effect.packet);
    }
  }
}

const advertisements = (play: Play): readonly number[] =>
  play.sent.filter((text) => text.endsWith("advertisement")).map((text) => Number.parseInt(text, 10));

test("the router is asked at once, and this node advertises itself four times a second apart, then every ten seconds", () => {
  const play = new Play().link(own).until(24_000);
  equal(play.sent[0], "0 solicitation");
  deepEqual(advertisements(play), [0, 1000, 2000, 3000, 13_000, 23_000]);
});

test("no host is to take this node for a default router", () => {
  for (const { message } of new Play().link(own).until(20_000).packets) {
    if (message.type === "advertisement") equal(message.lifetimeSeconds, 0);
  }
});

test("advertisements go to all nodes, solicitations to all routers, both from the link-local address with the MAC", () => {
  const [question, advertisement] = new Play().link(own).packets;
  equal(toHex(question?.destination ?? own.mac), "ff020000000000000000000000000002");
  equal(toHex(advertisement?.destination ?? own.mac), "ff020000000000000000000000000001");
  deepEqual([question?.source, advertisement?.source], [own.linkLocal, own.linkLocal]);
  deepEqual([question?.message.sourceLinkLayer, advertisement?.message.sourceLinkLayer], [own.mac, own.mac]);
});

test("whoever advertises itself is the neighbour, and is told once", () => {
  const play = new Play().link(own).receive(advertisementFrom(router)).receive(advertisementFrom(router));
  deepEqual(play.neighbours, [toHex(router)]);
});

test("another source is another neighbour", () => {
  const play = new Play().link(own).receive(advertisementFrom(router)).receive(advertisementFrom(otherRouter));
  deepEqual(play.neighbours, [toHex(router), toHex(otherRouter)]);
});

test("an own advertisement that comes back makes no neighbour", () => {
  deepEqual(new Play().link(own).receive(advertisementFrom(own.linkLocal)).neighbours, []);
});

test("with the link the neighbour goes, and nothing more is sent", () => {
  const play = new Play().link(own).receive(advertisementFrom(router)).link(undefined).until(60_000);
  deepEqual(play.neighbours, [toHex(router), undefined]);
  equal(play.state.nextAt, undefined);
});

test("a link that comes back with another address begins anew", () => {
  const play = new Play().link(own).receive(advertisementFrom(router)).until(15_000);
  play.link({ ...own, linkLocal: otherRouter }).until(18_000);
  deepEqual(play.neighbours, [toHex(router), undefined]);
  deepEqual(advertisements(play).slice(-4), [15_000, 16_000, 17_000, 18_000]);
});

test("the same link told again changes nothing", () => {
  const play = new Play().link(own).until(500).link({ mac: own.mac.slice(), linkLocal: own.linkLocal.slice() });
  deepEqual(advertisements(play), [0]);
});

test("a solicitation is answered after its random delay, not sooner than three seconds after the last (RFC 4861 §6.2.6)", () => {
  const late = new Play().link(own).until(20_000).receive(solicitationFrom(router), 400).until(21_000);
  deepEqual(advertisements(late).slice(-2), [13_000, 20_400]);
  const early = new Play()
    .link(own)
    .until(13_100)
    .receive(solicitationFrom(new Uint8Array(16)), 400)
    .until(17_000);
  deepEqual(advertisements(early).slice(-2), [13_000, 16_000]);
});

test("nothing happens on an interface that is not there", () => {
  const play = new Play().receive(advertisementFrom(router)).receive(solicitationFrom(router)).until(60_000);
  deepEqual([play.sent, play.neighbours], [[], []]);
});
