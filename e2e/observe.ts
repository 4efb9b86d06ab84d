import { ok } from "node:assert/strict";
import type { TestCluster } from "./cluster.ts";
import { eventually } from "./lab/until.ts";
import { heraldNamespace, listOf } from "./manifests.ts";

/** Applies objects. @throws {AssertionError} with kubectl's words when it refuses one. */
export async function apply(cluster: TestCluster, ...objects: readonly object[]): Promise<void> {
  const { code, stdout, stderr } = await cluster.kubectl(["apply", "-f", "-"], listOf(objects));
  ok(code === 0, stderr || stdout);
}

/** Applies objects of which the API server refuses at least one. @returns kubectl's words. */
export async function applyRefused(cluster: TestCluster, ...objects: readonly object[]): Promise<string> {
  const { code, stdout, stderr } = await cluster.kubectl(["apply", "-f", "-"], listOf(objects));
  ok(code !== 0, `nothing was refused: ${stdout}`);
  return stderr;
}

/** Deletes objects by `kind/name`, waiting until they are gone; missing ones are ignored. */
export async function remove(cluster: TestCluster, namespace: string, ...names: readonly string[]): Promise<void> {
  const { code, stderr } = await cluster.kubectl(["-n", namespace, "delete", "--ignore-not-found", ...names]);
  ok(code === 0, stderr);
}

/** Deletes pools, advertisements, Services and Deployments, so that the next test begins with none. */
export async function removeAll(cluster: TestCluster): Promise<void> {
  const notTheApi = "--field-selector=metadata.name!=kubernetes";
  for (const scope of [
    ["default", "services", notTheApi],
    ["default", "deployments", "--all"],
    ["default", "events", "--all"],
    [heraldNamespace, "ipaddresspools,l2advertisements", "--all"],
  ]) {
    const [namespace = "", ...what] = scope;
    const { code, stderr } = await cluster.kubectl(["-n", namespace, "delete", "--wait", ...what]);
    ok(code === 0, stderr);
  }
}

/** A jsonpath of an object, as text; empty when it has no value. */
export async function read(cluster: TestCluster, object: string, path: string, namespace = "default"): Promise<string> {
  const { stdout } = await cluster.kubectl(["-n", namespace, "get", object, "-o", `jsonpath=${path}`]);
  return stdout.trim();
}

/** The Service's addresses as its status has them; none while it is pending. */
export async function addressesOf(cluster: TestCluster, name: string): Promise<readonly string[]> {
  const text = await read(cluster, `service/${name}`, "{.status.loadBalancer.ingress[*].ip}");
  return text.split(" ").filter((ip) => ip !== "");
}

/** Waits until the Service has this many addresses (default: one for each family). */
export function givenAddresses(cluster: TestCluster, name: string, count = cluster.families.length): Promise<readonly string[]> {
  return eventually(`Service ${name} has ${count} addresses`, 15_000, async () => {
    const addresses = await addressesOf(cluster, name);
    return addresses.length === count ? addresses : undefined;
  });
}

/** Waits for an event on a Service. @returns its message. */
export function eventOf(cluster: TestCluster, name: string, reason: string, containing = ""): Promise<string> {
  return eventually(`Service ${name} has an event ${reason} with "${containing}"`, 15_000, async () => {
    const selector = `--field-selector=involvedObject.name=${name},reason=${reason}`;
    const { stdout } = await cluster.kubectl([
      "get",
      "events",
      selector,
      "-o",
      'jsonpath={range .items[*]}{.message}{"\\n"}{end}',
    ]);
    return stdout.split("\n").find((message) => message !== "" && message.includes(containing));
  });
}

/** The node that answers for an address at present. */
export async function ownerOf(cluster: TestCluster, address: string): Promise<string | undefined> {
  const mac = await cluster.macOf(address);
  return mac === undefined ? undefined : cluster.nodeOfMac(mac);
}

/** Waits until the deployment's pods are ready. */
export async function ready(cluster: TestCluster, workload: string, namespace = "default"): Promise<void> {
  const { code, stdout, stderr } = await cluster.kubectl(["-n", namespace, "rollout", "status", workload, "--timeout=60s"]);
  ok(code === 0, stderr || stdout);
}
