import { deepEqual, equal, match } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { bareSegment } from "../lab/segment.ts";
import { eventually, until } from "../lab/until.ts";
import type { LearntPath, Router, RouterKind } from "../routers/router.ts";
import type { NeighborDescription, OriginatedRoute, RouterDescription } from "../routers/router-description.ts";
import { startRouter } from "../routers/start-router.ts";

/** One router of each kind, each with the two others as neighbours in both families. */
type Player = { readonly machine: string; readonly autonomousSystem: number; readonly ipv4: string; readonly ipv6: string };
const players: Readonly<Record<RouterKind, Player>> = {
  frr: { machine: "r", autonomousSystem: 65001, ipv4: "172.30.0.1", ipv6: "fd30::1" },
  bird: { machine: "c", autonomousSystem: 65002, ipv4: "172.30.0.100", ipv6: "fd30::100" },
  gobgp: { machine: "n1", autonomousSystem: 4_200_000_003, ipv4: "172.30.0.11", ipv6: "fd30::11" },
};
const kinds = Object.keys(players) as RouterKind[];

const attributes = { med: 70, communities: ["65001:1", "65001:2"], largeCommunities: ["4200000003:2:3"], prepend: 1 };
const bfd = { transmitMs: 300, receiveMs: 200, multiplier: 3 };
const timers = { holdSeconds: 30, keepaliveSeconds: 10 };

function routesOf(kind: RouterKind): readonly OriginatedRoute[] {
  const index = kinds.indexOf(kind) + 1;
  return [`10.${index}.0.0/24`, `2001:db8:${index}::/64`].map((prefix) => ({ prefix, ...attributes }));
}

function descriptionOf(kind: RouterKind, changed: Partial<NeighborDescription> = {}): RouterDescription {
  const self = players[kind];
  const neighbors = kinds
    .filter((other) => other !== kind)
    .flatMap((other) =>
      (["ipv4", "ipv6"] as const).map((family): NeighborDescription => {
        const { autonomousSystem } = players[other];
        const at = { address: players[other][family] };
        const role = kind === "frr" ? "helper" : "restarter";
        const gracefulRestart = { role, restartSeconds: 60 } as const;
        const password = `of ${[kind, other].sort().join("+")}`.replaceAll(" ", "-");
        // Not beside graceful restart: BFD takes the routes away that graceful restart keeps (RFC 5882 §4.3).
        const withBfd = family === "ipv6" && kind !== "gobgp" && other !== "gobgp" && { bfd };
        return {
          ...{ name: `${other}${family}`, at, localAddress: self[family], autonomousSystem, families: [family] },
          ...{ password, gracefulRestart, timers, ...withBfd, ...changed },
        };
      }),
    );
  return { autonomousSystem: self.autonomousSystem, routerId: self.ipv4, neighbors, originated: routesOf(kind) };
}

describe("routers beside each other", () => {
  const segment = bareSegment({ nodes: 1 });
  const routers = new Map<RouterKind, Router>();
  const start = async (kind: RouterKind, changed: Partial<NeighborDescription> = {}): Promise<void> => {
    routers.set(kind, await startRouter(segment(), players[kind].machine, kind, descriptionOf(kind, changed)));
  };
  const router = (kind: RouterKind): Router => {
    const found = routers.get(kind);
    if (found === undefined) throw new Error(`no ${kind} runs`);
    return found;
  };
  const established = (kind: RouterKind, neighbor: string): Promise<void> =>
    until(`${kind} has a session with ${neighbor}`, 20_000, async () => {
      const { state } = await router(kind).session(neighbor);
      return state === "Established";
    });

  before(async () => {
    for (const kind of kinds) await start(kind);
  });
  after(async () => {
    for (const one of routers.values()) await one.daemons.kill();
  });

  for (const [index, kind] of kinds.entries())
    for (const other of kinds.slice(index + 1))
      for (const family of ["ipv4", "ipv6"] as const)
        test(`${kind} and ${other} have a session over ${family} with a password and the timers asked for`, async () => {
          await established(kind, `${other}${family}`);
          await established(other, `${kind}${family}`);
          for (const [one, neighbor] of [
            [kind, other],
            [other, kind],
          ] as const) {
            const { holdSeconds, keepaliveSeconds } = await router(one).session(`${neighbor}${family}`);
            deepEqual({ holdSeconds, keepaliveSeconds }, timers, one);
          }
        });

  for (const source of kinds)
    test(`a route of ${source} is seen alike by the two others, with every attribute`, async () => {
      const { autonomousSystem, ipv4, ipv6 } = players[source];
      for (const [position, nextHop] of [ipv4, ipv6].entries()) {
        const prefix = routesOf(source)[position]?.prefix ?? "";
        for (const kind of kinds.filter((candidate) => candidate !== source)) {
          const path = await eventually(`${kind} has ${prefix}`, 10_000, async () => (await router(kind).paths(prefix))[0]);
          const { localPref: _, nextHops, ...rest } = path;
          const expected: Omit<LearntPath, "localPref" | "nextHops"> = {
            neighbor: `${source}${position === 0 ? "ipv4" : "ipv6"}`,
            asPath: `${autonomousSystem} ${autonomousSystem}`,
            origin: "igp",
            med: attributes.med,
            communities: attributes.communities,
            largeCommunities: attributes.largeCommunities,
            best: true,
            stale: false,
          };
          deepEqual(rest, expected, `${kind}: ${prefix}`);
          equal(nextHops[0], nextHop);
          deepEqual((await router(kind).paths(prefix)).length, 1, "nothing is passed on");
        }
      }
    });

  test("each knows the prefixes of the two others, and of nobody else", async () => {
    for (const kind of kinds)
      for (const [position, family] of (["ipv4", "ipv6"] as const).entries()) {
        const expected = kinds.filter((other) => other !== kind).map((other) => routesOf(other)[position]?.prefix);
        deepEqual([...(await router(kind).prefixes(family))].sort(), expected.sort(), kind);
      }
  });

  test("BFD between FRR and BIRD is up, with the intervals of the other side", async () => {
    const remote = { receiveMs: 200, transmitMs: 300, echoReceiveMs: 0, multiplier: 3 };
    // Neither has real-time threads: a machine with other work may make either miss three packets.
    const expected = [
      { state: "Up", remote, detectionMs: 900, drops: 0 },
      { state: "Up", detectionMs: 900, drops: 0 },
    ];
    let seen: readonly unknown[] = [];
    await until("both have heard the final intervals", 30_000, async () => {
      const views = await Promise.all([router("frr").bfd("birdipv6"), router("bird").bfd("frripv6")]);
      seen = views.map((view) => view && { ...view, drops: 0 });
      return isDeepStrictEqual(seen, expected);
    }).catch(() => deepEqual(seen, expected));
    equal(await router("frr").bfd("gobgpipv4"), undefined);
  });

  test("a cleared session is counted, and its routes come back", async () => {
    for (const [kind, neighbor] of [
      ["frr", "birdipv4"],
      ["bird", "frripv4"],
    ] as const) {
      const { drops } = await router(kind).session(neighbor);
      await router(kind).clear(neighbor, "hard");
      await until("the drop is counted", 10_000, async () => (await router(kind).session(neighbor)).drops > drops);
      await established(kind, neighbor);
      await until("the route is back", 10_000, async () => (await router(kind).session(neighbor)).prefixes === 1);
    }
  });

  test("routes are asked for again without the end of the session", async () => {
    for (const kind of kinds) {
      const neighbor = kind === "frr" ? "gobgpipv4" : "frripv4";
      const { drops } = await router(kind).session(neighbor);
      await router(kind).clear(neighbor, "refresh");
      const { state, drops: after, prefixes } = await router(kind).session(neighbor);
      deepEqual({ state, drops: after, prefixes }, { state: "Established", drops, prefixes: 1 }, kind);
    }
  });

  test("routes of a router that is killed are stale at its helpers, and fresh when it is back", async () => {
    for (const killed of ["bird", "gobgp"] as const) {
      const prefix = routesOf(killed)[0]?.prefix ?? "";
      await router(killed).daemons.kill();
      for (const kind of kinds.filter((candidate) => candidate !== killed))
        await until(`${kind} holds a stale route`, 15_000, async () => (await router(kind).paths(prefix))[0]?.stale === true);
      await router(killed).daemons.start();
      for (const kind of kinds.filter((candidate) => candidate !== killed))
        await until(`${kind} has a fresh route`, 30_000, async () => (await router(kind).paths(prefix))[0]?.stale === false);
    }
  });

  test("a wrong password keeps the session down", async () => {
    await router("gobgp").daemons.stop();
    await until("it is down", 10_000, async () => (await router("frr").session("gobgpipv4")).state !== "Established");
    await start("gobgp", { password: "wrong" });
    await new Promise((resolve) => setTimeout(resolve, 5000));
    for (const kind of ["frr", "bird"] as const)
      equal((await router(kind).session("gobgpipv6")).state !== "Established", true, kind);
    match((await router("gobgp").session("frripv4")).state, /^(Active|Connect|Idle)$/);
  });
});
