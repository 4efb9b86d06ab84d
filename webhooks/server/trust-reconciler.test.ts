import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { KubeObject } from "../../operator/framework/api/kube-object.ts";
import { FakeApi } from "../../operator/framework/fake/fake-api.ts";
import { FakeClock } from "../../operator/framework/fake/fake-clock.ts";
import { FakeLog } from "../../operator/framework/fake/fake-log.ts";
import { trusts } from "./ca-bundle.ts";
import type { Definition } from "./converted-definition.ts";
import type { ServedCertificate } from "./serving-certificate.ts";
import { TrustReconciler } from "./trust-reconciler.ts";
import type { WebhookConfiguration } from "./webhook-configuration.ts";

const namespace = "metallb-system";
const pod = { namespace, name: "controller-0" };
const configurationKey = { name: "metallb-webhook-configuration" };
const definitionKey = { name: "bgppeers.metallb.io" };

function certificate(letter: string, serial = 1): ServedCertificate {
  const authority = `-----BEGIN CERTIFICATE-----\n${letter.repeat(4)}\n-----END CERTIFICATE-----`;
  return { authority, serving: { cert: `${letter}${serial}`, key: "key" } };
}

class Bench {
  readonly api = new FakeApi();
  readonly clock = new FakeClock();
  readonly log = new FakeLog();
  readonly served: string[] = [];
  present = certificate("A");
  readonly trust = this.replica(pod);

  constructor() {
    this.api.put(resourceTypes.validatingwebhookconfigurations, { metadata: configurationKey });
    this.api.put<Definition>(resourceTypes.customresourcedefinitions, {
      metadata: definitionKey,
      spec: { conversion: { strategy: "Webhook", webhook: { clientConfig: {} } } },
    });
    this.setReady("False");
  }

  replica(key: typeof pod | undefined): TrustReconciler {
    return new TrustReconciler({
      api: this.api,
      clock: this.clock,
      log: this.log,
      service: { namespace, name: "metallb-webhook-service" },
      pod: key,
      certificate: async () => this.present,
      serve: async ({ serving }) => void this.served.push(serving.cert),
    });
  }

  setReady(status: string, lastTransitionTime?: string): void {
    const condition = { type: "Ready", status, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) };
    this.api.put<KubeObject>(resourceTypes.pods, Object.assign({ metadata: pod }, { status: { conditions: [condition] } }));
  }

  get configuration(): WebhookConfiguration | undefined {
    return this.api.peek<WebhookConfiguration>(resourceTypes.validatingwebhookconfigurations, configurationKey);
  }

  get policies(): readonly unknown[] {
    const denying = this.configuration?.webhooks?.filter(({ name }) => name.endsWith(".metallb.io")) ?? [];
    return [...new Set(denying.map((entry) => entry.failurePolicy))];
  }

  get conversionBundle(): string | undefined {
    const definition = this.api.peek<Definition>(resourceTypes.customresourcedefinitions, definitionKey);
    return definition?.spec?.conversion?.webhook?.clientConfig?.caBundle;
  }

  get writes(): number {
    return this.api.requests.filter(({ verb }) => verb === "patch").length;
  }
}

test("the certificate is served, then trusted everywhere, then the replica is in place", async () => {
  const bench = new Bench();
  equal(bench.trust.inPlace, false);
  await bench.trust.reconcile();
  deepEqual(bench.served, ["A1"]);
  equal(
    bench.configuration?.webhooks?.every((entry) => trusts(entry.clientConfig.caBundle, bench.present.authority ?? "")),
    true,
  );
  equal(trusts(bench.conversionBundle, bench.present.authority ?? ""), true);
  equal(bench.trust.inPlace, true);
});

test("nothing is written when nothing changed", async () => {
  const bench = new Bench();
  await bench.trust.reconcile();
  const { writes } = bench;
  await bench.trust.reconcile();
  await bench.replica(pod).reconcile();
  equal(bench.writes, writes);
  deepEqual(bench.served, ["A1", "A1"], "each replica serves once");
});

test("failures are ignored until a Pod has been Ready for five seconds", async () => {
  const bench = new Bench();
  equal((await bench.trust.reconcile()).requeueAfterMs, 1_000);
  bench.clock.tick(60_000);
  await bench.trust.reconcile();
  deepEqual(bench.policies, ["Ignore"]);
  bench.setReady("True");
  await bench.trust.reconcile();
  bench.clock.tick(4_999);
  await bench.trust.reconcile();
  deepEqual(bench.policies, ["Ignore"]);
  bench.clock.tick(1);
  await bench.trust.reconcile();
  deepEqual(bench.policies, ["Fail"]);
});

test("a Pod that stops being Ready begins its five seconds again", async () => {
  const bench = new Bench();
  bench.setReady("True");
  await bench.trust.reconcile();
  bench.clock.tick(4_000);
  bench.setReady("False");
  await bench.trust.reconcile();
  bench.setReady("True");
  bench.clock.tick(4_000);
  await bench.trust.reconcile();
  deepEqual(bench.policies, ["Ignore"]);
});

test("entries emptied by another tool come back, strict at once while the Pod is in service", async () => {
  const bench = new Bench();
  bench.setReady("True");
  await bench.trust.reconcile();
  bench.clock.tick(5_000);
  await bench.trust.reconcile();
  bench.api.put(resourceTypes.validatingwebhookconfigurations, { metadata: configurationKey });
  await bench.trust.reconcile();
  deepEqual(bench.policies, ["Fail"]);
});

test("a Pod that says since when it is Ready is taken at its word", async () => {
  const bench = new Bench();
  bench.clock.tick(60_000);
  bench.setReady("True", new Date(bench.clock.now() - 4_000).toISOString());
  await bench.trust.reconcile();
  deepEqual(bench.policies, ["Ignore"]);
  bench.setReady("True", new Date(bench.clock.now() - 5_000).toISOString());
  await bench.trust.reconcile();
  deepEqual(bench.policies, ["Fail"]);
});

test("outside of a cluster, serving counts as being in service", async () => {
  const bench = new Bench();
  const trust = bench.replica(undefined);
  await trust.reconcile();
  bench.clock.tick(5_000);
  await trust.reconcile();
  deepEqual(bench.policies, ["Fail"]);
});

test("a renewed serving certificate of the same authority is served without a write", async () => {
  const bench = new Bench();
  await bench.trust.reconcile();
  const { writes } = bench;
  bench.present = certificate("A", 2);
  await bench.trust.reconcile();
  deepEqual([bench.served, bench.writes], [["A1", "A2"], writes]);
});

test("a new authority is trusted beside the former one for ten seconds before its certificate is served, and alone ten minutes later", async () => {
  const bench = new Bench();
  const former = bench.present;
  await bench.trust.reconcile();
  bench.present = certificate("B");
  await bench.trust.reconcile();
  for (const authority of [former.authority, bench.present.authority])
    equal(trusts(bench.conversionBundle, authority ?? ""), true);
  bench.clock.tick(9_999);
  await bench.trust.reconcile();
  deepEqual(bench.served, ["A1"]);
  bench.clock.tick(1);
  await bench.trust.reconcile();
  deepEqual(bench.served, ["A1", "B1"]);
  bench.clock.tick(590_000);
  await bench.trust.reconcile();
  equal(trusts(bench.conversionBundle, former.authority ?? ""), false);
  equal(trusts(bench.conversionBundle, bench.present.authority ?? ""), true);
});

test("certificates are looked at every twelve hours when nothing else happens, and the first time after ten minutes", async () => {
  const bench = new Bench();
  bench.setReady("True", new Date(0).toISOString());
  equal((await bench.trust.reconcile()).requeueAfterMs, 600_000);
  bench.clock.tick(600_000);
  equal((await bench.trust.reconcile()).requeueAfterMs, 12 * 3_600_000);
});

test("the ten seconds count from when the authority is trusted everywhere", async () => {
  const bench = new Bench();
  bench.setReady("True", new Date(0).toISOString());
  await bench.trust.reconcile();
  bench.present = certificate("B");
  bench.api.fail(({ verb, type }) => verb === "patch" && type.plural === "customresourcedefinitions", new Error("reset"));
  await rejects(bench.trust.reconcile());
  bench.clock.tick(60_000);
  const { requeueAfterMs } = await bench.trust.reconcile();
  deepEqual([bench.served, requeueAfterMs], [["A1"], 10_000]);
  bench.clock.tick(4_000);
  equal((await bench.trust.reconcile()).requeueAfterMs, 6_000);
});

test("a replica stays in place while a new authority cannot be made known", async () => {
  const bench = new Bench();
  await bench.trust.reconcile();
  bench.present = certificate("B");
  bench.api.fail(({ verb }) => verb === "patch", new Error("connection reset"));
  await rejects(bench.trust.reconcile());
  deepEqual([bench.trust.inPlace, bench.served], [true, ["A1"]]);
});

test("replicas that start one after the other agree: none writes what another trimmed or added", async () => {
  const bench = new Bench();
  await bench.trust.reconcile();
  bench.present = certificate("B");
  await bench.trust.reconcile();
  bench.clock.tick(600_000);
  const late = bench.replica(pod);
  await late.reconcile();
  await bench.trust.reconcile();
  const { writes } = bench;
  await late.reconcile();
  equal(bench.writes, writes);
});

test("a wiped caBundle takes the replica out of place until it is back", async () => {
  const bench = new Bench();
  await bench.trust.reconcile();
  bench.api.put<Definition>(resourceTypes.customresourcedefinitions, {
    metadata: definitionKey,
    spec: { conversion: { strategy: "Webhook", webhook: { clientConfig: {} } } },
  });
  bench.api.fail(({ verb }) => verb === "patch", new Error("connection reset"));
  await rejects(bench.trust.reconcile(), /connection reset/);
  equal(bench.trust.inPlace, false);
  await bench.trust.reconcile();
  equal(bench.trust.inPlace, true);
});

test("an API server that does not answer does not take a replica out of place", async () => {
  const bench = new Bench();
  await bench.trust.reconcile();
  bench.api.fail(() => true, new Error("connection refused"), 10);
  await rejects(bench.trust.reconcile());
  equal(bench.trust.inPlace, true);
});

test("objects that do not exist are passed over, and each is named once in the log", async () => {
  const bench = new Bench();
  bench.api.remove(resourceTypes.validatingwebhookconfigurations, configurationKey);
  bench.api.remove(resourceTypes.customresourcedefinitions, definitionKey);
  await bench.trust.reconcile();
  await bench.trust.reconcile();
  equal(bench.trust.inPlace, true);
  const [configuration, definition, ...more] = bench.log.at("warn");
  match(configuration ?? "", /^ValidatingWebhookConfiguration "metallb-webhook-configuration" does not exist/);
  match(definition ?? "", /^CustomResourceDefinition "bgppeers\.metallb\.io" does not exist/);
  deepEqual(more, []);
});

test("a CRD that converts without a webhook is left alone", async () => {
  const bench = new Bench();
  bench.api.put<Definition>(resourceTypes.customresourcedefinitions, {
    metadata: definitionKey,
    spec: { conversion: { strategy: "None" } },
  });
  await bench.trust.reconcile();
  equal(bench.conversionBundle, undefined);
  equal(bench.trust.inPlace, true);
});

test("writes carry the version they were decided on, under MetalLB's field manager", async () => {
  const bench = new Bench();
  await bench.trust.reconcile();
  for (const { body, fieldManager } of bench.api.requests.filter(({ verb }) => verb === "patch")) {
    equal(fieldManager, "MetalLB");
    equal(typeof (body as { metadata: { resourceVersion?: string } }).metadata.resourceVersion, "string");
  }
});
