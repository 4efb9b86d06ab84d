import { isDeepStrictEqual } from "node:util";
import { heraldAnnotations } from "../../crds/types/well-known.ts";
import type { KubeObject } from "../../operator/framework/api/kube-object.ts";
import { trusting } from "./ca-bundle.ts";
import { type Registration, registrations } from "./registrations.ts";

/** The fields of admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration that are read; the others are kept. */
export type WebhookConfiguration = KubeObject & { readonly webhooks?: readonly WebhookEntry[] };

export type WebhookEntry = {
  readonly name: string;
  readonly clientConfig: {
    readonly service?: { readonly namespace: string; readonly name: string; readonly path?: string; readonly port?: number };
    readonly url?: string;
    /** PEM in base64. */
    readonly caBundle?: string;
  };
  readonly rules?: readonly unknown[];
  readonly failurePolicy?: string;
  readonly timeoutSeconds?: number;
  readonly sideEffects?: string;
  readonly admissionReviewVersions?: readonly string[];
};

/** What the configuration should come to. */
export type Registrar = {
  /** The Service in front of all replicas. */
  readonly service: { readonly namespace: string; readonly name: string };
  /** The authority's certificate, PEM; undefined when somebody else cares for the caBundles. */
  readonly authority: string | undefined;
  /** Leave nothing but `authority` in the caBundles. */
  readonly trim: boolean;
  /** A replica was seen in service, so that refusing what cannot be asked does no harm. */
  readonly reachable: boolean;
};

/** Whoever deletes something while nobody answers is not kept for long. */
const warningTimeoutSeconds = 5;

/**
 * The merge patch that brings `configuration` to what `registrar` wants; undefined when it is there already. Missing entries
 * are added, ours get the service, path and rules of this version, and all get the authority. An author's failurePolicy,
 * timeout and selectors are kept; an entry that only warns always ignores failures.
 */
export function registrationPatch(configuration: WebhookConfiguration, registrar: Registrar): object | undefined {
  const before = configuration.webhooks ?? [];
  const missing = registrations.filter((registration) => !before.some((entry) => isEntryOf(registration, entry)));
  const denying = registrations.filter(({ onlyWarns }) => !onlyWarns);
  const marked = isProvisional(configuration) || denying.every((registration) => missing.includes(registration));
  const provisional = marked && !registrar.reachable;
  const wish = wishedPolicy(configuration);
  const policy = provisional ? "Ignore" : (wish ?? "Fail");
  const known = before.map((entry) => renewedEntry(entry, registrar, marked ? policy : (wish ?? entry.failurePolicy)));
  const added = missing.map((registration) => newEntry(registration, registrar, policy));
  const webhooks = [...known, ...added];
  const annotated = provisional === isProvisional(configuration);
  if (annotated && isDeepStrictEqual(webhooks, before)) return undefined;
  return { metadata: { annotations: { [heraldAnnotations.webhookProvisional]: provisional ? "true" : null } }, webhooks };
}

/** Whether the entries still ignore failures for want of a replica in service. */
export function isProvisional({ metadata }: WebhookConfiguration): boolean {
  return metadata.annotations?.[heraldAnnotations.webhookProvisional] !== undefined;
}

/** Whether every endpoint is registered and every entry has a caBundle that `holds` accepts. */
export function isRegistered({ webhooks = [] }: WebhookConfiguration, holds: (caBundle: string | undefined) => boolean): boolean {
  return (
    registrations.every((registration) => webhooks.some((entry) => isEntryOf(registration, entry))) &&
    webhooks.every((entry) => holds(entry.clientConfig.caBundle))
  );
}

/** By path: MetalLB's chart and manifests disagree on one name. */
function isEntryOf({ path }: Registration, entry: WebhookEntry): boolean {
  return entry.clientConfig.service?.path === path;
}

function wishedPolicy({ metadata }: WebhookConfiguration): string | undefined {
  const wish = metadata.annotations?.[heraldAnnotations.webhookFailurePolicy];
  return wish === "Ignore" || wish === "Fail" ? wish : undefined;
}

function newEntry(registration: Registration, registrar: Registrar, failurePolicy: string): WebhookEntry {
  const service = { ...registrar.service, path: registration.path, port: 443 };
  return {
    ...fixed(registration),
    name: registration.name,
    clientConfig: { service, ...caBundleOf(undefined, registrar) },
    ...(registration.onlyWarns ? { failurePolicy: "Ignore", timeoutSeconds: warningTimeoutSeconds } : { failurePolicy }),
  };
}

function renewedEntry(entry: WebhookEntry, registrar: Registrar, failurePolicy: string | undefined): WebhookEntry {
  const registration = registrations.find((candidate) => isEntryOf(candidate, entry));
  const clientConfig = { ...entry.clientConfig, ...caBundleOf(entry.clientConfig.caBundle, registrar) };
  if (registration === undefined) return { ...entry, clientConfig };
  const service = { port: 443, ...entry.clientConfig.service, ...registrar.service };
  const policy = registration.onlyWarns ? "Ignore" : failurePolicy;
  const policyField = policy === undefined ? {} : { failurePolicy: policy };
  return { ...entry, ...fixed(registration), clientConfig: { ...clientConfig, service }, ...policyField };
}

function caBundleOf(present: string | undefined, { authority, trim }: Registrar): { readonly caBundle?: string } {
  return authority === undefined ? {} : { caBundle: trusting(present, authority, trim) };
}

function fixed({ version, resource, operations }: Registration) {
  const rules = [{ apiGroups: ["metallb.io"], apiVersions: [version], operations, resources: [resource], scope: "*" }];
  return { rules, sideEffects: "None", admissionReviewVersions: ["v1"] };
}
