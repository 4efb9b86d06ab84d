import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes, type Secret } from "../../../crds/types/kubernetes.ts";
import { KubeError } from "../../../operator/framework/api/kube-api.ts";
import type { KubeObject } from "../../../operator/framework/api/kube-object.ts";
import { MindWorld } from "../fake/mind-world.ts";

/** A world with n1 alone, a pool and one Service, not started. */
function waiting(): MindWorld {
  const world = new MindWorld();
  world.node("n1");
  world.speaker("n1");
  world.pool();
  world.service("web", "192.0.2.10");
  return world;
}

const routerWithSecret = {
  metadata: { name: "router", namespace: "metallb-system" },
  spec: { myASN: 64512, peerASN: 64513, peerAddress: "10.0.0.1", passwordSecret: { name: "s" } },
};

test("a peer's Secret that is missing or of the wrong type is found, and is no more once it is right", async () => {
  const world = waiting();
  await world.start();
  const said = (): readonly string[] =>
    (world.mind.findings() ?? []).map(({ code }) => code).filter((code) => /^Secret/.test(code));
  const secret = async (type: string) => {
    const metadata = { name: "s", namespace: "metallb-system" };
    world.api.put<Secret>(resourceTypes.secrets, { metadata, type, data: { password: "c2VjcmV0" } });
    await world.pass(200);
  };
  world.api.put(resourceTypes.bgppeers, routerWithSecret);
  await world.pass(200);
  deepEqual(said(), ["SecretMissing"]);
  await secret("Opaque");
  deepEqual(said(), ["SecretTypeMismatch"]);
  world.api.remove(resourceTypes.secrets, { namespace: "metallb-system", name: "s" });
  await secret("kubernetes.io/basic-auth");
  deepEqual(said(), []);
  world.stop();
});

test("Secrets that are read late are looked at then, although none of them has changed", async () => {
  const world = waiting();
  const { promise: late, resolve: answer } = Promise.withResolvers<void>();
  world.api.hook(({ type, verb }) => (type.plural === "secrets" && verb === "list" ? late : undefined));
  world.api.put(resourceTypes.bgppeers, routerWithSecret);
  await world.start();
  const missed = () => (world.mind.findings() ?? []).some(({ code }) => code === "SecretMissing");
  equal(missed(), false);
  answer();
  await world.pass(200);
  equal(missed(), true);
  world.stop();
});

test("objects of other namespaces are not read", async () => {
  const world = waiting();
  await world.start();
  const metadata = { name: "other", namespace: "default" };
  world.api.put(resourceTypes.ipaddresspools, { metadata, spec: { addresses: ["nonsense"] } } as KubeObject);
  world.api.put(resourceTypes.bgppeers, { metadata, spec: {} } as KubeObject);
  await world.pass(200);
  deepEqual(
    world.mind.findings()?.filter(({ object }) => object.name === "other"),
    [],
  );
  world.stop();
});

test("Secrets that may not be listed keep nothing from being announced, and none is missed", async () => {
  const world = waiting();
  world.api.fail(({ type }) => type.plural === "secrets", new KubeError("secrets is forbidden", 403, "Forbidden"), 1_000);
  world.api.put(resourceTypes.bgppeers, routerWithSecret);
  await world.start();
  await world.pass(200);
  deepEqual(
    [world.announced, (world.mind.findings() ?? []).some(({ code }) => code === "SecretMissing")],
    [{ "default/web": ["c000020a"] }, false],
  );
  world.stop();
});
