import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { reasonText, shortcomingText } from "../../intent/reason.ts";
import { MindWorld } from "../fake/mind-world.ts";
import { viewOf } from "../fake/views.ts";
import { decisionsPage, explainedDecision } from "./decisions.ts";

type Decided = { readonly service: string; readonly [fact: string]: unknown };
type Page = { readonly deciding: boolean; readonly services: readonly Decided[]; readonly next?: string };

const inside = { eth0: ["192.0.2.0/24"] };
const outside = { eth0: ["198.51.100.0/24"] };

/** n1's mind beside n2 and n3, of which n3 died. */
async function worldOf(n1: typeof inside, n2: typeof inside, services: Readonly<Record<string, string>>): Promise<MindWorld> {
  const world = new MindWorld(undefined, true);
  for (const name of ["n1", "n2", "n3"]) world.node(name);
  for (const name of ["n1", "n2"]) world.speaker(name);
  world.pool();
  for (const [name, ip] of Object.entries(services)) world.service(name, ip);
  await world.start();
  world.mind.receive({ type: "members", view: viewOf({ n1, n2, n3: "dead" }) });
  await world.pass(100);
  return world;
}

const page = async ({ mind }: MindWorld, after = ""): Promise<Page> => (await decisionsPage(mind, after)) as Page;

test("a Service that this node announces is told with its addresses, and one that it does not with the reason and the owner", async () => {
  const world = await worldOf(outside, inside, { web: "192.0.2.10", gone: "203.0.113.1" });
  deepEqual((await page(world)).services, [
    { service: "default/gone", announced: false, reason: "ipNotAllowed", why: reasonText.ipNotAllowed },
    {
      service: "default/web",
      announced: false,
      reason: "subnetNotReached",
      why: reasonText.subnetNotReached,
      owner: { by: "herald", node: "n2" },
    },
  ]);
  world.mind.receive({ type: "members", view: viewOf({ n1: outside, n2: "dead" }) });
  await world.pass(100);
  deepEqual((await page(world)).services.at(-1), {
    service: "default/web",
    announced: true,
    addresses: [{ ip: "192.0.2.10", interfaces: [] }],
    shortcoming: "noNodeReachesSubnet",
    why: shortcomingText.noNodeReachesSubnet,
  });
  world.stop();
});

test("a node that is cut off tells what it keeps", async () => {
  const world = await worldOf(inside, outside, { web: "192.0.2.10" });
  world.service("api", "192.0.2.11", false);
  world.mind.receive({ type: "members", view: viewOf({ n2: outside }, { conduct: "freeze" }) });
  await world.pass(100);
  const { services } = await page(world);
  deepEqual(
    services.map(({ service, announced }) => [service, announced]),
    [
      ["default/api", false],
      ["default/web", true],
    ],
  );
  world.stop();
});

test("one Service is explained with every node, candidates first, and with what is held of each", async () => {
  const world = await worldOf(inside, outside, { web: "192.0.2.10" });
  const { nodes, pool, ip, advertisements } = explainedDecision(world.mind, "default/web") as Decided;
  deepEqual([pool, ip, advertisements], ["pool", "192.0.2.10", ["all"]]);
  const [first, ...others] = nodes as readonly Decided[];
  deepEqual(
    { ...first, hash: String(first?.["hash"]).length },
    { node: "n1", candidate: true, score: 0, hash: 64, member: "it lives and takes addresses" },
  );
  const no = { candidate: false };
  deepEqual(others, [
    { node: "n2", ...no, reason: "subnetNotReached", why: reasonText.subnetNotReached, member: "it lives and takes addresses" },
    { node: "n3", ...no, reason: "notMember", why: reasonText.notMember, member: "it was silent" },
  ]);
  world.stop();
});

test("a Service that is not there is not explained", async () => {
  const world = await worldOf(inside, outside, {});
  equal(explainedDecision(world.mind, "default/web"), undefined);
  world.stop();
});

test("many Services come in pages, each of which names where the next begins", async () => {
  const services = Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`s${1_000 + i}`, `192.0.2.${i % 256}`]));
  const world = await worldOf(inside, outside, services);
  const first = await page(world);
  deepEqual([first.services.length, first.next], [500, "default/s1499"]);
  const second = await page(world, first.next);
  deepEqual([second.services.map(({ service }) => service), second.next], [["default/s1500"], undefined]);
  world.stop();
});

test("before anything can be decided that is what is said", async () => {
  const world = new MindWorld();
  deepEqual(await page(world), { deciding: false, services: [] });
  equal(explainedDecision(world.mind, "default/web"), undefined);
});
