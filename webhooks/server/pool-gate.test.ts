import { deepEqual, equal, match } from "node:assert/strict";
import { afterEach, test } from "node:test";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import { heraldAnnotations } from "../../crds/types/well-known.ts";
import { KubeError } from "../../operator/framework/api/kube-api.ts";
import type { KubeObject } from "../../operator/framework/api/kube-object.ts";
import { FakeApi } from "../../operator/framework/fake/fake-api.ts";
import { FakeClock, settle } from "../../operator/framework/fake/fake-clock.ts";
import { FakeLog } from "../../operator/framework/fake/fake-log.ts";
import type { AdmissionRequest, Verdict } from "../admission/request.ts";
import { claimLeaseName } from "./claim-store.ts";
import { LiveResources } from "./live-resources.ts";
import { PoolGate } from "./pool-gate.ts";

const namespace = "metallb-system";
const leaseKey = { namespace, name: claimLeaseName };

type Pool = KubeObject & { readonly spec: { readonly addresses: readonly string[] } };

let stop = new AbortController();
afterEach(() => stop.abort());

class Cluster {
  readonly api = new FakeApi();
  readonly clock = new FakeClock();
  readonly gates: readonly PoolGate[];
  #asked = 0;

  constructor(replicas = 2) {
    stop = new AbortController();
    const live = new LiveResources({ api: this.api, namespace, clock: this.clock });
    const options = {
      api: this.api,
      live,
      policy: { namespace, backend: "herald" } as const,
      clock: this.clock,
      log: new FakeLog(),
      signal: stop.signal,
    };
    this.gates = Array.from({ length: replicas }, () => new PoolGate(options));
    for (const gate of this.gates) void gate.start();
  }

  request(name: string, addresses: readonly string[], dryRun = false): AdmissionRequest & { readonly object: Pool } {
    const uid = `ask-${++this.#asked}`;
    const object = {
      metadata: { name, namespace, uid: `uid-${this.#asked}`, generation: 1 },
      spec: { addresses, avoidBuggyIPs: true },
    };
    return { uid, kind: "IPAddressPool", operation: "CREATE", namespace, name, object, oldObject: undefined, dryRun };
  }

  /** Time passes until the gate has answered. */
  async answer(verdict: Promise<Verdict>): Promise<Verdict> {
    let done = false;
    const finished = verdict.finally(() => {
      done = true;
    });
    for (let turn = 0; turn < 200 && !done; turn++) await this.clock.advance(25);
    return finished;
  }

  /** What the API server does with a creation: ask one replica, then store. */
  async create(replica: number, name: string, addresses: readonly string[]): Promise<Verdict> {
    const request = this.request(name, addresses);
    const { verdict } = (await this.gates[replica]?.admit(request)) ?? { verdict: { allowed: true, warnings: [] } };
    if (verdict.allowed) this.store(request.object);
    return verdict;
  }

  store(object: Pool): void {
    const { generation: _, ...metadata } = object.metadata;
    this.api.put<Pool>(resourceTypes.ipaddresspools, { ...object, metadata });
  }

  get claimed(): string {
    return this.api.peek(resourceTypes.leases, leaseKey)?.metadata.annotations?.[heraldAnnotations.admissionClaims] ?? "";
  }
}

test("of two overlapping pools created through two replicas at once exactly one is stored, 200 times", async () => {
  let seed = 7;
  const chance = () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed / 2147483648;
  };
  for (let round = 0; round < 200; round++) {
    const cluster = new Cluster();
    cluster.api.hook(async () => {
      for (let wait = Math.floor(chance() * 4); wait > 0; wait--) await Promise.resolve();
    });
    const both = [cluster.create(0, "a", ["10.0.0.0/24"]), cluster.create(1, "b", ["10.0.0.0-10.0.0.9"])];
    const verdicts = await Promise.all(both.map((each) => cluster.answer(each)));
    equal(verdicts.filter(({ allowed }) => allowed).length, 1, `round ${round}`);
    equal((await cluster.api.list(resourceTypes.ipaddresspools, { namespace })).length, 1);
    stop.abort();
  }
});

test("two overlapping pools through one replica at once: exactly one", async () => {
  const cluster = new Cluster(1);
  const both = [cluster.create(0, "a", ["10.0.0.0/24"]), cluster.create(0, "b", ["10.0.0.0/24"])];
  const verdicts = await Promise.all(both.map((each) => cluster.answer(each)));
  equal(verdicts.filter(({ allowed }) => allowed).length, 1);
});

test("pools that do not overlap are all admitted, however many come at once", async () => {
  const cluster = new Cluster();
  const all = Array.from({ length: 40 }, (_, n) => cluster.create(n % 2, `p${n}`, [`10.0.${n}.0/24`]));
  for (const { allowed } of await Promise.all(all.map((each) => cluster.answer(each)))) equal(allowed, true);
});

test("a claim is taken back once its pool is seen, and by then only", async () => {
  const cluster = new Cluster();
  const request = cluster.request("a", ["10.0.0.0/24"]);
  await cluster.gates[0]?.admit(request);
  await settle();
  match(cluster.claimed, /10\.0\.0\.0\/24/);
  cluster.store(request.object);
  await settle();
  equal(cluster.claimed, "[]");
});

test("a claim is stored although another one is taken back in the same turn", async () => {
  const cluster = new Cluster(1);
  const [first, second, third] = ["a", "b", "c"].map((name, n) => cluster.request(name, [`10.0.${n}.0/24`]));
  if (first === undefined || second === undefined || third === undefined) throw new Error("three requests");
  await cluster.gates[0]?.admit(first);
  await settle();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const stop = cluster.api.hook(({ type }) => (type.plural === "leases" ? held : undefined));
  const answers = [cluster.gates[0]?.admit(second)];
  await settle();
  cluster.store(first.object);
  await settle();
  answers.push(cluster.gates[0]?.admit(third));
  stop();
  release();
  for (const answer of answers) equal((await answer)?.verdict.allowed, true);
  match(cluster.claimed, /"pool":"b".*"pool":"c"/);
});

test("a pool's addresses are free again at once when it was created and deleted", async () => {
  const cluster = new Cluster();
  for (let round = 0; round < 5; round++) {
    equal((await cluster.answer(cluster.create(round % 2, `p${round}`, ["10.0.0.0/24"]))).allowed, true, `round ${round}`);
    cluster.api.remove(resourceTypes.ipaddresspools, { namespace, name: `p${round}` });
  }
});

test("a write that only a claim stands against waits for the outcome", async () => {
  const cluster = new Cluster();
  const first = cluster.request("a", ["10.0.0.0/24"]);
  await cluster.gates[0]?.admit(first);
  const second = cluster.create(1, "b", ["10.0.0.0/24"]);
  await cluster.clock.advance(1_000);
  cluster.store(first.object);
  cluster.api.remove(resourceTypes.ipaddresspools, { namespace, name: "a" });
  equal((await cluster.answer(second)).allowed, true);
});

test("a pool that was allowed and never stored holds its addresses for a minute, and the denial says so", async () => {
  const cluster = new Cluster();
  await cluster.gates[0]?.admit(cluster.request("lost", ["10.0.0.0/24"]));
  const denied = await cluster.answer(cluster.create(1, "b", ["10.0.0.0/24"]));
  match(denied.allowed ? "" : denied.reasons.join(), /pool "lost" was admitted a moment ago/);
  await cluster.clock.advance(60_000);
  equal((await cluster.answer(cluster.create(1, "b", ["10.0.0.0/24"]))).allowed, true);
});

test("a dry run leaves no claim", async () => {
  const cluster = new Cluster();
  equal((await cluster.gates[0]?.admit(cluster.request("a", ["10.0.0.0/24"], true)))?.verdict.allowed, true);
  equal(cluster.claimed, "");
});

test("a claim that cannot be stored is a refusal that says why", async () => {
  const cluster = new Cluster();
  cluster.api.fail(({ type }) => type.plural === "leases", new KubeError("leases is forbidden", 403, "Forbidden"));
  const verdict = await cluster.answer(cluster.create(0, "a", ["10.0.0.0/24"]));
  match(
    verdict.allowed ? "" : verdict.reasons.join(),
    /overlaps with no other: leases is forbidden\. Nothing was stored; try again/,
  );
  equal((await cluster.answer(cluster.create(0, "a", ["10.0.0.0/24"]))).allowed, true);
});

test("a list that fails is a refusal that says why", async () => {
  const cluster = new Cluster();
  await settle();
  cluster.api.fail(({ verb, type }) => verb === "list" && type.plural === "ipaddresspools", new Error("connection reset"));
  const verdict = await cluster.answer(cluster.create(0, "a", ["10.0.0.0/24"]));
  match(verdict.allowed ? "" : verdict.reasons.join(), /connection reset/);
});

test("an annotation that somebody else wrote is a refusal that says what to do", async () => {
  const cluster = new Cluster();
  cluster.api.put(resourceTypes.leases, {
    metadata: { ...leaseKey, annotations: { [heraldAnnotations.admissionClaims]: "mine" } },
  });
  const verdict = await cluster.answer(cluster.create(0, "a", ["10.0.0.0/24"]));
  match(verdict.allowed ? "" : verdict.reasons.join(), /delete that Lease/);
});

test("a Lease that is deleted in between is made again", async () => {
  const cluster = new Cluster();
  await cluster.answer(cluster.create(0, "a", ["10.0.0.0/24"]));
  await settle();
  let once = true;
  cluster.api.hook(({ verb }) => {
    if (verb !== "list" || !once) return;
    once = false;
    cluster.api.remove(resourceTypes.leases, leaseKey);
  });
  equal((await cluster.answer(cluster.create(0, "b", ["10.0.1.0/24"]))).allowed, true);
});

test("a pool is read from the API server at each request, never from a copy", async () => {
  const cluster = new Cluster();
  await settle();
  const { length } = cluster.api.requests;
  cluster.api.breakWatches();
  cluster.store(cluster.request("a", ["10.0.0.0/24"]).object);
  equal((await cluster.answer(cluster.create(0, "b", ["10.0.0.0/24"]))).allowed, false);
  deepEqual(
    cluster.api.requests
      .slice(length)
      .filter(({ verb, type }) => verb !== "watch" && /leases|pools/.test(type.plural))
      .slice(0, 2)
      .map(({ verb, type }) => `${verb} ${type.plural}`),
    ["get leases", "list ipaddresspools"],
  );
});

test("a claim whose write never came to pass is nobody's business once it has expired", async () => {
  const cluster = new Cluster(1);
  await settle();
  const request = cluster.request("lost", ["10.0.0.0/24"]);
  const [gate] = cluster.gates;
  equal((await gate?.admit(request))?.verdict.allowed, true);
  await cluster.clock.advance(61_000);
  const before = cluster.api.requests.filter(({ type }) => type.plural === "leases").length;
  cluster.store(request.object);
  await settle();
  equal(cluster.api.requests.filter(({ type }) => type.plural === "leases").length, before);
});
