import { deepEqual, equal, ok } from "node:assert/strict";
import { afterEach, before, describe, test } from "node:test";
import { heraldAnnotations } from "../../crds/types/well-known.ts";
import { heraldPods, logOf } from "../herald-pods.ts";
import { installedLab } from "../installed-cluster.ts";
import { eventually } from "../lab/until.ts";
import { echoDeployment, l2Advertisement, pool, service } from "../manifests.ts";
import { apply, eventOf, givenAddresses, ownerOf, ready, removeAll } from "../observe.ts";

/** The machine that takes addresses which are not its own. */
const rival = "r";

describe("address conflicts", () => {
  const lab = installedLab({ nodes: 2 });
  const taken = new Set<string>();

  before(async () => {
    await removeAll(lab());
    await apply(lab(), pool("segment", lab().range(200, 209)), l2Advertisement("segment", ["segment"]), echoDeployment("web", 2));
    await ready(lab(), "deployment/web");
  });

  afterEach(async () => {
    for (const address of [...taken]) await giveUp(address);
  });

  async function must(machine: string, ...command: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await lab().exec(machine, command);
    ok(code === 0, `${command.join(" ")}: ${stderr}`);
    return stdout;
  }

  async function take(address: string): Promise<void> {
    await must(rival, "ip", "address", "add", hostPrefix(address), "dev", "eth0", ...(address.includes(":") ? ["nodad"] : []));
    taken.add(address);
  }

  async function giveUp(address: string): Promise<void> {
    await must(rival, "ip", "address", "del", hostPrefix(address), "dev", "eth0");
    taken.delete(address);
  }

  async function macOfRival(): Promise<string> {
    const [link] = JSON.parse(await must(rival, "ip", "-j", "link", "show", "eth0"));
    return link.address;
  }

  /** The hardware addresses of all who answer the client for an IPv4 address. */
  async function whoAnswers(address: string): Promise<readonly string[]> {
    const { stdout } = await lab().exec("c", ["arping", "-c", "3", "-w", "3", "-I", "eth0", address]);
    return [...new Set(stdout.toLowerCase().match(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g) ?? [])].sort();
  }

  test("a machine that takes a Service's address is named in an event, the owner answers on, and the end is told", async () => {
    await apply(lab(), service("web"));
    const [address = ""] = (await givenAddresses(lab(), "web")).filter((one) => !one.includes(":"));
    const owner = await eventually("a node answers", 20_000, () => lab().macOf(address));
    await take(address);
    await must(rival, "arping", "-U", "-c", "2", "-I", "eth0", address);
    const mac = await macOfRival();
    await eventOf(lab(), "web", "AddressConflict", mac);
    deepEqual(await whoAnswers(address), [mac, owner].sort());
    await giveUp(address);
    await eventually("the end is told", 60_000, async () => {
      const { stdout } = await lab().kubectl(["get", "events", "--field-selector=reason=AddressConflictOver", "-o", "name"]);
      return stdout === "" ? undefined : stdout;
    });
  });

  test("quarantine: an address that another machine has is not announced before that one gave it up", async () => {
    const range = lab().range(230, 230);
    const addresses = range.map((text) => text.replace(/-.*$/, ""));
    for (const address of addresses) await take(address);
    const annotations = { [heraldAnnotations.conflictPolicy]: "quarantine" };
    const held = pool("held", range) as { readonly metadata: object };
    await apply(lab(), { ...held, metadata: { ...held.metadata, annotations } }, l2Advertisement("held", ["held"]));
    const wanted = { "metallb.io/address-pool": "held" };
    await apply(lab(), service("doubled", { app: "web", annotations: wanted }));
    await givenAddresses(lab(), "doubled");
    const mac = await macOfRival();
    for (const address of addresses) await eventOf(lab(), "doubled", "AddressConflict", `${address} is also claimed by ${mac}`);
    for (const address of addresses) equal(await lab().macOf(address), mac);
    for (const address of addresses) await giveUp(address);
    for (const address of addresses) {
      await eventually(`a node answers for ${address}`, 60_000, () => ownerOf(lab(), address));
    }
  });

  test("of two speakers that stand for one address, since one of them reads no more of the API, one is left", async () => {
    const [n1 = "", n2 = ""] = lab().nodes;
    const only = (node: string): object =>
      l2Advertisement("segment", ["segment"], { nodeSelectors: [{ matchLabels: { "kubernetes.io/hostname": node } }] });
    await apply(lab(), service("moved", { app: "web" }), only(n1));
    const [address = ""] = (await givenAddresses(lab(), "moved")).filter((one) => !one.includes(":"));
    await eventually(`${n1} answers`, 20_000, async () => (await ownerOf(lab(), address)) === n1 || undefined);
    await forgetApi(n1);
    try {
      await apply(lab(), only(n2));
      await eventually("one node answers, as both want to", 10_000, async () => {
        const answering = await whoAnswers(address);
        return (answering.length === 1 && (await contests()) > 0) || undefined;
      });
      for (let i = 0; i < 3; i += 1) equal((await whoAnswers(address)).length, 1, "and it stays so");
    } finally {
      await must(n1, "nft", "delete", "table", "inet", "deaf");
    }
    await eventually(`${n2} alone answers`, 60_000, async () => {
      const answering = await whoAnswers(address);
      return (answering.length === 1 && (await lab().nodeOfMac(answering[0] ?? "")) === n2) || undefined;
    });
  });

  /** The node's own processes, its speaker among them, reach the API server no more; its pods do. */
  async function forgetApi(node: string): Promise<void> {
    await must(node, "nft", "add", "table", "inet", "deaf");
    for (const [hook, port] of [
      ["output", "dport"],
      ["input", "sport"],
    ] as const) {
      await must(node, "nft", "add", "chain", "inet", "deaf", hook, `{ type filter hook ${hook} priority 10; }`);
      await must(node, "nft", "add", "rule", "inet", "deaf", hook, "tcp", port, "6443", "drop");
    }
  }

  /** Contests that the speakers have been through, by their logs. */
  async function contests(): Promise<number> {
    const logs = (await heraldPods(lab(), "speaker")).map((pod) => logOf(lab(), pod));
    return logs.join("\n").split("another node stands for an address").length - 1;
  }
});

function hostPrefix(address: string): string {
  return `${address}/${address.includes(":") ? 128 : 32}`;
}
