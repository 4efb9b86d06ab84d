import { deepEqual, notEqual, ok } from "node:assert/strict";
import { before, describe, test } from "node:test";
import { urlOf } from "../cluster.ts";
import { installedLab, waitUntilInstalled } from "../installed-cluster.ts";
import { eventually } from "../lab/until.ts";
import { echoDeployment, heraldNamespace, l2Advertisement, pool, service } from "../manifests.ts";
import { addressesOf, apply, givenAddresses, ownerOf, ready } from "../observe.ts";

type Running = { readonly name: string; readonly node: string };

describe("restarts", () => {
  const lab = installedLab({ nodeMonitorGraceSeconds: 16 }); // Kubernetes' 50 s would only be waited for
  let addresses: readonly string[] = [];

  before(async () => {
    await apply(lab(), pool("segment", lab().range(200, 219)), l2Advertisement("segment", ["segment"]));
    await apply(lab(), echoDeployment("web", 3), service("web"));
    await ready(lab(), "deployment/web");
    addresses = await givenAddresses(lab(), "web");
    for (const address of addresses) await eventually(`${address} answers`, 20_000, () => lab().curl(urlOf(address)));
  });

  async function podsOf(component: string): Promise<readonly Running[]> {
    const path = 'jsonpath={range .items[*]}{.metadata.name} {.spec.nodeName}{"\\n"}{end}';
    const { stdout } = await lab().kubectl(["-n", heraldNamespace, "get", "pods", "-l", `component=${component}`, "-o", path]);
    const rows = stdout.split("\n").filter((line) => line !== "");
    return rows.map((line) => ({ name: line.split(" ")[0] ?? "", node: line.split(" ")[1] ?? "" }));
  }

  /** All processes are ready again, the Service has the addresses it had and answers, and a new one is given others. */
  async function nothingMoved(next: string): Promise<void> {
    await waitUntilInstalled(lab());
    deepEqual(await addressesOf(lab(), "web"), addresses);
    await apply(lab(), service(next, { app: "web" }));
    const given = await givenAddresses(lab(), next);
    for (const address of given) ok(!addresses.includes(address), `${address} was given twice`);
    for (const address of addresses) await eventually(`${address} answers`, 20_000, () => lab().curl(urlOf(address)));
  }

  test("every operator killed: addresses stay, the next Service gets another", async () => {
    for (const { name } of await podsOf("controller")) lab().killPod(heraldNamespace, name, "controller");
    await nothingMoved("after-operators");
  });

  test("every speaker killed: the addresses answer again", async () => {
    for (const { name } of await podsOf("speaker")) lab().killPod(heraldNamespace, name, "speaker");
    await nothingMoved("after-speakers");
  });

  test("a speaker deleted: another node takes its addresses over, and the client's connections work", async () => {
    const [address = ""] = addresses;
    const owner = (await ownerOf(lab(), address)) ?? "";
    const speaker = (await podsOf("speaker")).find(({ node }) => node === owner);
    ok(speaker !== undefined, `no speaker runs on ${owner}`);
    await lab().kubectl(["taint", "node", owner, "e2e=down:NoSchedule"]); // keeps the DaemonSet from starting another
    await lab().kubectl(["-n", heraldNamespace, "delete", "pod", speaker.name]);
    const heir = await eventually("another node answers", 15_000, async () => {
      const node = await ownerOf(lab(), address);
      return node === owner ? undefined : node;
    });
    notEqual(heir, owner);
    ok(await lab().answers(address));
    await lab().kubectl(["taint", "node", owner, "e2e-"]);
    // The DaemonSet controller may still wait to look at the API server again, which a test before this one restarted.
    await eventually("the address is back where election puts it", 60_000, async () => {
      const node = await ownerOf(lab(), address);
      return node === owner || undefined;
    });
  });

  test("a node that is cut off loses its addresses to another, and nobody answers twice when it is back", async () => {
    const [address = ""] = addresses;
    const owner = (await ownerOf(lab(), address)) ?? "";
    await lab().cut(owner);
    await eventually("another node answers", 120_000, async () => {
      const node = await ownerOf(lab(), address);
      return node === owner ? undefined : node;
    });
    await lab().restore(owner);
    // For a moment the node does not know yet that it was replaced; to stay it comes back only after it has lived for a while.
    let asked = 0;
    await eventually("the address is back where election puts it, to stay", 60_000, async () => {
      asked = (await ownerOf(lab(), address)) === owner ? asked + 1 : 0;
      return asked === 20 || undefined;
    });
  });

  // Last: kube-controller-manager takes a minute to find its feet again, and the other tests need it.
  test("the API server away for 10 s: the addresses answer all the while, and nothing is lost", async () => {
    let isAway = true;
    const back = lab().restartApiServer({ downForMs: 10_000 });
    void back.finally(() => {
      isAway = false;
    });
    while (isAway)
      for (const address of addresses) ok(await lab().answers(address), `${address} does not answer without the API server`);
    await back;
    await nothingMoved("after-api-server");
  });
});
