import { match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { bareSegment } from "../lab/segment.ts";
import { eventually } from "../lab/until.ts";
import type { Router } from "../routers/router.ts";
import type { NeighborDescription } from "../routers/router-description.ts";
import { routerKinds, startRouter } from "../routers/start-router.ts";
import { BareSpeaker } from "./bare-speaker.ts";

const [routerAs, nodesAs] = [64512, 64513];
const routerId = "172.30.0.1";
const external = { peerAddress: routerId, myASN: nodesAs, peerASN: routerAs, connectTime: "1s" };

/** Who refuses is a matter of whose OPEN arrives first where both sides have a reason. */
const cases = [
  {
    name: "a router that speaks another family only",
    node: 0,
    neighbor: { families: ["ipv6"] },
    spec: external,
    words: /unsupported capability/,
  },
  {
    name: "a router with our identifier in our AS",
    node: 1,
    neighbor: { autonomousSystem: routerAs },
    spec: { ...external, myASN: routerAs, routerID: routerId },
    words: /bad BGP identifier/,
  },
  {
    name: "a router that finds our hold time too short",
    node: 2,
    neighbor: { minimumHoldSeconds: 20 },
    spec: { ...external, holdTime: "9s" },
    words: /^172\.30\.0\.1 refused: unacceptable hold time.* \(code 2\/6/,
    except: "gobgp",
  },
  {
    name: "a router whose hold time is too short",
    node: 2,
    neighbor: { timers: { holdSeconds: 2, keepaliveSeconds: 1 } },
    spec: external,
    words: /^refused 172\.30\.0\.1: unacceptable hold time of 2 s$/,
    only: "gobgp",
  },
] as const;

for (const kind of routerKinds)
  describe(`OPENs that Herald and ${kind} do not agree on`, () => {
    const segment = bareSegment({ nodes: 3 });
    let router: Router;
    const speakers: BareSpeaker[] = [];
    const own = cases.filter((each) => ("except" in each ? each.except !== kind : !("only" in each) || each.only === kind));

    before(async () => {
      const neighbors = own.map(({ node, neighbor }): NeighborDescription => {
        const address = segment().topology.nodes[node]?.addresses[0] ?? "";
        return { name: `n${node}`, at: { address }, autonomousSystem: nodesAs, passive: true, families: ["ipv4"], ...neighbor };
      });
      router = await startRouter(segment(), "r", kind, { autonomousSystem: routerAs, routerId, neighbors });
    });
    after(async () => {
      for (const one of speakers) await one.kill();
      await router?.daemons.kill();
    });

    for (const { name, node: index, spec, words } of own)
      test(`${name} leads to no session, and it is said why`, async () => {
        const { topology } = segment();
        const node = topology.nodes[index];
        ok(node !== undefined);
        const speaker = new BareSpeaker(topology, node);
        speakers.push(speaker);
        speaker.start();
        speaker.tell({ type: "peers", peers: { router: spec } });
        speaker.tell({ type: "complete" });
        const { lastError, state } = await eventually("a refusal", 15_000, async () => {
          const session = speaker.session("router");
          return session?.lastError === undefined ? undefined : session;
        });
        match(lastError ?? "", words);
        ok(state !== "Established");
        await speaker.kill();
      });
  });
