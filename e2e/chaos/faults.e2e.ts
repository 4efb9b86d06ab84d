import { deepEqual, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Fault, Traffic } from "../fault-proxy/fault.ts";
import { FaultProxy } from "../fault-proxy/fault-proxy.ts";
import { heraldPods } from "../herald-pods.ts";
import { installedLab, waitUntilInstalled } from "../installed-cluster.ts";
import { ApiRefusal } from "../lab/api-client.ts";
import { eventually, until } from "../lab/until.ts";
import { echoDeployment, heraldNamespace, l2Advertisement, pool, service } from "../manifests.ts";
import { addressesOf, apply, applyRefused, givenAddresses, read, ready, remove } from "../observe.ts";
import { ServiceRecord } from "../service-record.ts";
import { ServiceLoad } from "./service-load.ts";

/** How long watches are cut; the soak asks for more. */
const cutSeconds = Number(process.env["HERALD_CHAOS_CUT_SECONDS"] ?? "30");
const stormSeconds = 8;
const createEveryMs = 100;

type Storm = {
  readonly fault: Fault /** Writes of a status in a second of it, with a wide margin. */;
  readonly perSecond: number;
};

/** A conflict is tried again at once, so that each Service costs some thirty writes before its pauses are five seconds long. */
const storms: readonly Storm[] = [
  { fault: { kind: "refuse-status-writes", status: 409 }, perSecond: 1_500 },
  { fault: { kind: "refuse-status-writes", status: 429 }, perSecond: 600 },
  { fault: { kind: "refuse-status-writes", status: 429, retryAfterSeconds: 1 }, perSecond: 25 },
];

describe("an API server that fails, while Services come and go", () => {
  const lab = installedLab({ nodes: 2 });
  const shared: { proxy?: FaultProxy; record?: ServiceRecord } = {};
  let web: readonly string[] = [];
  let restarts = 0;

  before(async () => {
    shared.proxy = await FaultProxy.before(lab());
    await apply(
      lab(),
      pool("chaos", ["10.77.0.0/24"], { avoidBuggyIPs: true }),
      pool("segment", lab().range(200, 209), { autoAssign: false }),
      l2Advertisement("all", []),
      echoDeployment("web", 1),
      service("web", { annotations: { "metallb.io/address-pool": "segment" } }),
      ...Array.from({ length: 20 }, (_, index) => service(`settled${index}`, { families: "SingleStack" })),
    );
    await ready(lab(), "deployment/web");
    web = await givenAddresses(lab(), "web");
    for (const address of web) await until(`${address} answers`, 30_000, () => lab().answers(address));
    // Whoever gave the addresses anew, in any order, would not come to the same.
    await nothingWrong();
    await remove(lab(), "default", ...[0, 5, 10].map((index) => `service/settled${index}`));
    restarts = await restartsOf();
    shared.record = new ServiceRecord(lab());
    shared.record.start();
  });

  after(async () => {
    await shared.record?.stop();
    shared.proxy?.stop();
  });

  function proxy(): FaultProxy {
    if (shared.proxy === undefined) throw new Error("the proxy does not run outside tests");
    return shared.proxy;
  }

  async function restartsOf(): Promise<number> {
    const pods = [...(await heraldPods(lab(), "controller")), ...(await heraldPods(lab(), "speaker"))];
    return pods.reduce((sum, pod) => sum + pod.restarts, 0);
  }

  /** Lets Services come and go while something happens, and a little longer; then nothing must be wrong. */
  async function underLoad(happens: () => Promise<void>): Promise<void> {
    const load = new ServiceLoad(lab(), createEveryMs, `load${shared.record?.seen}-`);
    load.start();
    try {
      await pause(2_000);
      await happens();
      await pause(2_000);
    } finally {
      await load.stop();
    }
    await nothingWrong();
    equal(await restartsOf(), restarts, "a process of Herald restarted");
    await load.clear();
  }

  async function nothingWrong(): Promise<void> {
    const addresses = await eventually("every Service has its address", 120_000, async () => {
      const path = "/api/v1/namespaces/default/services";
      const { items } = await lab().api.get<{ readonly items: readonly Balanced[] }>(path);
      const balanced = items.filter(({ metadata, spec }) => spec.type === "LoadBalancer" && metadata.name !== "web");
      const given = balanced.map(({ status }) => (status.loadBalancer?.ingress ?? []).map(({ ip }) => ip));
      return given.every((ips) => ips.length === 1) ? given.flat() : undefined;
    });
    equal(new Set(addresses).size, addresses.length, "an address was given twice");
    deepEqual(shared.record?.wrongs ?? [], []);
    deepEqual(await addressesOf(lab(), "web"), web);
    await until("the pool counts what was given", 60_000, async () => {
      const assigned = await read(lab(), "ipaddresspool/chaos", "{.status.assignedIPv4}", heraldNamespace);
      return Number(assigned) === addresses.length;
    });
  }

  async function whileAnswering(work: Promise<unknown>): Promise<void> {
    let over = false;
    const end = work.finally(() => {
      over = true;
    });
    while (!over) for (const address of web) ok(await lab().answers(address), `${address} does not answer`);
    await end;
  }

  test("the API server killed and started again", async () => {
    await underLoad(() => whileAnswering(lab().restartApiServer({ downForMs: 5_000 })));
  });

  test(`every watch cut every second for ${cutSeconds} s: new Services are served all the while`, async (context) => {
    let traffic: Traffic | undefined;
    await underLoad(async () => {
      await proxy().become({ kind: "cut-watches", everyMs: 1_000 });
      await whileAnswering(pause((cutSeconds - 5) * 1_000));
      await apply(lab(), service("under-cuts", { families: "SingleStack" }));
      await givenAddresses(lab(), "under-cuts", 1);
      traffic = await proxy().become({ kind: "none" });
    });
    context.diagnostic(JSON.stringify(traffic));
    ok((traffic?.watchesCut ?? 0) > cutSeconds, "hardly a watch was cut");
  });

  test(`${3 * stormSeconds} s of 409 and 429 on every write of a status: patience, and then all is made up for`, async (context) => {
    const traffics: Traffic[] = [];
    await underLoad(async () => {
      for (const [index, { fault }] of storms.entries()) {
        const before = await proxy().become(fault);
        if (index > 0) traffics.push(before);
        await pause(stormSeconds * 1_000);
      }
      traffics.push(await proxy().become({ kind: "none" }));
    });
    for (const [index, { perSecond }] of storms.entries()) {
      const { statusWrites = 0 } = traffics[index] ?? {};
      context.diagnostic(JSON.stringify({ ...storms[index]?.fault, ...traffics[index] }));
      ok(statusWrites >= stormSeconds / 4, "hardly a write was refused");
      ok(statusWrites < perSecond * stormSeconds, `${statusWrites} writes in ${stormSeconds} s`);
    }
  });

  /** @returns kubectl's words, and that they came before the API server had lost its patience. */
  async function refusedInTime(object: object): Promise<string> {
    const asked = Date.now();
    const words = await applyRefused(lab(), object);
    ok(Date.now() - asked < 20_000, `the refusal took ${Date.now() - asked} ms`);
    return words;
  }

  test("answers of the API server that come 3 s late: no pool is admitted unseen, and the refusal says why", async () => {
    await proxy().become({ kind: "slow", ms: 3_000 });
    const [overlap, free] = await Promise.all([
      refusedInTime(pool("overlaps", ["10.77.0.10-10.77.0.20"])),
      refusedInTime(pool("free", ["10.78.0.0/24"])),
    ]);
    match(overlap, /the API server did not answer within \d|overlaps with already defined CIDR/);
    match(free, /the API server did not answer within \d/);
    await proxy().become({ kind: "none" });
    match(await applyRefused(lab(), pool("overlaps", ["10.77.0.10-10.77.0.20"])), /overlaps with already defined CIDR/);
    await apply(lab(), pool("free", ["10.78.0.0/24"], { autoAssign: false }));
  });

  test("answers that come too late for any decision: writes are refused in time, deletions are not", async () => {
    await proxy().become({ kind: "slow", ms: 12_000 });
    const [refusal, deletion] = await Promise.all([
      refusedInTime(l2Advertisement("late", ["chaos"])),
      lab().kubectl(["-n", heraldNamespace, "delete", "ipaddresspool", "free"]),
    ]);
    await proxy().become({ kind: "none" });
    match(refusal, /the API server did not answer within \d/);
    deepEqual([deletion.code, /it was not looked at what this deletion entails/.test(deletion.stderr)], [0, true]);
    await apply(lab(), service("after-slowness", { families: "SingleStack" }));
    await eventually("Services are served again", 60_000, async () => (await addressesOf(lab(), "after-slowness"))[0]);
    await nothingWrong();
    equal(await restartsOf(), restarts, "a process of Herald restarted");
  });

  // Last: it ends processes.
  test("an operator that has just started admits nothing that it has not seen", async (context) => {
    await proxy().become({ kind: "slow", ms: 500 });
    for (const { name } of await heraldPods(lab(), "controller")) lab().killPod(heraldNamespace, name, "controller");
    const refusals = { unheard: 0, judged: 0 };
    while (refusals.judged < 20) {
      const message = await refusalOf(lab().api.create(poolsPath, pool("overlaps", ["10.77.0.10-10.77.0.20"])));
      if (/overlaps with already defined CIDR/.test(message)) refusals.judged++;
      else {
        match(message, /failed calling webhook|the API server did not answer within/);
        refusals.unheard++;
      }
    }
    context.diagnostic(JSON.stringify(refusals));
    ok(refusals.unheard > 0, "the operators were not away");
    await proxy().become({ kind: "none" });
    await waitUntilInstalled(lab());
    await nothingWrong();
  });
});

const poolsPath = `/apis/metallb.io/v1beta1/namespaces/${heraldNamespace}/ipaddresspools`;

/** @throws {Error} when the write is not refused. */
async function refusalOf(write: Promise<unknown>): Promise<string> {
  const answer = await write.catch((error: unknown) => error);
  if (answer instanceof ApiRefusal) return answer.message;
  throw new Error(`not refused: ${answer}`);
}

type Balanced = {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly type: string };
  readonly status: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip: string }[] } };
};
