import { deepEqual, equal, match } from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Condition } from "../../crds/types/kubernetes.ts";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import { service } from "../allocation/fake/services.ts";
import type { KubeObject, ResourceType } from "../framework/api/kube-object.ts";
import type { Conditioned } from "./conditions-reconciler.ts";
import { FakeCluster, namespace } from "./fake/cluster.ts";

let cluster: FakeCluster;
beforeEach(() => {
  cluster = new FakeCluster();
});
afterEach(() => cluster.close());

type Pool = Conditioned & { readonly status?: Readonly<Record<string, unknown>> };

const put = (type: ResourceType, name: string, spec: object): KubeObject =>
  cluster.api.put(type, { metadata: { namespace, name }, spec } as KubeObject);
const poolStatus = (name: string): Readonly<Record<string, unknown>> =>
  cluster.api.peek<Pool>(resourceTypes.ipaddresspools, { namespace, name })?.status ?? {};
const conditions = (type: ResourceType, name: string): readonly Condition[] =>
  cluster.api.peek<Conditioned>(type, { namespace, name })?.status?.conditions ?? [];
const brief = (all: readonly Condition[]): readonly string[] =>
  all.map(({ type, status, reason, observedGeneration }) => `${type}=${status} ${reason} @${observedGeneration}`);
const writesOf = (plural: string): number =>
  cluster.api.requests.filter(({ verb, type }) => verb === "patch" && type.plural === plural).length;

describe("an IPAddressPool", () => {
  test("shows its counters and conditions after one write", async () => {
    cluster.putPool("p", ["10.0.0.0/29"]);
    put(resourceTypes.l2advertisements, "l2", {});
    await cluster.start();
    const { conditions: all, ...counters } = poolStatus("p");
    deepEqual(counters, { assignedIPv4: 0, assignedIPv6: 0, availableIPv4: 8, availableIPv6: 0 });
    deepEqual(brief(conditions(resourceTypes.ipaddresspools, "p")), ["Accepted=True Valid @1", "Referenced=True Advertised @1"]);
    equal(Array.isArray(all), true);
  });

  test("follows what is assigned, and is written seldom while much is", async () => {
    cluster.putPool("p", ["10.0.0.0/24"]);
    await cluster.start();
    const before = writesOf("ipaddresspools");
    for (let index = 0; index < 100; index++) cluster.api.put(resourceTypes.services, service(`s${index}`));
    await cluster.run(1_000);
    equal(poolStatus("p")["assignedIPv4"], 100);
    equal(writesOf("ipaddresspools") - before <= 6, true, `${writesOf("ipaddresspools") - before} writes`);
  });

  test("is put right when somebody edits its status", async () => {
    cluster.putPool("p", ["10.0.0.0/29"]);
    await cluster.start();
    await cluster.api.mergePatch(
      resourceTypes.ipaddresspools,
      { namespace, name: "p" },
      { status: { assignedIPv4: 77 } },
      { subresource: "status" },
    );
    await cluster.run();
    equal(poolStatus("p")["assignedIPv4"], 0);
  });

  test("that is broken says so and what stays in force", async () => {
    cluster.putPool("p", ["10.0.0.0/29"]);
    await cluster.start();
    cluster.putPool("p", ["10.0.0.9-10.0.0.1"]);
    await cluster.run();
    const [accepted] = conditions(resourceTypes.ipaddresspools, "p");
    equal(accepted?.status, "False");
    equal(accepted?.reason, "RangeReversed");
    match(accepted?.message ?? "", /last valid version stays in force/);
    equal(poolStatus("p")["availableIPv4"], 8);
  });

  test("that is valid and surely not meant so stays valid, and says so, as nodes get addresses", async () => {
    const node = (address: string) =>
      cluster.api.put(resourceTypes.nodes, {
        metadata: { name: "n1" },
        status: { addresses: [{ type: "InternalIP", address }] },
      } as KubeObject);
    node("192.0.2.1");
    cluster.putPool("p", ["10.0.0.1-10.0.0.9"]);
    await cluster.start();
    const accepted = () => {
      const [first] = conditions(resourceTypes.ipaddresspools, "p");
      return `${first?.status} ${first?.reason}: ${first?.message}`;
    };
    match(accepted(), /^True Valid: IPAddressPool "p": no advertisement selects this pool yet[^\n]*$/);
    put(resourceTypes.l2advertisements, "all", {});
    await cluster.run();
    equal(accepted(), "True Valid: ");
    node("10.0.0.5");
    await cluster.run();
    match(accepted(), /^True Valid: .*it holds 10\.0\.0\.5, the address of node "n1"/);
    node("192.0.2.1");
    await cluster.run();
    equal(accepted(), "True Valid: ");
  });

  test("is not written when nothing changed", async () => {
    cluster.putPool("p", ["10.0.0.0/29"]);
    await cluster.start();
    const before = writesOf("ipaddresspools");
    cluster.source.compile();
    await cluster.run();
    equal(writesOf("ipaddresspools"), before);
  });
});

test("an L2Advertisement says which pools it announces, or what it names in vain", async () => {
  cluster.putPool("p", ["10.0.0.0/29"]);
  put(resourceTypes.l2advertisements, "good", { ipAddressPools: ["p"] });
  put(resourceTypes.l2advertisements, "vain", { ipAddressPools: ["nope"] });
  await cluster.start();
  deepEqual(brief(conditions(resourceTypes.l2advertisements, "good")), ["Accepted=True Valid @1", "Referenced=True Resolved @1"]);
  deepEqual(brief(conditions(resourceTypes.l2advertisements, "vain")), [
    "Accepted=True Valid @1",
    "Referenced=False ReferenceUnresolved @1",
  ]);
});

test("with definitions that have no conditions only counters are written, and not again and again", async () => {
  const { mergePatch } = cluster.api;
  cluster.api.mergePatch = async (type, key, patch, options) => {
    const { status, ...rest } = patch as { readonly status?: { readonly conditions?: unknown } };
    if (status === undefined || type.group === "") return mergePatch.call(cluster.api, type, key, patch, options) as never;
    const { conditions: _, ...known } = status;
    return mergePatch.call(cluster.api, type, key, { ...rest, status: known }, options) as never;
  };
  cluster.putPool("p", ["10.0.0.0/29"]);
  put(resourceTypes.l2advertisements, "l2", {});
  await cluster.start();
  const before = cluster.api.requests.length;
  cluster.source.compile();
  await cluster.run();
  equal(poolStatus("p")["availableIPv4"], 8);
  deepEqual(cluster.api.requests.slice(before), []);
});

test("counters beyond 2^53 are written exactly, and once", async () => {
  const sent: string[] = [];
  const { mergePatch } = cluster.api;
  cluster.api.mergePatch = async (type, key, patch, options) => {
    const text = JSON.stringify(patch);
    if (type.plural === "ipaddresspools") sent.push(text);
    return mergePatch.call(cluster.api, type, key, JSON.parse(text), options) as never;
  };
  cluster.putPool("p", ["fd00::/64"]);
  await cluster.start();
  const before = sent.length;
  cluster.source.compile();
  await cluster.run();
  equal(sent.length, before);
  match(sent.at(-1) ?? "", /"availableIPv6":9223372036854775807[,}]/);
});
