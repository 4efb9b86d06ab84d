import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { AnswerRecord } from "../answer-record.ts";
import { urlOf } from "../cluster.ts";
import { type HeraldPod, heraldPods, logOf } from "../herald-pods.ts";
import { installedLab } from "../installed-cluster.ts";
import { eventually, until } from "../lab/until.ts";
import { echoDeployment, heraldNamespace, l2Advertisement, pool, service } from "../manifests.ts";
import { apply, givenAddresses, ownerOf, ready } from "../observe.ts";

/** Holds a speaker's main thread for 5 s, when HERALD_TEST_HOOKS is 1. */
const holdSignal = "SIGUSR2";

describe("a speaker whose main thread stands still for 5 s", () => {
  const lab = installedLab();
  let address = "";

  before(async () => {
    await lab().kubectl(["-n", heraldNamespace, "set", "env", "daemonset/speaker", "HERALD_TEST_HOOKS=1"]);
    await apply(lab(), pool("segment", lab().range(200, 209)), l2Advertisement("segment", ["segment"]));
    await apply(lab(), echoDeployment("web", 3), service("web"));
    await ready(lab(), "deployment/web");
    await ready(lab(), "daemonset/speaker", heraldNamespace);
    address = (await givenAddresses(lab(), "web")).find((text) => !text.includes(":")) ?? "";
    await eventually(`${address} answers`, 20_000, () => lab().curl(urlOf(address)));
  });

  /** HTTP status of the speaker's /healthz, asked on its node; 0 for no answer. */
  async function health(node: string): Promise<number> {
    const ask = ["curl", "-s", "-o", "/dev/null", "--max-time", "2", "-w", "%{http_code}", "http://127.0.0.1:17472/healthz"];
    return Number((await lab().exec(node, ask)).stdout);
  }

  async function isReady({ name }: HeraldPod): Promise<boolean> {
    type Pod = { readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] } };
    const { status } = await lab().api.get<Pod>(`/api/v1/namespaces/${heraldNamespace}/pods/${name}`);
    return status.conditions.some(({ type, status }) => type === "Ready" && status === "True");
  }

  async function macsOf(nodes: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const macs = new Map<string, string>();
    for (const node of nodes) {
      const { stdout } = await lab().exec(node, ["ip", "-j", "link", "show", "eth0"]);
      macs.set(node, JSON.parse(stdout)[0].address);
    }
    return macs;
  }

  test("its health fails, another node owns, and it says nothing until it is elected again", async (context) => {
    const owner = (await ownerOf(lab(), address)) ?? "";
    const speaker = (await heraldPods(lab(), "speaker")).find(({ node }) => node === owner);
    ok(speaker !== undefined, `no speaker runs on the owner "${owner}"`);
    const macs = await macsOf(lab().nodes);
    const heldMac = macs.get(owner) ?? "";
    equal(await health(owner), 200);
    const record = new AnswerRecord(lab(), address);
    await record.start();
    try {
      const heldAt = Date.now();
      lab().signalPod(heraldNamespace, speaker.name, "speaker", holdSignal);
      await until("/healthz fails", 4_500, async () => (await health(owner)) === 503);
      await until("the speaker's Pod is not ready", 10_000, async () => !(await isReady(speaker)));
      await until("another node answers", 15_000, () => Promise.resolve(record.since(heldAt).size > 0 && !onlyHeld(heldAt)));
      const takenOverAt = record.answers.find(({ at, mac }) => at >= heldAt && mac !== heldMac)?.at ?? 0;
      await until("the speaker's Pod is ready again", 30_000, () => isReady(speaker));
      const readyAt = Date.now();
      await until("the held node answers again", 30_000, () => Promise.resolve(record.since(takenOverAt).has(heldMac)));
      const backAt = record.answers.find(({ at, mac }) => at > heldAt + 1_000 && mac === heldMac)?.at ?? 0;
      context.diagnostic(
        `another node after ${takenOverAt - heldAt} ms, ready after ${readyAt - heldAt}, back ${backAt - heldAt}`,
      );
      ok(backAt > readyAt - 500, `it answered ${readyAt - backAt} ms before others could elect it`);
      await sleep(3_000);
      deepEqual([...record.since(Date.now() - 2_000)], [heldMac], "exactly one node answers afterwards");
    } finally {
      record.stop();
    }
    equal(await ownerOf(lab(), address), owner);
    match(logOf(lab(), speaker), /stood still and is mute/);
    notEqual(await lab().curl(urlOf(address)), undefined);
    equal((await heraldPods(lab(), "speaker")).find(({ name }) => name === speaker.name)?.restarts, 0);

    function onlyHeld(since: number): boolean {
      return [...record.since(since)].every((mac) => mac === heldMac);
    }
  });
});
