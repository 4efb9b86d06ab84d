import { deepEqual, equal, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Fault, Traffic } from "../fault-proxy/fault.ts";
import { FaultProxy } from "../fault-proxy/fault-proxy.ts";
import { heraldPods } from "../herald-pods.ts";
import { installedLab } from "../installed-cluster.ts";
import { eventually, until } from "../lab/until.ts";
import { echoDeployment, heraldNamespace, l2Advertisement, pool, service } from "../manifests.ts";
import { addressesOf, apply, givenAddresses, read, ready } from "../observe.ts";
import { ServiceRecord } from "../service-record.ts";
import { ServiceLoad } from "./service-load.ts";

/** How long watches are cut; the soak asks for more. */
const cutSeconds = Number(process.env["HERALD_CHAOS_CUT_SECONDS"] ?? "60");
const stormSeconds = 20;
const createEveryMs = 100;

const storms: readonly { readonly name: string; readonly fault: Fault }[] = [
  { name: "409", fault: { kind: "refuse-status-writes", status: 409 } },
  { name: "429 without Retry-After", fault: { kind: "refuse-status-writes", status: 429 } },
  { name: "429 with Retry-After", fault: { kind: "refuse-status-writes", status: 429, retryAfterSeconds: 1 } },
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
    const addresses = await eventually("every Service has its address", 60_000, async () => {
      const path = "/api/v1/namespaces/default/services";
      const { items } = await lab().api.get<{ readonly items: readonly Balanced[] }>(path);
      const balanced = items.filter(({ metadata, spec }) => spec.type === "LoadBalancer" && metadata.name !== "web");
      const given = balanced.map(({ status }) => (status.loadBalancer?.ingress ?? []).map(({ ip }) => ip));
      return given.every((ips) => ips.length === 1) ? given.flat() : undefined;
    });
    equal(new Set(addresses).size, addresses.length, "an address was given twice");
    deepEqual(shared.record?.wrongs, []);
    deepEqual(await addressesOf(lab(), "web"), web);
    await until("the pool counts what was given", 30_000, async () => {
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

  for (const { name, fault } of storms)
    test(`${stormSeconds} s of ${name} on every write of a status`, async (context) => {
      let traffic: Traffic | undefined;
      await underLoad(async () => {
        await proxy().become(fault);
        await pause(stormSeconds * 1_000);
        traffic = await proxy().become({ kind: "none" });
      });
      context.diagnostic(JSON.stringify(traffic));
      ok((traffic?.statusWrites ?? 0) > 10, "hardly a write was refused");
    });
});

type Balanced = {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly type: string };
  readonly status: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip: string }[] } };
};
