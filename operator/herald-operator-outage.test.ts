import { deepEqual, equal } from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { IPAddressPool } from "../crds/types/ip-address-pool.ts";
import { type Namespace, resourceTypes, type Service } from "../crds/types/kubernetes.ts";
import { service } from "./allocation/fake/services.ts";
import { namespace, Replicas } from "./fake/replicas.ts";
import { KubeError } from "./framework/api/kube-api.ts";
import { FakeLine } from "./framework/fake/fake-line.ts";

let world: Replicas;
beforeEach(() => {
  world = new Replicas();
});
afterEach(() => world.stop());

const definition = { name: "ipaddresspools.metallb.io" };
const poolKey = { namespace, name: "p" };
const putPool = (...addresses: readonly string[]) =>
  world.api.put<IPAddressPool>(resourceTypes.ipaddresspools, { metadata: poolKey, spec: { addresses } });
/** With the time of this world, and a uid of its own. */
const put = (name: string, annotations: Readonly<Record<string, string>> = {}): void => {
  const { spec } = service(name);
  world.api.put<Service>(resourceTypes.services, {
    metadata: { namespace: "default", name, annotations },
    ...(spec && { spec }),
  });
};
const remove = (name: string): void => world.api.remove(resourceTypes.services, { namespace: "default", name });

describe("a replica that begins to lead while its watch of pools is behind", () => {
  const isPoolWatch = ({ verb, type }: { readonly verb: string; readonly type: { readonly plural: string } }) =>
    verb === "watch" && type.plural === "ipaddresspools";

  /** A Service has an address that the next leader's pools do not hold. */
  async function behind() {
    putPool("10.0.0.0/32");
    const one = world.start("one");
    await world.run(3_000);
    const line = new FakeLine(world.api);
    const two = world.start("two", { api: line });
    await world.run(3_000);
    line.hang(isPoolWatch);
    putPool("10.0.0.0/24");
    put("a");
    put("b");
    await world.run(1_000);
    deepEqual([world.addressOf("a"), world.addressOf("b")], ["10.0.0.0", "10.0.0.1"]);
    return { one, two, line };
  }

  test("takes no address back and gives none until it knows the pools that there are", async () => {
    const { one, two, line } = await behind();
    one.stop.abort();
    await world.run(10_000);
    put("c");
    await world.run(3_000);
    deepEqual([two.operator.leading, world.addressOf("b"), world.addressOf("c")], [true, "10.0.0.1", undefined]);
    line.mend();
    await world.run(1_000);
    deepEqual([world.addressOf("b"), world.addressOf("c")], ["10.0.0.1", "10.0.0.2"]);
  });

  test("takes no address back when the pool is broken meanwhile, and what it last read of it does not hold the address", async () => {
    const { one, line } = await behind();
    putPool("nonsense");
    line.mend();
    await world.run(1_000);
    one.stop.abort();
    await world.run(10_000);
    equal(world.addressOf("b"), "10.0.0.1");
  });

  test("gives none while it may not read them", async () => {
    const one = world.start("one");
    await world.run(3_000);
    world.start("two");
    await world.run(3_000);
    const forbidden = new KubeError("forbidden", 403, "Forbidden");
    const allow = world.api.hook(({ verb, type }) => {
      if (verb === "list" && type.plural === "ipaddresspools") throw forbidden;
    });
    one.stop.abort();
    await world.run(5_000);
    put("a");
    await world.run(5_000);
    equal(world.addressOf("a"), undefined);
    allow();
    await world.run(10_000);
    equal(world.addressOf("a"), "10.0.0.0");
  });

  test("takes no address back by labels of a namespace that were others", async () => {
    const label = (tier: string) =>
      world.api.put<Namespace>(resourceTypes.namespaces, { metadata: { name: "default", labels: { tier } } });
    label("iron");
    world.api.put<IPAddressPool>(resourceTypes.ipaddresspools, {
      metadata: poolKey,
      spec: { addresses: ["10.0.0.0/32"], serviceAllocation: { namespaceSelectors: [{ matchLabels: { tier: "gold" } }] } },
    });
    const one = world.start("one");
    await world.run(3_000);
    const line = new FakeLine(world.api);
    world.start("two", { api: line });
    await world.run(3_000);
    line.hang(({ verb, type }) => verb === "watch" && type.plural === "namespaces");
    label("gold");
    put("a");
    await world.run(1_000);
    one.stop.abort();
    await world.run(10_000);
    equal(world.addressOf("a"), "10.0.0.0");
  });
});

describe("while the watch of pools or namespaces is broken", () => {
  const label = (tier: string) =>
    world.api.put<Namespace>(resourceTypes.namespaces, { metadata: { name: "default", labels: { tier } } });

  /** A Service has an address, and labels of its namespace are not known that let it keep it. */
  async function unknown() {
    world.start("one");
    put("a");
    await world.run(3_000);
    const allow = world.api.hook(({ type }) => {
      if (type.plural === "namespaces") throw new KubeError("forbidden", 403, "Forbidden");
    });
    world.api.breakWatches(undefined, ({ plural }) => plural === "namespaces");
    await world.run(1_000);
    label("gold");
    world.api.put<IPAddressPool>(resourceTypes.ipaddresspools, {
      metadata: poolKey,
      spec: { addresses: ["10.0.0.0/24"], serviceAllocation: { namespaceSelectors: [{ matchLabels: { tier: "gold" } }] } },
    });
    await world.run(5_000);
    return allow;
  }

  test("no address is taken away for what pools say, and it stays when they turn out to say otherwise", async () => {
    const allow = await unknown();
    equal(world.addressOf("a"), "10.0.0.0");
    allow();
    await world.run(10_000);
    equal(world.addressOf("a"), "10.0.0.0");
  });

  test("what is to be taken away is so as soon as it works again", async () => {
    const allow = await unknown();
    label("iron");
    allow();
    await world.run(10_000);
    equal(world.addressOf("a"), undefined);
  });

  test("a Service that is deleted, or asks no longer, frees its address all the same", async () => {
    await unknown();
    const held = world.api.peek<Service>(resourceTypes.services, { namespace: "default", name: "a" }) ?? service("a");
    world.api.put<Service>(resourceTypes.services, { ...held, spec: { ...held.spec, type: "ClusterIP" } });
    await world.run(1_000);
    equal(world.addressOf("a"), undefined);
  });
});

describe("pools that go with their definition", () => {
  const replace = (): void => {
    world.api.remove(resourceTypes.ipaddresspools, poolKey);
    world.api.remove(resourceTypes.customresourcedefinitions, definition);
    world.api.put(resourceTypes.customresourcedefinitions, { metadata: definition });
  };

  test("free nothing the second time either", async () => {
    world.start("one");
    put("a");
    await world.run(3_000);
    for (let time = 0; time < 2; time++) {
      world.api.remove(resourceTypes.ipaddresspools, poolKey);
      world.api.remove(resourceTypes.customresourcedefinitions, definition);
      await world.run(3_000);
      world.api.put(resourceTypes.customresourcedefinitions, { metadata: definition });
      putPool("10.0.0.0/24");
      await world.run(3_000);
    }
    replace();
    await world.run(3_000);
    equal(world.addressOf("a"), "10.0.0.0");
  });

  test("free nothing either when the Service is as young as the definition that comes, and the process ends", async () => {
    const one = world.start("one");
    await world.run(3_000);
    world.api.remove(resourceTypes.ipaddresspools, poolKey);
    world.api.remove(resourceTypes.customresourcedefinitions, definition);
    await world.run(1_000);
    world.api.put(resourceTypes.customresourcedefinitions, { metadata: definition });
    const published = service("a", { published: ["10.0.0.0"], annotations: { "metallb.io/ip-allocated-from-pool": "p" } });
    const creationTimestamp = world.api.peek(resourceTypes.customresourcedefinitions, definition)?.metadata.creationTimestamp;
    world.api.put(resourceTypes.services, {
      ...published,
      metadata: { ...published.metadata, ...(creationTimestamp && { creationTimestamp }) },
    });
    one.stop.abort();
    await world.run(3_000);
    world.start("two");
    await world.run(10_000);
    equal(world.addressOf("a"), "10.0.0.0");
  });

  test("do not keep one from being deleted later, with everything it held", async () => {
    world.start("one");
    put("a");
    await world.run(3_000);
    replace();
    await world.run(3_000);
    putPool("10.0.0.0/24");
    await world.run(3_000);
    equal(world.addressOf("a"), "10.0.0.0");
    world.api.remove(resourceTypes.ipaddresspools, poolKey);
    await world.run(3_000);
    equal(world.addressOf("a"), undefined);
  });
});

describe("after the API server was restored from a backup", () => {
  test("a Service that it brings back keeps its address, though it was given to another since", async () => {
    world.start("one");
    put("a");
    await world.run(3_000);
    const backup = world.api.store.backup();
    remove("a");
    await world.run(1_000);
    put("b");
    await world.run(3_000);
    equal(world.addressOf("b"), "10.0.0.0");
    world.api.store.revert(backup);
    put("b");
    world.api.breakWatches(new Error("connect ECONNREFUSED"));
    await world.run(10_000);
    deepEqual([world.addressOf("a"), world.addressOf("b")], ["10.0.0.0", "10.0.0.1"]);
  });

  test("a Service whose address it forgot gets one", async () => {
    world.start("one");
    put("a", { "metallb.io/address-pool": "q" });
    await world.run(3_000);
    const backup = world.api.store.backup();
    put("a");
    await world.run(3_000);
    equal(world.addressOf("a"), "10.0.0.0");
    world.api.store.revert(backup);
    world.api.put<IPAddressPool>(resourceTypes.ipaddresspools, {
      metadata: { namespace, name: "q" },
      spec: { addresses: ["10.1.0.0/24"] },
    });
    world.api.breakWatches(new Error("connect ECONNREFUSED"));
    await world.run(10_000);
    equal(world.addressOf("a"), "10.1.0.0");
  });

  test("the pool that was accepted then is accepted again, and keeps out the one that took its place since", async () => {
    const range = { addresses: ["10.0.0.0/24"] };
    const other = { namespace, name: "q" };
    const accepted = (key: typeof poolKey): string | undefined =>
      world.api
        .peek<IPAddressPool>(resourceTypes.ipaddresspools, key)
        ?.status?.conditions?.find(({ type }) => type === "Accepted")?.status;
    world.start("one");
    putPool(...range.addresses);
    await world.run(3_000);
    world.api.put<IPAddressPool>(resourceTypes.ipaddresspools, { metadata: other, spec: range });
    await world.run(3_000);
    deepEqual([accepted(poolKey), accepted(other)], ["True", "False"]);
    const backup = world.api.store.backup();
    world.api.remove(resourceTypes.ipaddresspools, poolKey);
    await world.run(3_000);
    equal(accepted(other), "True");
    world.api.store.revert(backup);
    world.api.breakWatches(new Error("connect ECONNREFUSED"));
    await world.run(10_000);
    deepEqual([accepted(poolKey), accepted(other)], ["True", "False"]);
  });
});
