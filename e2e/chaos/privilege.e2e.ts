import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { afterEach, before, describe, test } from "node:test";
import { urlOf } from "../cluster.ts";
import { type HeraldPod, heraldPods, logOf, pidOf } from "../herald-pods.ts";
import { installedLab } from "../installed-cluster.ts";
import { eventually } from "../lab/until.ts";
import { echoDeployment, heraldNamespace, l2Advertisement, pool, service } from "../manifests.ts";
import { apply, givenAddresses, ready } from "../observe.ts";

const netRawAndNice = "0000000000802000"; // 1 << CAP_NET_RAW | 1 << CAP_SYS_NICE
const none = "0000000000000000";
const sets = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] as const;

type Privilege = Readonly<Record<(typeof sets)[number] | "NoNewPrivs", string>> & { readonly uids: readonly string[] };

describe("privilege", () => {
  const lab = installedLab();
  let address = "";

  before(async () => {
    await apply(lab(), pool("segment", lab().range(200, 209)), l2Advertisement("segment", ["segment"]));
    await apply(lab(), echoDeployment("web", 2), service("web", { families: "SingleStack" }));
    await ready(lab(), "deployment/web");
    [address = ""] = await givenAddresses(lab(), "web", 1);
    await eventually(`${address} answers`, 20_000, () => lab().curl(urlOf(address)));
  });
  /** What the kernel lets each thread of the pod's process do. */
  function privilegesOf(pod: HeraldPod): readonly Privilege[] {
    const tasks = `/proc/${pidOf(lab(), pod)}/task`;
    return readdirSync(tasks).map((task) => {
      const text = readFileSync(`${tasks}/${task}/status`, "utf8");
      const line = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(text)?.[1] ?? "";
      const capabilities = Object.fromEntries([...sets, "NoNewPrivs"].map((name) => [name, line(name)]));
      return { ...capabilities, uids: line("Uid").split(/\s+/) } as unknown as Privilege;
    });
  }

  /** Ids of the threads with policy SCHED_RR, field 41 of their stat, see proc(5). */
  function realTimeThreads(pid: number): readonly string[] {
    const tasks = `/proc/${pid}/task`;
    const policy = (task: string): string | undefined =>
      readFileSync(`${tasks}/${task}/stat`, "utf8").split(") ").at(-1)?.split(" ")[38];
    return readdirSync(tasks).filter((task) => policy(task) === "2");
  }

  async function patchSpeaker(change: object): Promise<void> {
    const containers = [{ name: "speaker", ...change }];
    const patch = JSON.stringify({ spec: { template: { spec: { containers } } } });
    const { code, stderr } = await lab().kubectl(["-n", heraldNamespace, "patch", "daemonset/speaker", "-p", patch]);
    equal(code, 0, stderr);
  }

  test("every thread of a speaker has CAP_NET_RAW and CAP_SYS_NICE and nothing else, and can gain nothing", async () => {
    const pods = await heraldPods(lab(), "speaker");
    equal(pods.length, lab().nodes.length);
    for (const thread of pods.flatMap(privilegesOf)) {
      deepEqual([thread.CapEff, thread.CapPrm, thread.CapBnd], [netRawAndNice, netRawAndNice, netRawAndNice]);
      deepEqual([thread.CapInh, thread.CapAmb], [none, none]);
      equal(thread.NoNewPrivs, "1");
    }
  });

  test("two threads of a speaker run before all ordinary ones, the one that answers ARP among them", async () => {
    for (const pod of await heraldPods(lab(), "speaker")) {
      const pid = pidOf(lab(), pod);
      const before = realTimeThreads(pid);
      equal(before.length, 2);
      ok(before.includes(String(pid)));
    }
  });

  test("the operator has no capability and is not root", async () => {
    const pods = await heraldPods(lab(), "controller");
    equal(pods.length, 2);
    for (const thread of pods.flatMap(privilegesOf)) {
      for (const set of sets) equal(thread[set], none, set);
      equal(thread.NoNewPrivs, "1");
      ok(!thread.uids.includes("0"), `its user ids are ${thread.uids}`);
    }
  });

  describe("that a speaker lacks", () => {
    afterEach(async () => {
      await lab().kubectl(["-n", heraldNamespace, "rollout", "undo", "daemonset/speaker"]);
      await ready(lab(), "daemonset/speaker", heraldNamespace);
    });

    test("without SYS_NICE its threads are ordinary ones, its log says what to add, and it announces", async () => {
      await patchSpeaker({ securityContext: { capabilities: { add: ["NET_RAW"] } } });
      await ready(lab(), "daemonset/speaker", heraldNamespace);
      for (const pod of await heraldPods(lab(), "speaker")) {
        deepEqual(realTimeThreads(pidOf(lab(), pod)), []);
        match(logOf(lab(), pod), /CAP_SYS_NICE is missing: add SYS_NICE to the container's securityContext/);
      }
      await eventually(`${address} answers`, 10_000, () => lab().curl(urlOf(address)));
    });

    for (const { what, change, says } of [
      {
        what: "without NET_RAW",
        change: { securityContext: { capabilities: { add: null } } },
        says: /^CAP_NET_RAW is missing: add NET_RAW /,
      },
      {
        what: "with NET_RAW that is not root",
        change: { securityContext: { runAsUser: 65534 } },
        says: /^CAP_NET_RAW is granted but not effective for uid 65534: /,
      },
    ])
      test(`a speaker ${what} says so in one line and exits; the others go on`, async () => {
        await patchSpeaker(change);
        const failed = await eventually("a speaker exits", 30_000, async () =>
          (await heraldPods(lab(), "speaker")).find(({ restarts }) => restarts > 0),
        );
        const [first, ...more] = logOf(lab(), failed)
          .split("\n")
          .filter((line) => line !== "");
        const { level, msg } = JSON.parse(first ?? "{}");
        equal(level, "error");
        match(msg, says);
        deepEqual(
          [...new Set(more.map((line) => JSON.parse(line).msg))].filter((text) => text !== msg),
          [],
        );
        equal((await heraldPods(lab(), "speaker")).filter(({ restarts }) => restarts > 0).length, 1);
        await eventually(`${address} answers`, 10_000, () => lab().curl(urlOf(address)));
      });
  });
});
