import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { compile } from "../../crds/config/compile.ts";
import type { Finding } from "../../crds/config/finding.ts";
import { emptyResources, type Resources } from "../../crds/config/resources.ts";
import type { ConfigurationState } from "../../crds/types/configuration-state.ts";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { DerivedCondition } from "../../operator/framework/conditions.ts";
import { FakeApi } from "../../operator/framework/fake/fake-api.ts";
import { FakeClock } from "../../operator/framework/fake/fake-clock.ts";
import { ObjectStore } from "../../operator/framework/informer/object-store.ts";
import { createWriteLimiter } from "../../operator/framework/write/write-limiter.ts";
import { ConfigurationStateReconciler, configurationStateName, membershipCondition, reportOf } from "./configuration-state.ts";

const key = { namespace: "metallb-system", name: configurationStateName("n1") };
const type = resourceTypes.configurationstates;
const owner = { apiVersion: "v1", kind: "Pod", name: "speaker-n1", uid: "pod-uid" };

function finding(severity: Finding["severity"], message: string): Finding {
  return { code: "AddressInvalid", severity, object: { kind: "IPAddressPool", name: "pool" }, others: [], message };
}

function setUp() {
  const clock = new FakeClock();
  const api = new FakeApi(() => clock.now());
  const states = new ObjectStore<ConfigurationState>();
  let findings: readonly Finding[] | undefined;
  let remarks: readonly DerivedCondition[] = [];
  const limiter = createWriteLimiter({ clock });
  const deps = { states, findings: () => findings, remarks: () => remarks, api, limiter, clock, node: "n1", owner };
  const reconciler = new ConfigurationStateReconciler(deps);
  return {
    api,
    clock,
    reconciler,
    find: (found: readonly Finding[]): void => {
      findings = found;
    },
    remark: (made: readonly DerivedCondition[]): void => {
      remarks = made;
    },
    observe: (): ConfigurationState | undefined => {
      const present = api.peek<ConfigurationState>(type, key);
      states.set(`${key.namespace}/${key.name}`, present);
      return present;
    },
  };
}

test("the object is made at the start, before any configuration was compiled", async () => {
  const { reconciler, observe } = setUp();
  await reconciler.reconcile(key);
  const made = observe();
  deepEqual(made?.metadata.labels, { "metallb.io/component-type": "speaker", "metallb.io/node-name": "n1" });
  deepEqual(made?.metadata.ownerReferences, [owner]);
  equal(made?.status, undefined);
});

test("a valid configuration is reported as True, Reconciled, Valid", async () => {
  const { reconciler, observe, find, clock } = setUp();
  find([finding("warning", "odd"), finding("pending", "later")]);
  await reconciler.reconcile(key);
  const lastTransitionTime = `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
  const condition = { type: "configReconcilerValid", status: "True", reason: "Reconciled", message: "", lastTransitionTime };
  deepEqual(observe()?.status, { conditions: [condition], result: "Valid", errorSummary: "" });
});

test("errors make it False, ConfigurationError, Invalid, with all messages", () => {
  const { condition, result, errorSummary } = reportOf([
    finding("error", "one"),
    finding("warning", "odd"),
    finding("error", "two"),
  ]);
  deepEqual(
    [condition.status, condition.reason, condition.message, result],
    ["False", "ConfigurationError", "configuration error: one\nconfiguration error: two", "Invalid"],
  );
  equal(errorSummary, condition.message);
});

test("a reference that MetalLB takes for an error is reported as one, in MetalLB's words and without the remedy", () => {
  const message = "peer p referencing non existing bfd profile b";
  const object = { kind: "BGPPeer", name: "p" };
  const pending: Finding = { code: "BfdProfileMissing", severity: "pending", object, others: [], message, remedy: "Create it." };
  const { result, errorSummary } = reportOf([pending]);
  deepEqual([result, errorSummary], ["Invalid", "configuration error: peer p referencing non existing bfd profile b"]);
  equal(reportOf([{ ...pending, code: "ReferenceUnresolved" }]).result, "Valid");
});

const peer = (name: string, spec: object) => ({
  metadata: { name, namespace: "metallb-system" },
  spec: { myASN: 1, peerASN: 2, peerAddress: "10.0.0.1", ...spec },
});
const withSecret = { bgpPeers: [peer("p", { passwordSecret: { name: "s" } })] };
const waitedFor: readonly (readonly [what: string, resources: Partial<Resources>, summary: string])[] = [
  [
    "a BFD profile that is not there",
    { bgpPeers: [peer("p", { bfdProfile: "b" })] },
    "configuration error: peer p referencing non existing bfd profile b",
  ],
  [
    "a Secret that is not there",
    { ...withSecret, secrets: [] },
    'configuration error: parsing peer p secret ref not found for peer config "metallb-system"/"p"\nfailed to parse peer p password secret',
  ],
  [
    "a Secret of another type",
    { ...withSecret, secrets: [{ metadata: { name: "s" }, type: "Opaque", octets: { password: 1 } }] },
    'configuration error: parsing peer p secret type mismatch on "metallb-system"/"s", type "kubernetes.io/basic-auth" is expected \n' +
      "failed to parse peer p password secret",
  ],
  [
    "a community that nothing defines",
    { bgpAdvertisements: [{ metadata: { name: "ad" }, spec: { communities: ["later"] } }] },
    'configuration error: invalid community format: later\ninvalid community "later" in BGP advertisement',
  ],
  [
    "two peers of one address on one node",
    { bgpPeers: [peer("p", {}), peer("q", {})] },
    "configuration error: peer 10.0.0.1 already exists, FRR mode doesn't support duplicate BGPPeers selecting the same node",
  ],
];
for (const [what, resources, summary] of waitedFor)
  test(`the summary of ${what} is MetalLB's to the letter: scripts wait for it`, () => {
    const { findings } = compile({ ...emptyResources, ...resources }, { backend: "frr" });
    deepEqual(reportOf(findings), {
      ...reportOf(findings),
      result: "Invalid",
      errorSummary: summary,
    });
  });

test("a remark stands beside the verdict and leaves it Valid, and goes when it is made no more", async () => {
  const { reconciler, observe, find, remark } = setUp();
  const typesOf = (state: ConfigurationState | undefined) => state?.status?.conditions?.map((condition) => condition.type);
  find([]);
  remark([{ type: "addressesUnreachable", status: "True", reason: "SubnetNotReached", message: "default/web" }]);
  await reconciler.reconcile(key);
  const told = observe();
  deepEqual([typesOf(told), told?.status?.result], [["addressesUnreachable", "configReconcilerValid"], "Valid"]);
  remark([]);
  await reconciler.reconcile(key);
  deepEqual(typesOf(observe()), ["configReconcilerValid"]);
});

test("a remark that changes its words keeps the time at which it was first made", async () => {
  const { reconciler, observe, find, remark, clock } = setUp();
  const one = { type: "addressesUnreachable", status: "True", reason: "SubnetNotReached" } as const;
  find([]);
  remark([{ ...one, message: "default/web" }]);
  await reconciler.reconcile(key);
  const since = observe()?.status?.conditions?.[0]?.lastTransitionTime;
  await clock.advance(10_000);
  remark([{ ...one, message: "default/api" }]);
  await reconciler.reconcile(key);
  const { message, lastTransitionTime } = observe()?.status?.conditions?.[0] ?? {};
  deepEqual([message, lastTransitionTime], ["default/api", since]);
});

test("nothing is written while nothing changed", async () => {
  const { reconciler, observe, find, api } = setUp();
  find([]);
  await reconciler.reconcile(key);
  observe();
  const before = api.requests.length;
  await reconciler.reconcile(key);
  equal(api.requests.length, before);
});

test("an object that somebody deleted is made again with its status", async () => {
  const { reconciler, observe, find, api } = setUp();
  find([]);
  await reconciler.reconcile(key);
  observe();
  api.remove(type, key);
  observe();
  await reconciler.reconcile(key);
  equal(observe()?.status?.result, "Valid");
});

test("an object that is there already but not yet seen is taken over", async () => {
  const { reconciler, observe, find, api } = setUp();
  api.put(type, { metadata: key });
  find([]);
  await reconciler.reconcile(key);
  equal(observe()?.status?.result, "Valid");
});

test("more errors than a condition may hold are cut at a whole message, and counted", () => {
  const one = (i: number): Finding => finding("error", `pool ${i}: ${"x".repeat(500)}`);
  const { condition, errorSummary } = reportOf(Array.from({ length: 100 }, (_, i) => one(i)));
  const lines = condition.message.split("\n");
  equal(condition.message.length <= 32_768, true);
  equal(errorSummary, condition.message);
  equal(lines.at(-2), `configuration error: ${one(lines.length - 2).message}`);
  equal(lines.at(-1), `and ${100 - (lines.length - 1)} more`);
  const huge = reportOf([finding("error", "y".repeat(40_000))]).condition.message;
  equal(/^configuration error: y+\.\.\.$/.test(huge) && huge.length, 32_731);
});

test("while membership is not as it should be a condition says so, and the configuration stays valid", async () => {
  const { reconciler, observe, find, remark } = setUp();
  find([]);
  remark([membershipCondition(["no other speaker is heard", "the port is filtered"])].filter((one) => one !== undefined));
  await reconciler.reconcile(key);
  const [, condition] = observe()?.status?.conditions ?? [];
  deepEqual(
    [condition?.type, condition?.status, condition?.reason, condition?.message],
    ["membershipDegraded", "True", "Degraded", "no other speaker is heard\nthe port is filtered"],
  );
  equal(observe()?.status?.result, "Valid");
  remark([]);
  await reconciler.reconcile(key);
  deepEqual(
    observe()?.status?.conditions?.map((one) => one.type),
    ["configReconcilerValid"],
  );
});
