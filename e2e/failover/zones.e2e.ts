import { equal, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { installedLab } from "../installed-cluster.ts";
import { eventually, until } from "../lab/until.ts";
import { l2Advertisement, pool, service } from "../manifests.ts";
import { apply, givenAddresses } from "../observe.ts";
import { Ground } from "./ground.ts";
import { type Undo, unplug } from "./segment-fault.ts";
import { monotonicMs } from "./timeline.ts";

const zoneLabel = "topology.kubernetes.io/zone";
/** Two nodes in one zone and one in the other. */
const zoneOf: Readonly<Record<string, string>> = { n1: "west", n2: "west", n3: "east" };

describe("zones, each with an L2Advertisement of its own", () => {
  const lab = installedLab();
  let ground: Ground;
  const addresses = { west: "", east: "" };

  before(async () => {
    ground = await Ground.prepare(lab());
    for (const [node, zone] of Object.entries(zoneOf)) await lab().kubectl(["label", "node", node, `${zoneLabel}=${zone}`]);
    const inZone = (zone: string): object => ({ matchLabels: { [zoneLabel]: zone } });
    await apply(
      lab(),
      pool("west", ["172.30.0.220-172.30.0.224"], { autoAssign: false }),
      pool("east", ["172.30.0.225-172.30.0.229"], { autoAssign: false }),
      // The west prefers its own nodes and lets the others help; the east lets nobody help.
      l2Advertisement("west", ["west"], {
        nodeSelectors: [inZone("west"), inZone("east")],
        preferredNodeSelectors: [{ weight: 100, preference: inZone("west") }],
      }),
      l2Advertisement("east", ["east"], { nodeSelectors: [inZone("east")] }),
    );
    for (const zone of ["west", "east"] as const) {
      const annotations = { "metallb.io/address-pool": zone };
      await apply(lab(), service(zone, { families: "SingleStack", annotations, app: "none", spec: { selector: null } }));
      await ground.serve(zone);
      addresses[zone] = (await givenAddresses(lab(), zone, 1))[0] ?? "";
    }
    await ground.askFor({ watched: Object.values(addresses), askedPerTick: 2 });
    await owned("west", ["n1", "n2"]);
    await owned("east", ["n3"]);
  });
  after(() => ground.stop());

  /** Nodes that answered for the zone's address within the last half second. */
  function owners(zone: "west" | "east"): readonly string[] {
    return [...ground.client.ownersSince(addresses[zone], monotonicMs() - 500)].map((mac) => ground.nodeOf(mac) ?? mac);
  }

  /** Waits until one of the nodes, and nobody else, has answered for half a second. @returns it. */
  function owned(zone: "west" | "east", nodes: readonly string[]): Promise<string> {
    return eventually(`one of ${nodes.join(", ")} answers for the ${zone}`, 30_000, async () => {
      const [owner, another] = owners(zone);
      return another === undefined && owner !== undefined && nodes.includes(owner) ? owner : undefined;
    });
  }

  async function whileCut(nodes: readonly string[], check: () => Promise<void>): Promise<void> {
    const undo: Undo = await unplug(lab(), nodes);
    try {
      await check();
    } finally {
      await undo();
    }
  }

  test("a node of a zone is lost: its neighbour in the zone takes over, and nobody else", async () => {
    const first = await owned("west", ["n1", "n2"]);
    const heir = first === "n1" ? "n2" : "n1";
    await whileCut([first], async () => {
      ground.client.forget();
      await owned("west", [heir]);
      const stranger = ground.client.timeline.sightings.find(
        ({ address, mac }) => address === addresses.west && ground.nodeOf(mac) === "n3",
      );
      equal(stranger, undefined, "a node of the other zone answered");
    });
  });

  test("a zone is lost: the other takes over where it may, and gives back when the zone is there again", async () => {
    await owned("west", ["n1", "n2"]);
    await whileCut(["n1", "n2"], async () => void (await owned("west", ["n3"])));
    await owned("west", ["n1", "n2"]);
  });

  test("a zone that nobody may help is lost: its address is silent, and answers when the zone is there again", async () => {
    await owned("east", ["n3"]);
    await whileCut(["n3"], async () => {
      await until("nobody answers for the east", 5000, async () => owners("east").length === 0);
      await sleep(3000);
      equal(owners("east").length, 0);
      ok(owners("west").length === 1);
    });
    await owned("east", ["n3"]);
  });
});
