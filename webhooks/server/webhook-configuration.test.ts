import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { heraldAnnotations } from "../../crds/types/well-known.ts";
import { applyMergePatch } from "../../operator/framework/api/merge-patch.ts";
import { registrations } from "./registrations.ts";
import {
  isProvisional,
  isRegistered,
  type Registrar,
  registrationPatch,
  type WebhookConfiguration,
} from "./webhook-configuration.ts";

const authority = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
const service = { namespace: "metallb-system", name: "metallb-webhook-service" };
const registrar: Registrar = { service, authority, trim: false, reachable: false };

function configuration(
  annotations: Record<string, string> = {},
  webhooks?: WebhookConfiguration["webhooks"],
): WebhookConfiguration {
  return { metadata: { name: "metallb-webhook-configuration", annotations }, ...(webhooks === undefined ? {} : { webhooks }) };
}

function patched(before: WebhookConfiguration, changes: Partial<Registrar> = {}): WebhookConfiguration {
  const patch = registrationPatch(before, { ...registrar, ...changes });
  return patch === undefined ? before : (applyMergePatch(before, patch) as WebhookConfiguration);
}

function policies({ webhooks = [] }: WebhookConfiguration): readonly unknown[] {
  return [...new Set(webhooks.filter(({ name }) => name.endsWith(".metallb.io")).map((entry) => entry.failurePolicy))];
}

const provisional = patched(configuration());
const final = patched(provisional, { reachable: true });

test("the endpoints that can deny are MetalLB's", () => {
  deepEqual(
    registrations
      .filter(({ onlyWarns }) => !onlyWarns)
      .map(({ name, path, operations, version, resource }) => [name, path, operations.join(), version, resource]),
    [
      ["bfdprofilevalidationwebhook", "/validate-metallb-io-v1beta1-bfdprofile", "CREATE,DELETE", "v1beta1", "bfdprofiles"],
      [
        "bgpadvertisementvalidationwebhook",
        "/validate-metallb-io-v1beta1-bgpadvertisement",
        "CREATE,UPDATE",
        "v1beta1",
        "bgpadvertisements",
      ],
      ["bgppeersvalidationwebhook", "/validate-metallb-io-v1beta2-bgppeer", "CREATE,UPDATE", "v1beta2", "bgppeers"],
      ["communityvalidationwebhook", "/validate-metallb-io-v1beta1-community", "CREATE,UPDATE", "v1beta1", "communities"],
      [
        "ipaddresspoolvalidationwebhook",
        "/validate-metallb-io-v1beta1-ipaddresspool",
        "CREATE,UPDATE",
        "v1beta1",
        "ipaddresspools",
      ],
      [
        "l2advertisementvalidationwebhook",
        "/validate-metallb-io-v1beta1-l2advertisement",
        "CREATE,UPDATE",
        "v1beta1",
        "l2advertisements",
      ],
    ].map(([name, ...rest]) => [`${name}.metallb.io`, ...rest]),
  );
});

test("a configuration without entries gets all of them, ignoring failures while no replica is in service", () => {
  equal(
    isRegistered(provisional, (caBundle) => caBundle !== undefined),
    true,
  );
  equal(isProvisional(provisional), true);
  deepEqual(policies(provisional), ["Ignore"]);
});

test("an entry has what MetalLB's manifests give it", () => {
  deepEqual(
    final.webhooks?.find(({ name }) => name.startsWith("ipaddresspool")),
    {
      name: "ipaddresspoolvalidationwebhook.metallb.io",
      clientConfig: {
        service: { ...service, path: "/validate-metallb-io-v1beta1-ipaddresspool", port: 443 },
        caBundle: Buffer.from(`${authority}\n`).toString("base64"),
      },
      failurePolicy: "Fail",
      rules: [
        {
          apiGroups: ["metallb.io"],
          apiVersions: ["v1beta1"],
          operations: ["CREATE", "UPDATE"],
          resources: ["ipaddresspools"],
          scope: "*",
        },
      ],
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
    },
  );
});

test("once a replica is in service, failures refuse the write and the mark goes", () => {
  deepEqual(policies(final), ["Fail"]);
  equal(isProvisional(final), false);
});

test("a configuration that is as it should be is not written", () => {
  equal(registrationPatch(provisional, registrar), undefined);
  equal(registrationPatch(final, registrar), undefined, "and a replica that is not in service does not loosen it");
});

test("the author's failure policy holds, on all entries and at any time", () => {
  const wish = { [heraldAnnotations.webhookFailurePolicy]: "Ignore" };
  deepEqual(policies(patched(configuration(wish), { reachable: true })), ["Ignore"]);
  deepEqual(policies(patched({ ...final, metadata: { ...final.metadata, annotations: wish } })), ["Ignore"]);
  const back = { ...final, metadata: { ...final.metadata, annotations: { [heraldAnnotations.webhookFailurePolicy]: "Fail" } } };
  deepEqual(policies(patched(back)), ["Fail"]);
});

test("entries that somebody else wrote keep their policy, timeout and selectors, and get the authority", () => {
  const webhooks = final.webhooks?.map((entry) => ({
    ...entry,
    failurePolicy: "Ignore",
    timeoutSeconds: 3,
    clientConfig: { service: { ...service, path: entry.clientConfig.service?.path ?? "" } },
  }));
  const healed = patched(configuration({}, webhooks));
  deepEqual(policies(healed), ["Ignore"]);
  equal(
    healed.webhooks?.every((entry) => "timeoutSeconds" in entry && entry.clientConfig.caBundle !== undefined),
    true,
  );
  equal(isProvisional(healed), false);
});

test("an entry under the chart's other name is the same entry", () => {
  const renamed = final.webhooks?.map((entry) => ({ ...entry, name: entry.name.replace("bgppeers", "bgppeer") }));
  equal(registrationPatch(configuration({}, renamed), registrar), undefined);
});

test("a changed rule, path or lost caBundle is mended", () => {
  const broken = final.webhooks?.map((entry) => ({
    ...entry,
    rules: [],
    clientConfig: { service: entry.clientConfig.service ?? { ...service } },
  }));
  deepEqual(patched(configuration({}, broken)).webhooks, final.webhooks);
});

test("a single lost entry comes back at once as strict as the others", () => {
  const healed = patched(configuration({}, final.webhooks?.slice(1)));
  equal(healed.webhooks?.length, registrations.length);
  deepEqual(policies(healed), ["Fail"]);
});

test("entries of others are kept, and trust the authority too", () => {
  const foreign = { name: "other.example.org", clientConfig: { url: "https://other.example.org" }, failurePolicy: "Fail" };
  const kept = patched(configuration({}, [foreign])).webhooks?.[0];
  deepEqual({ ...kept, clientConfig: { url: kept?.clientConfig.url } }, foreign);
  equal(typeof kept?.clientConfig.caBundle, "string");
});

test("with rotation disabled entries are registered and caBundles left alone", () => {
  const bare = patched(configuration(), { authority: undefined });
  equal(
    bare.webhooks?.some((entry) => "caBundle" in entry.clientConfig),
    false,
  );
  const supplied = bare.webhooks?.map((entry) => ({ ...entry, clientConfig: { ...entry.clientConfig, caBundle: "Zm9v" } }));
  equal(registrationPatch({ ...bare, webhooks: supplied ?? [] }, { ...registrar, authority: undefined }), undefined);
});

const deletion = "ipaddresspooldeletion.herald-lb.io";
const deletionOf = ({ webhooks = [] }: WebhookConfiguration) => webhooks.find(({ name }) => name === deletion);

test("the deletion of a pool is asked about for warnings alone: it ignores failures and waits for five seconds", () => {
  for (const each of [provisional, final, patched(configuration({ [heraldAnnotations.webhookFailurePolicy]: "Fail" }))]) {
    const entry = deletionOf(each);
    deepEqual([entry?.failurePolicy, entry?.timeoutSeconds], ["Ignore", 5]);
    deepEqual(entry?.rules, [
      { apiGroups: ["metallb.io"], apiVersions: ["v1beta1"], operations: ["DELETE"], resources: ["ipaddresspools"], scope: "*" },
    ]);
  }
  const strict = final.webhooks?.map((entry) => ({ ...entry, failurePolicy: "Fail" })) ?? [];
  equal(deletionOf(patched(configuration({}, strict), { reachable: true }))?.failurePolicy, "Ignore", "whatever somebody wrote");
});

test("it is added to the entries of MetalLB's manifests, which stay as strict as they are", () => {
  const shipped = final.webhooks?.filter(({ name }) => name !== deletion);
  const after = patched(configuration({}, shipped));
  deepEqual([isProvisional(after), policies(after), deletionOf(after) === undefined], [false, ["Fail"], false]);
});

test("alone it does not count: a configuration with nothing else is as good as empty", () => {
  const alone = final.webhooks?.filter(({ name }) => name === deletion);
  const after = patched(configuration({}, alone));
  deepEqual([isProvisional(after), policies(after)], [true, ["Ignore"]]);
});
