import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { emptyResources } from "../../crds/config/resources.ts";
import { resourceTypes, type Service } from "../../crds/types/kubernetes.ts";
import { annotations } from "../../crds/types/well-known.ts";
import { FakeApi } from "../../operator/framework/fake/fake-api.ts";
import { FakeClock } from "../../operator/framework/fake/fake-clock.ts";
import type { Scene } from "../admission/scene.ts";
import { PoolConsequences } from "./pool-consequences.ts";

const namespace = "metallb-system";

function pool(name: string, addresses: readonly string[], generation = 1, spec: object = {}): object {
  return { metadata: { name, namespace, generation }, spec: { addresses, ...spec } };
}

class Bench {
  readonly api = new FakeApi();
  readonly clock = new FakeClock();
  readonly #consequences = new PoolConsequences({ api: this.api, clock: this.clock });

  put(name: string, ip: string, spec: object = {}): void {
    this.api.put<Service>(resourceTypes.services, {
      metadata: { namespace: "default", name, annotations: { [annotations.ipAllocatedFromPool]: "a" } },
      spec: { type: "LoadBalancer", clusterIPs: ["10.96.0.1"], ...spec },
      status: { loadBalancer: { ingress: [{ ip }] } },
    });
  }

  async of(before: readonly object[], after: readonly object[], withinMs = 8_000): Promise<readonly string[]> {
    const [without, withRequest] = [before, after].map((pools) => ({ ...emptyResources, pools }));
    const scene: Scene = {
      namespace,
      backend: "herald",
      without: without ?? emptyResources,
      withRequest: withRequest ?? emptyResources,
      known: new Set(),
    };
    let done = false;
    const answer = this.#consequences.of(scene, this.clock.monotonic() + withinMs).finally(() => {
      done = true;
    });
    for (let turn = 0; turn < 100 && !done; turn++) await this.clock.advance(100);
    return answer;
  }

  get lists(): readonly string[] {
    return this.api.requests.map(({ type }) => type.plural).sort();
  }
}

const whole = [pool("a", ["10.0.0.0/24"])];
const half = [pool("a", ["10.0.0.0/25"], 2)];

test("a Service that loses its address is named with it", async () => {
  const bench = new Bench();
  bench.put("web", "10.0.0.5");
  bench.put("mail", "10.0.0.200");
  deepEqual(await bench.of(whole, half), [
    "1 Service loses an address by this, to get another where there is one: default/mail (10.0.0.200)",
  ]);
});

test("of many Services five are named and all counted", async () => {
  const bench = new Bench();
  for (let n = 0; n < 7; n++) bench.put(`s${n}`, `10.0.0.${n}`);
  deepEqual(await bench.of(whole, []), [
    "7 Services lose addresses by this, to get another where there is one: default/s0 (10.0.0.0), default/s1 (10.0.0.1), " +
      "default/s2 (10.0.0.2), default/s3 (10.0.0.3), default/s4 (10.0.0.4) and 2 more",
  ]);
});

test("nothing is said when nobody loses anything", async () => {
  const bench = new Bench();
  bench.put("web", "10.0.0.5");
  deepEqual(await bench.of(whole, half), []);
});

test("a write that changes no pool reads nothing", async () => {
  const bench = new Bench();
  deepEqual(await bench.of(whole, [pool("a", ["10.0.0.0/24"])]), []);
  deepEqual(bench.lists, []);
});

test("Services are read in pages, only those that can have an address", async () => {
  const bench = new Bench();
  bench.put("internal", "10.0.0.200", { type: "ClusterIP" });
  for (let n = 0; n < 1100; n++) bench.put(`s${n}`, `10.0.${128 + (n >> 8)}.${n & 255}`);
  const [warning = ""] = await bench.of([pool("a", ["10.0.0.0/16"])], half);
  equal(warning.startsWith("1100 Services lose"), true, warning);
  deepEqual(bench.lists, ["namespaces", "services", "services", "services"]);
  for (const { type, body } of bench.api.requests)
    equal(type.plural === "services" ? /"spec\.type=LoadBalancer"/.test(JSON.stringify(body)) : true, true);
});

test("namespaces that a pool selects are known", async () => {
  const bench = new Bench();
  bench.put("web", "10.0.0.5");
  bench.api.put(resourceTypes.namespaces, { metadata: { name: "default", labels: { team: "a" } } });
  const selecting = (team: string, generation: number) => [
    pool("a", ["10.0.0.0/24"], generation, { serviceAllocation: { namespaceSelectors: [{ matchLabels: { team } }] } }),
  ];
  equal((await bench.of(selecting("a", 1), selecting("b", 2))).length, 1);
  deepEqual(await bench.of(selecting("a", 1), selecting("a", 3)), []);
});

test("a pool that cannot be read keeps what it gave", async () => {
  const bench = new Bench();
  bench.put("mail", "10.0.0.200");
  deepEqual(await bench.of(whole, [pool("a", ["nonsense"], 2)]), []);
});

for (const what of ["are slow", "fail"] as const)
  for (const plural of ["services", "namespaces"])
    test(`when ${plural} ${what}, it is said that nobody looked, within two seconds`, async () => {
      const bench = new Bench();
      bench.put("mail", "10.0.0.200");
      if (what === "fail") bench.api.fail(({ type }) => type.plural === plural, new Error("connection reset"));
      else bench.api.hook(({ type }) => (type.plural === plural ? new Promise(() => undefined) : undefined));
      deepEqual(await bench.of(whole, half), [
        "it was not looked at whether Services lose addresses by this: they could not be read in time",
      ]);
      equal(bench.clock.monotonic() <= 2_000, true);
    });

test("of a short time to answer half is used at most", async () => {
  const bench = new Bench();
  bench.api.hook(() => new Promise(() => undefined));
  equal((await bench.of(whole, half, 1_000)).length, 1);
  equal(bench.clock.monotonic() <= 600, true);
});

test("pages that are still to come are not asked for once it took too long", async () => {
  const bench = new Bench();
  for (let n = 0; n < 600; n++) bench.put(`s${n}`, "10.0.0.201");
  let release = () => {};
  bench.api.hook(({ type }) =>
    type.plural === "services"
      ? new Promise<void>((resolve) => {
          release = resolve;
        })
      : undefined,
  );
  await bench.of(whole, half);
  release();
  await bench.clock.advance(1_000);
  equal(bench.lists.filter((plural) => plural === "services").length, 1);
});
