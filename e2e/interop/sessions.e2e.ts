import { deepEqual, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { bareSegment } from "../lab/segment.ts";
import { eventually, until } from "../lab/until.ts";
import type { LearntPath, Router } from "../routers/router.ts";
import type { NeighborDescription } from "../routers/router-description.ts";
import { routerKinds, startRouter } from "../routers/start-router.ts";
import { BareSpeaker } from "./bare-speaker.ts";

const [routerAs, nodesAs] = [64512, 4_200_000_013];
const timers = { holdSeconds: 9, keepaliveSeconds: 3 };
const gracefulRestart = { role: "helper", restartSeconds: 60 } as const;
const password = "right-password";

const external = { myASN: nodesAs, peerASN: routerAs, holdTime: "9s", keepaliveTime: "3s", connectTime: "1s", password };
const internal = { ...external, myASN: routerAs };

const routes = [
  {
    prefix: "172.31.0.1/32",
    ...{ localPref: 150, asPathPrepend: 2, communities: ["64512:7", "65535:65281", "large:4200000013:1:2"] },
  },
  { prefix: "fd31::1/128", localPref: 150, asPathPrepend: 2, communities: ["64512:7", "large:4200000013:1:2"] },
];

for (const kind of routerKinds)
  describe(`Herald's sessions with ${kind}`, () => {
    const segment = bareSegment({ nodes: 3 });
    let router: Router;
    let speaker: BareSpeaker;
    const speakers: BareSpeaker[] = [];
    const peersAt = (spec: object): Readonly<Record<string, object>> => ({
      ipv4: { peerAddress: "172.30.0.1", ...spec },
      ipv6: { peerAddress: "fd30::1", ...spec },
    });
    const speakerOn = (index: number): BareSpeaker => {
      const node = segment().topology.nodes[index];
      if (node === undefined) throw new Error(`no node ${index}`);
      const one = new BareSpeaker(segment().topology, node);
      one.start();
      speakers.push(one);
      return one;
    };
    const neighbor = (node: number, family: "ipv4" | "ipv6", more: Partial<NeighborDescription> = {}): NeighborDescription => {
      const address = segment().topology.nodes[node]?.addresses[family === "ipv4" ? 0 : 1] ?? "";
      const common = { password, passive: true, gracefulRestart, timers, families: [family] };
      return { name: `n${node + 1}${family}`, at: { address }, autonomousSystem: nodesAs, ...common, ...more };
    };
    const pathOf = (prefix: string, name: string): Promise<LearntPath> =>
      eventually(`the router has ${prefix} of ${name}`, 15_000, async () => {
        return (await router.paths(prefix)).find((path) => path.neighbor === name);
      });
    const gone = (prefix: string): Promise<void> =>
      until(`${prefix} is gone`, 15_000, async () => (await router.paths(prefix)).length === 0);

    before(async () => {
      const neighbors = [
        ...[neighbor(0, "ipv4"), neighbor(0, "ipv6")],
        neighbor(1, "ipv4", { autonomousSystem: 65000 }),
        neighbor(2, "ipv4", { autonomousSystem: routerAs }),
      ];
      router = await startRouter(segment(), "r", kind, { autonomousSystem: routerAs, routerId: "172.30.0.1", neighbors });
      speaker = speakerOn(0);
      speaker.tell({ type: "peers", peers: peersAt(external) });
      speaker.tell({ type: "routes", source: "web", routes });
      speaker.tell({ type: "complete" });
    });
    after(async () => {
      for (const one of speakers) await one.kill();
      await router.daemons.kill();
    });

    test("come up over IPv4 and IPv6, with a password and the shorter hold time of both", async () => {
      await speaker.established("ipv4", "ipv6");
      for (const family of ["ipv4", "ipv6"]) {
        await until("the router says so too", 5000, async () => (await router.session(`n1${family}`)).state === "Established");
        const { holdSeconds, keepaliveSeconds } = await router.session(`n1${family}`);
        deepEqual({ holdSeconds, keepaliveSeconds }, timers);
      }
    });

    test("tell every attribute as it is meant, and no local preference to another AS", async () => {
      const common = { origin: "igp", asPath: `${nodesAs} ${nodesAs} ${nodesAs}`, stale: false, best: true, med: 0 };
      for (const [index, family] of (["ipv4", "ipv6"] as const).entries()) {
        const path = await pathOf(routes[index]?.prefix ?? "", `n1${family}`);
        const { nextHops, localPref, ...rest } = path;
        const communities = index === 0 ? ["64512:7", "65535:65281"] : ["64512:7"];
        deepEqual(rest, { ...common, neighbor: `n1${family}`, communities, largeCommunities: ["4200000013:1:2"] });
        equal(nextHops[0], segment().topology.nodes[0]?.addresses[index]);
        if (kind !== "bird") equal(localPref, undefined);
      }
    });

    test("tell the local preference to the own AS, with an empty AS path", async () => {
      const inside = speakerOn(2);
      inside.tell({ type: "peers", peers: { inside: { peerAddress: "172.30.0.1", ...internal } } });
      const [route] = routes;
      inside.tell({ type: "routes", source: "web", routes: [{ ...route, asPathPrepend: 0, prefix: "172.31.0.3/32" }] });
      inside.tell({ type: "complete" });
      const { localPref, asPath, nextHops } = await pathOf("172.31.0.3/32", "n3ipv4");
      deepEqual({ localPref, asPath, nextHops }, { localPref: 150, asPath: "", nextHops: ["172.30.0.13"] });
      await inside.leave();
      await gone("172.31.0.3/32");
    });

    test("tell a local preference that takes all 32 bits of the attribute", async () => {
      const inside = speakerOn(2);
      const preferences = { "172.31.0.4/32": 3_000_000_000, "172.31.0.5/32": 4_294_967_295, "172.31.0.6/32": 2_147_483_648 };
      inside.tell({ type: "peers", peers: { inside: { peerAddress: "172.30.0.1", ...internal } } });
      const wide = Object.entries(preferences).map(([prefix, localPref]) => ({ prefix, localPref }));
      inside.tell({ type: "routes", source: "web", routes: wide });
      inside.tell({ type: "complete" });
      for (const { prefix, localPref } of wide) equal((await pathOf(prefix, "n3ipv4")).localPref, localPref);
      await inside.leave();
      for (const { prefix } of wide) await gone(prefix);
    });

    test("go on while attributes and routes change", async () => {
      const { drops } = await router.session("n1ipv4");
      speaker.tell({ type: "routes", source: "web", routes: [{ prefix: "172.31.0.1/32", communities: ["64512:8"] }] });
      await until("the route has the other community", 10_000, async () => {
        return (await router.paths("172.31.0.1/32"))[0]?.communities.join() === "64512:8";
      });
      await gone("fd31::1/128");
      speaker.tell({ type: "routes", source: "web", routes });
      await pathOf("fd31::1/128", "n1ipv6");
      equal((await router.session("n1ipv4")).drops, drops);
    });

    test("tell all routes again when they are asked for", async () => {
      const { drops } = await router.session("n1ipv4");
      await router.clear("n1ipv4", "refresh");
      await sleep(500);
      const { state, prefixes, drops: after } = await router.session("n1ipv4");
      deepEqual({ state, prefixes, drops: after }, { state: "Established", prefixes: 1, drops });
    });

    test("are refused by both sides when the AS is not the one expected", async () => {
      const stranger = speakerOn(1);
      stranger.tell({ type: "peers", peers: { router: { peerAddress: "172.30.0.1", ...external } } });
      const refused = await eventually("the router's refusal", 15_000, async () => stranger.session("router")?.lastError);
      match(refused, /bad peer AS/i);
      stranger.tell({
        type: "peers",
        peers: { router: { peerAddress: "172.30.0.1", ...external, myASN: 65000, peerASN: 65009 } },
      });
      await until("our refusal", 15_000, async () => {
        return /expected 65009/.test(stranger.session("router")?.lastError ?? "");
      });
      await stranger.kill();
    });

    test("stay down with a wrong password, and come up with the right one", async () => {
      speaker.tell({ type: "peers", peers: peersAt({ ...external, password: "wrong" }) });
      await gone("172.31.0.1/32");
      const lastError = await eventually("an attempt has failed", 20_000, async () => speaker.session("ipv4")?.lastError);
      match(lastError, /password|timed out|no answer/i);
      ok(speaker.session("ipv4")?.state !== "Established");
      speaker.tell({ type: "peers", peers: peersAt(external) });
      await pathOf("172.31.0.1/32", "n1ipv4");
      await pathOf("fd31::1/128", "n1ipv6");
    });

    test("end when the router is silent for the hold time, and come up again", async () => {
      await speaker.established("ipv4", "ipv6");
      router.daemons.pause();
      await until("the hold time is over", 20_000, async () => speaker.session("ipv4")?.state !== "Established");
      match(speaker.session("ipv4")?.lastError ?? "", /hold/i);
      router.daemons.resume();
      await pathOf("172.31.0.1/32", "n1ipv4");
    });

    test("come up again after the router was killed", async () => {
      await speaker.established("ipv4", "ipv6");
      await router.daemons.kill();
      await until("the session is down", 15_000, async () => speaker.session("ipv4")?.state !== "Established");
      await router.daemons.start();
      await pathOf("172.31.0.1/32", "n1ipv4");
      await pathOf("fd31::1/128", "n1ipv6");
    });

    test("take the routes with them when the speaker is killed", async () => {
      await speaker.kill();
      await gone("172.31.0.1/32");
      speaker.start();
      await pathOf("172.31.0.1/32", "n1ipv4");
    });

    test("leave the routes standing when the speaker is killed and restarts gracefully", async () => {
      speaker.tell({ type: "peers", peers: peersAt({ ...external, enableGracefulRestart: true }) });
      await speaker.established("ipv4", "ipv6");
      await pathOf("172.31.0.1/32", "n1ipv4");
      await pathOf("fd31::1/128", "n1ipv6");
      await speaker.kill();
      for (const { prefix } of routes)
        await until(`${prefix} is stale`, 10_000, async () => (await router.paths(prefix))[0]?.stale === true);
      speaker.start();
      for (let fresh = false; !fresh; ) {
        const paths = await Promise.all(routes.map(({ prefix }) => router.paths(prefix)));
        ok(
          paths.every(({ length }) => length === 1),
          "no route is ever missing",
        );
        fresh = paths.every(([path]) => path?.stale === false);
      }
      await speaker.established("ipv4", "ipv6");
    });

    test("end with a withdrawal of all routes when the node is emptied", async () => {
      speaker.tell({ type: "peers", peers: peersAt(external) });
      await speaker.established("ipv4", "ipv6");
      await pathOf("172.31.0.1/32", "n1ipv4");
      await pathOf("fd31::1/128", "n1ipv6");
      await speaker.leave();
      for (const { prefix } of routes) await gone(prefix);
    });
  });
