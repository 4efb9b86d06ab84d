import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { type Pod, resourceTypes } from "../../../crds/types/kubernetes.ts";
import { KubeError } from "../../../operator/framework/api/kube-api.ts";
import { MindWorld, namespace } from "../fake/mind-world.ts";

/** MetalLB's speaker on n2, whose node has the Service's endpoint. */
const metallb: Pod = {
  metadata: { name: "speaker-other", namespace, labels: { app: "metallb", component: "speaker" } },
  spec: { nodeName: "n2" },
  status: { phase: "Running", conditions: [{ type: "Ready", status: "False" }] },
};
const key = { namespace, name: "speaker-other" };
const web = { "default/web": ["c000020a"] };

async function besideAnEmptyNode(): Promise<MindWorld> {
  const world = new MindWorld();
  for (const name of ["n1", "n2"]) world.node(name);
  world.speaker("n1");
  world.pool();
  world.service("web", "192.0.2.10");
  await world.start();
  deepEqual(world.announced, web);
  return world;
}

test("a speaker of MetalLB's that starts silences this one before it is ready, and its end makes this one speak at once", async () => {
  const world = await besideAnEmptyNode();
  world.api.put(resourceTypes.pods, metallb);
  await world.pass(50);
  deepEqual(world.announced, {});
  world.api.remove(resourceTypes.pods, key);
  await world.pass(50);
  deepEqual(world.announced, web);
  world.stop();
});

test("a speaker of MetalLB's silences this one also where its role forbids to watch Pods", async () => {
  const world = await besideAnEmptyNode();
  const forbidden = new KubeError("pods is forbidden", 403, "Forbidden");
  const isPods = ({ plural }: { readonly plural: string }): boolean => plural === "pods";
  world.api.fail(({ verb, type }) => verb === "watch" && isPods(type), forbidden, 1_000);
  world.api.breakWatches(undefined, isPods);
  world.api.put(resourceTypes.pods, metallb);
  await world.pass(6_000);
  deepEqual(world.announced, {});
  world.stop();
});

test("by BGP only a speaker of MetalLB's on this very node silences this one, also while the node is not Ready", async () => {
  const world = await besideAnEmptyNode();
  world.bgpAdvertisement();
  await world.pass(200);
  const routes = { "default/web": ["192.0.2.10/32 0"] };
  world.api.put(resourceTypes.pods, metallb);
  await world.pass(100);
  deepEqual(world.routes, routes);
  world.node("n1", false);
  world.api.put(resourceTypes.pods, { ...metallb, spec: { nodeName: "n1" } });
  await world.pass(100);
  deepEqual(world.routes, {});
  deepEqual(world.mind.report.history.entries().at(-1)?.event.cause, "foreign-speaker");
  world.api.remove(resourceTypes.pods, key);
  await world.pass(100);
  deepEqual(world.routes, routes);
  world.stop();
});
