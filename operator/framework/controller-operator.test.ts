import { deepEqual, equal, rejects } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ResourceEvent } from "@dot-i/k8s-operator";
import type { KubeObject, ResourceType } from "./api/kube-object.ts";
import { ControllerOperator } from "./controller-operator.ts";
import { FakeApi } from "./fake/fake-api.ts";
import { FakeClock, settle } from "./fake/fake-clock.ts";
import { FakeLog } from "./fake/fake-log.ts";
import { done } from "./reconciler.ts";

const pools: ResourceType = { group: "metallb.io", version: "v1beta1", plural: "ipaddresspools", kind: "IPAddressPool" };

/** An operator that watches pools in the library's way, and runs one controller of ours. */
class PoolOperator extends ControllerOperator {
  readonly events: string[] = [];
  readonly reconciled: string[] = [];
  failInit: Error | undefined;
  part: (signal: AbortSignal) => Promise<void> = () => Promise.resolve();

  protected async init(): Promise<void> {
    if (this.failInit !== undefined) throw this.failInit;
    await this.watchResource(pools.group, pools.version, pools.plural, (event) => this.#handle(event), undefined, pools.kind);
    const reconcile = async ({ name }: { readonly name: string }) => {
      this.reconciled.push(name);
      return done;
    };
    const controller = this.addController({ name: "pools", reconciler: { reconcile } });
    this.addInformer<KubeObject>({ type: pools, onChange: ({ key }) => controller.enqueue(key) });
    this.addPart({ name: "extra", start: (signal) => this.part(signal) });
  }

  async #handle(event: ResourceEvent): Promise<void> {
    const finished = await this.handleResourceFinalizer(event, "test/finalizer", async () => void this.events.push("finalized"));
    this.events.push(`${event.type} ${event.meta.name}`);
    if (!finished && event.type !== "DELETED") await this.patchResourceStatus(event.meta, { seen: true });
  }
}

function setup() {
  const api = new FakeApi();
  const clock = new FakeClock();
  const log = new FakeLog();
  const operator = new PoolOperator({ api, clock, log });
  const stop = new AbortController();
  return { api, clock, log, operator, stop };
}

const unset = process.env["KUBECONFIG"];
const directory = mkdtempSync(join(tmpdir(), "herald-operator-"));
const kubeconfig = {
  clusters: [{ name: "c", cluster: { server: "http://127.0.0.1:1" } }],
  users: [],
  contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
  "current-context": "x",
};

test.before(() => {
  writeFileSync(join(directory, "config"), JSON.stringify(kubeconfig));
  process.env["KUBECONFIG"] = join(directory, "config");
});
test.after(() => {
  rmSync(directory, { recursive: true });
  if (unset === undefined) delete process.env["KUBECONFIG"];
  else process.env["KUBECONFIG"] = unset;
});

test("run registers parts in init, feeds them, and ends when told, with no watch left", async () => {
  const { api, operator, stop } = setup();
  const running = operator.run(stop.signal);
  await settle();
  api.put(pools, { metadata: { name: "p" } });
  await settle();
  deepEqual(operator.reconciled.includes("p"), true);
  equal(api.openWatches, 2);
  stop.abort();
  await running;
  equal(api.openWatches, 0);
});

test("a lost connection is survived, and a deletion meanwhile is told", async () => {
  const { api, clock, operator, stop } = setup();
  const running = operator.run(stop.signal);
  await settle();
  api.put(pools, { metadata: { name: "p" } });
  await clock.advance(2000);
  api.breakWatches(new Error("connection reset"));
  api.put(pools, { metadata: { name: "p", finalizers: [] } });
  api.remove(pools, { name: "p" });
  api.compact();
  await clock.advance(2000);
  equal(operator.events.at(-1), "DELETED p");
  stop.abort();
  await running;
});

test("the library's finalizer and status calls work on our API", async () => {
  const { api, clock, operator, stop } = setup();
  const running = operator.run(stop.signal);
  await settle();
  api.put(pools, { metadata: { name: "p" } });
  await clock.advance(2000);
  const stored = api.peek<KubeObject & { readonly status?: object }>(pools, { name: "p" });
  deepEqual([stored?.metadata.finalizers, stored?.status], [["test/finalizer"], { seen: true }]);
  api.remove(pools, { name: "p" });
  await clock.advance(2000);
  equal(api.peek(pools, { name: "p" }), undefined);
  equal(operator.events.includes("finalized"), true);
  stop.abort();
  await running;
});

test("run waits for the last part to end", async () => {
  const { operator, stop } = setup();
  const gate = Promise.withResolvers<void>();
  operator.part = () => gate.promise;
  let ended = false;
  const running = operator.run(stop.signal).then(() => {
    ended = true;
  });
  await settle();
  stop.abort();
  await settle();
  equal(ended, false);
  gate.resolve();
  await running;
});

test("what init or a part throws ends run with that error, and nothing stays behind", async () => {
  const broken = setup();
  broken.operator.failInit = new Error("no such namespace");
  await rejects(broken.operator.run(broken.stop.signal), /no such namespace/);
  const { api, operator, stop, log } = setup();
  operator.part = () => Promise.reject(new Error("part broke"));
  await rejects(operator.run(stop.signal), /part broke/);
  equal(api.openWatches, 0);
  deepEqual(log.at("error"), ["a part of the operator failed; stopping"]);
});
