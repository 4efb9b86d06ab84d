import { equal } from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import { service } from "../allocation/fake/services.ts";
import { FakeCluster } from "./fake/cluster.ts";

let cluster: FakeCluster;
let compilations = 0;
beforeEach(() => {
  cluster = new FakeCluster();
  cluster.followers.push(() => void compilations++);
});
afterEach(() => cluster.close());

const label = (name: string, labels: Readonly<Record<string, string>>): void => {
  cluster.api.put(resourceTypes.namespaces, { metadata: { name, labels } });
};

/** Compilations that a change leads to. */
async function after(change: () => void): Promise<number> {
  compilations = 0;
  change();
  await cluster.run();
  return compilations;
}

describe("namespaces that come, go or are labelled anew", () => {
  const team = { serviceAllocation: { namespaceSelectors: [{ matchLabels: { team: "a" } }] } };

  test("are no reason to compile while no pool selects namespaces, also when a pool names some", async () => {
    cluster.putPool("p", ["10.0.0.0/30"], { serviceAllocation: { namespaces: ["default"] } });
    await cluster.start();
    equal(await after(() => label("default", { team: "a" })), 0);
    equal(await after(() => cluster.api.remove(resourceTypes.namespaces, { name: "default" })), 0);
  });

  test("open a pool to their Services and close it again, as its selectors say", async () => {
    cluster.putPool("p", ["10.0.0.0/30"], team);
    cluster.api.put(resourceTypes.services, service("a"));
    await cluster.start();
    equal(cluster.addressesOf("a"), "");
    equal(await after(() => label("default", { team: "a" })), 1);
    equal(cluster.addressesOf("a"), "10.0.0.0");
    equal(await after(() => label("default", { team: "b" })), 1);
    equal(cluster.addressesOf("a"), "");
    label("default", { team: "a" });
    await cluster.run();
    equal(cluster.addressesOf("a"), "10.0.0.0");
    cluster.api.remove(resourceTypes.namespaces, { name: "default" });
    await cluster.run();
    equal(cluster.addressesOf("a"), "");
  });

  test("count for a pool that is broken now as they did for its last good version", async () => {
    cluster.putPool("p", ["10.0.0.0/30"], team);
    cluster.api.put(resourceTypes.services, service("a"));
    await cluster.start();
    cluster.putPool("p", ["nonsense"]);
    await cluster.run();
    label("default", { team: "a" });
    await cluster.run();
    equal(cluster.addressesOf("a"), "10.0.0.0");
  });
});
