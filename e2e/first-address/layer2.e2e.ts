import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { before, describe, test } from "node:test";
import { urlOf } from "../cluster.ts";
import { installedCluster } from "../installed-cluster.ts";
import { eventually } from "../lab/until.ts";
import { echoDeployment, heraldNamespace, l2Advertisement, pool, service } from "../manifests.ts";
import { addressesOf, apply, eventOf, givenAddresses, ownerOf, read, ready, removeAll } from "../observe.ts";

describe("layer 2", () => {
  const cluster = installedCluster();

  before(async () => {
    await removeAll(cluster());
    await apply(
      cluster(),
      pool("segment", cluster().range(200, 219)),
      l2Advertisement("segment", ["segment"]),
      echoDeployment("web", 3),
      echoDeployment("single", 1),
      service("web"),
      service("sticky", { app: "web", spec: { sessionAffinity: "ClientIP" } }),
      service("local", { app: "single", spec: { externalTrafficPolicy: "Local" } }),
    );
    for (const name of ["web", "single"]) await ready(cluster(), `deployment/${name}`);
  });

  /** Waits until the Service answers the client on all its addresses. */
  async function reachable(name: string): Promise<readonly string[]> {
    const addresses = await givenAddresses(cluster(), name);
    for (const address of addresses) await eventually(`${address} answers`, 20_000, () => cluster().curl(urlOf(address)));
    return addresses;
  }

  test("the client reaches the Service on each of its addresses", async () => {
    const addresses = await reachable("web");
    equal(addresses.length, cluster().families.length);
  });

  test("one node answers for an address, and the Service's event names it", async () => {
    for (const address of await reachable("web")) {
      const owner = await ownerOf(cluster(), address);
      ok(owner !== undefined, `nobody answers for ${address}`);
      await eventOf(cluster(), "web", "nodeAssigned", `announcing from node "${owner}" with protocol "layer2"`);
    }
  });

  test("ServiceL2Status names the node that announces", async () => {
    const [address = ""] = await reachable("web");
    const selector = "metallb.io/service-name=web";
    const owner = await ownerOf(cluster(), address);
    await eventually("a ServiceL2Status names the owner", 15_000, async () => {
      const { stdout } = await cluster().kubectl([
        ...["-n", heraldNamespace, "get", "servicel2statuses", "-l", selector, "-o", "jsonpath={.items[*].status.node}"],
      ]);
      return stdout.split(" ").includes(owner ?? "?") || undefined;
    });
  });

  test("60 requests reach all three pods", async () => {
    for (const address of await reachable("web")) {
      const answers = await Promise.all(Array.from({ length: 60 }, () => cluster().curl(urlOf(address))));
      equal(answers.filter((answer) => answer === undefined).length, 0, "a request had no answer");
      equal(new Set(answers.map((answer) => answer?.split(" node ")[0])).size, 3);
    }
  });

  test("with sessionAffinity ClientIP all requests reach one pod", async () => {
    for (const address of await reachable("sticky")) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => cluster().curl(urlOf(address))));
      equal(new Set(answers.map((answer) => answer?.split(" node ")[0])).size, 1);
    }
  });

  test("with externalTrafficPolicy Local the node with the pod announces, wherever it goes", async () => {
    const [address = ""] = await reachable("local");
    const nodeOfPod = async (): Promise<string> =>
      read(cluster(), "pods", '{.items[?(@.metadata.labels.app=="single")].spec.nodeName}');
    const first = await nodeOfPod();
    equal(await ownerOf(cluster(), address), first);
    await cluster().kubectl(["patch", "deployment", "single", "--type=merge", "-p", JSON.stringify(notOn(first))]);
    await ready(cluster(), "deployment/single");
    const second = await eventually("the old pod is gone", 30_000, async () => {
      const nodes = await nodeOfPod();
      return nodes !== "" && !nodes.includes(first) && !nodes.includes(" ") ? nodes : undefined;
    });
    notEqual(second, first);
    await eventually(`${second} answers for ${address}`, 15_000, async () => {
      const owner = await ownerOf(cluster(), address);
      return owner === second || undefined;
    });
    deepEqual(await reachable("local"), await addressesOf(cluster(), "local"));
  });
});

/** A patch that lets pods run on every node but one. */
function notOn(node: string): object {
  const expression = { key: "kubernetes.io/hostname", operator: "NotIn", values: [node] };
  const required = { nodeSelectorTerms: [{ matchExpressions: [expression] }] };
  return {
    spec: { template: { spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } } } },
  };
}
