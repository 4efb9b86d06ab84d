import { deepEqual, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Family } from "../../crds/net/address.ts";
import { formatPrefix, type Prefix, parsePrefix } from "../../crds/net/prefix.ts";
import { encodeMessage } from "../../speaker/codec/bgp/message-codec.ts";
import { toHex } from "../../speaker/codec/octets.ts";
import { Chance } from "../../speaker/membership/simulation/chance.ts";
import { bareSegment } from "../lab/segment.ts";
import { until } from "../lab/until.ts";
import type { Router, RouterKind } from "../routers/router.ts";
import type { NeighborDescription } from "../routers/router-description.ts";
import { routerKinds, startRouter } from "../routers/start-router.ts";
import { faultyUpdate } from "./faulty-update.ts";
import { type Announcer, randomUpdate } from "./random-update.ts";
import { RawPeer, sessions } from "./raw-peer.ts";
import { heraldReading, type Reading, routerReading } from "./route-reading.ts";

/** More of them show more, and other ones: HERALD_DECODED_UPDATES, HERALD_SEED. */
const count = Number(process.env["HERALD_DECODED_UPDATES"] ?? 25);
const seed = Number(process.env["HERALD_SEED"] ?? 1);
const ownAs = 65001;
const places = {
  frr: { machine: "r", address: "172.30.0.1" },
  bird: { machine: "c", address: "172.30.0.100" },
  gobgp: { machine: "n1", address: "172.30.0.11" },
} as const;
const own = { IPv4: "172.30.0.12", IPv6: "fd30::12" };

type Message = { readonly prefix: Prefix; readonly octets: Uint8Array };

for (const [kindOfSession, session] of Object.entries(sessions))
  describe(`UPDATEs in ${kindOfSession} sessions as Herald and three routers read them`, () => {
    const from = (family: Family): Announcer => {
      return { autonomousSystem: ownAs, external: session.external, nextHop: own[family] };
    };
    const segment = bareSegment({ nodes: 2 });
    const routers = new Map<RouterKind, Router>();
    const peers = new Map<RouterKind, RawPeer>();
    const chance = new Chance(seed);

    before(async () => {
      const neighbor: NeighborDescription = {
        ...{ name: "raw", at: { address: own.IPv4 }, autonomousSystem: ownAs, passive: true, families: ["ipv4", "ipv6"] },
      };
      for (const kind of routerKinds) {
        const { machine, address } = places[kind];
        const autonomousSystem = session.external ? 65002 : ownAs;
        const description = { autonomousSystem, routerId: address, neighbors: [neighbor], installs: false };
        routers.set(kind, await startRouter(segment(), machine, kind, description));
      }
    });
    after(async () => {
      for (const peer of peers.values()) peer.close();
      for (const router of routers.values()) await router.daemons.kill();
    });

    /** The session with this router, a new one when the last was ended. */
    async function peerOf(kind: RouterKind): Promise<RawPeer> {
      const known = peers.get(kind);
      if (known !== undefined && !known.isOver) return known;
      const namespace = segment().topology.nodes[1]?.namespace ?? "";
      const peer = await RawPeer.established({
        namespace,
        router: places[kind].address,
        autonomousSystem: ownAs,
        identifier: 0xac1e_000c,
      });
      peers.set(kind, peer);
      return peer;
    }

    function sound(index: number): Message {
      const text = index % 3 === 0 ? `2001:db8:${(index + 1).toString(16)}::/48` : `10.${(index >> 8) + 1}.${index & 255}.0/24`;
      const prefix = parsePrefix(text);
      if (prefix === undefined) throw new Error(`${text} is no prefix`);
      return { prefix, octets: encodeMessage(randomUpdate(chance, prefix, from(prefix.family)), session) };
    }

    let markers = 0;

    /** What the router makes of the message; a route that is sent after it tells that it has been read. */
    async function readingOf(kind: RouterKind, { prefix, octets }: Message): Promise<Reading> {
      const router = routers.get(kind);
      const peer = await peerOf(kind);
      if (router === undefined) throw new Error(`no ${kind} runs`);
      const marker = parsePrefix(`192.168.${markers >> 8}.${markers++ & 255}/32`) ?? prefix;
      peer.send(octets);
      peer.send(encodeMessage(randomUpdate(new Chance(1), marker, from("IPv4")), session));
      await until(`${kind} has read ${toHex(octets)}`, 10_000, async () => {
        return peer.isOver || (await router.paths(formatPrefix(marker))).length > 0;
      });
      return peer.isOver ? "the session ends" : routerReading(await router.paths(formatPrefix(prefix)));
    }

    async function readingsOf(message: Message): Promise<Readonly<Record<RouterKind, Reading>>> {
      const [frr = "", bird = "", gobgp = ""] = await Promise.all(routerKinds.map((kind) => readingOf(kind, message)));
      return { frr, bird, gobgp };
    }

    test(`${count} sound ones mean the same to all four`, async () => {
      for (let index = 0; index < count; index++) {
        const message = sound(index);
        const herald = heraldReading(message.octets, session);
        deepEqual(await readingsOf(message), { frr: herald, bird: herald, gobgp: herald }, toHex(message.octets));
      }
    });

    test(`${count} with a fault mean to Herald what they mean to one router at least`, async (context) => {
      const agreed = { frr: 0, bird: 0, gobgp: 0, each: 0 };
      for (let index = 0; index < count; index++) {
        const { prefix, octets } = sound(count + index);
        const message = { prefix, octets: faultyUpdate(chance, octets) };
        const herald = heraldReading(message.octets, session);
        const readings = await readingsOf(message);
        for (const kind of routerKinds) if (readings[kind] === herald) agreed[kind]++;
        const isShared = routerKinds.some((kind) => readings[kind] === herald);
        if (routerKinds.every((kind) => readings[kind] === herald)) agreed.each++;
        ok(isShared, `${toHex(message.octets)}: Herald: ${herald}; ${JSON.stringify(readings)}`);
      }
      context.diagnostic(`of ${count}: as FRR ${agreed.frr}, BIRD ${agreed.bird}, GoBGP ${agreed.gobgp}, all ${agreed.each}`);
    });
  });
