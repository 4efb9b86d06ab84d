import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { KubeApi } from "../../operator/framework/api/kube-api.ts";
import type { KubeObject, ObjectKey, ResourceType } from "../../operator/framework/api/kube-object.ts";
import type { Clock } from "../../operator/framework/clock.ts";
import type { Log } from "../../operator/framework/log/log.ts";
import type { Reconciler, Result } from "../../operator/framework/reconciler.ts";
import { trusts } from "./ca-bundle.ts";
import { checkIntervalMs } from "./certificate-renewal.ts";
import { conversionOf, conversionPatch, type Definition } from "./converted-definition.ts";
import { convertedDefinitionName, webhookConfigurationName } from "./registrations.ts";
import type { ServedCertificate } from "./serving-certificate.ts";
import {
  isProvisional,
  isRegistered,
  type Registrar,
  registrationPatch,
  type WebhookConfiguration,
} from "./webhook-configuration.ts";

export type TrustOptions = {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly log: Log;
  /** The Service in front of all replicas. */
  readonly service: { readonly namespace: string; readonly name: string };
  /** This process's Pod; undefined outside of a cluster, where serving alone counts as being in service. */
  readonly pod: (ObjectKey & { readonly namespace: string }) | undefined;
  /** Reads the certificate to serve, made or renewed where needed. */
  readonly certificate: () => Promise<ServedCertificate>;
  /** Starts to serve `certificate`; called again only when it changes. */
  readonly serve: (certificate: ServedCertificate) => Promise<void>;
};

/** core/v1 Pod, the fields that are read. */
type PodReadiness = KubeObject & {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly lastTransitionTime?: string }[];
  };
};

/** How long this process's Pod must have been Ready: time enough for the Service's new endpoint to reach every node. */
const settlingMs = 5_000;
/** How long an API server may take to learn of a caBundle: no certificate of a new authority is served before. */
const spreadMs = 10_000;
/** How long replicas may take to serve a certificate of a new authority. */
const trimAfterMs = 600_000;
const provisionalCheckMs = 1_000;
/** How often somebody else's certificate files are read again. */
const directoryCheckMs = 10_000;
const fieldManager = "MetalLB";

/**
 * Keeps three things in step: the certificate that is served, the webhook entries, and the authority that the API server
 * trusts for them and for the CRD's conversion. The first certificate is served at once; a later one of another authority only
 * once every API server has had the time to learn that it is to be trusted.
 */
export class TrustReconciler implements Reconciler {
  readonly #options: TrustOptions;
  #served: ServedCertificate | undefined;
  #authority: { readonly cert: string; readonly since: number } | undefined;
  /** When the present authority was first seen trusted everywhere. */
  #trustedSince: number | undefined;
  #readySince: number | undefined;
  #inPlace = false;
  readonly #missing = new Set<string>();

  constructor(options: TrustOptions) {
    this.#options = options;
  }

  /** Whether, as last seen, the API server knows every endpoint and trusts the certificate that is served. */
  get inPlace(): boolean {
    return this.#inPlace;
  }

  /** Always about everything, whatever object the request names. */
  async reconcile(): Promise<Result> {
    const certificate = await this.#options.certificate();
    if (this.#served === undefined) await this.#serve(certificate);
    const trim = this.#mayTrim(certificate.authority);
    const configuration = await this.#register(certificate.authority, trim);
    await this.#convert(certificate.authority, trim);
    const waitMs = this.#untilTrusted(certificate.authority);
    if (certificate.serving.cert !== this.#served?.serving.cert && waitMs === 0) await this.#serve(certificate);
    this.#inPlace = true;
    if (configuration !== undefined && isProvisional(configuration)) return { requeueAfterMs: provisionalCheckMs };
    if (certificate.authority === undefined) return { requeueAfterMs: directoryCheckMs };
    if (waitMs > 0) return { requeueAfterMs: waitMs };
    return { requeueAfterMs: trim ? checkIntervalMs : trimAfterMs };
  }

  /** Milliseconds until `authority` is trusted wherever somebody asks; to be called when it is trusted in the API. */
  #untilTrusted(authority: string | undefined): number {
    if (authority === this.#served?.authority) return 0;
    const now = this.#options.clock.monotonic();
    this.#trustedSince ??= now;
    return Math.max(0, this.#trustedSince + spreadMs - now);
  }

  async #serve(certificate: ServedCertificate): Promise<void> {
    await this.#options.serve(certificate);
    this.#served = certificate;
  }

  async #register(authority: string | undefined, trim: boolean): Promise<WebhookConfiguration | undefined> {
    const type = resourceTypes.validatingwebhookconfigurations;
    const configuration = await this.#read<WebhookConfiguration>(type, webhookConfigurationName);
    if (configuration === undefined) return undefined;
    const registered = isRegistered(configuration, (caBundle) => this.#relies(caBundle));
    if (!registered) this.#inPlace = false;
    const reachable = registered && !isProvisional(configuration) ? true : await this.#reachable();
    const registrar: Registrar = { service: this.#options.service, authority, trim, reachable };
    return this.#write(type, configuration, registrationPatch(configuration, registrar));
  }

  /** Whether a caBundle makes the API server believe the certificate that is served at present. */
  #relies(caBundle: string | undefined): boolean {
    const { authority } = this.#served ?? {};
    return authority === undefined || trusts(caBundle, authority);
  }

  async #convert(authority: string | undefined, trim: boolean): Promise<void> {
    if (authority === undefined) return;
    const type = resourceTypes.customresourcedefinitions;
    const definition = await this.#read<Definition>(type, convertedDefinitionName);
    if (definition === undefined) return;
    const { converts, caBundle } = conversionOf(definition);
    if (converts && !this.#relies(caBundle)) this.#inPlace = false;
    await this.#write(type, definition, conversionPatch(definition, authority, trim));
  }

  async #read<T extends KubeObject>(type: ResourceType, name: string): Promise<T | undefined> {
    const object = await this.#options.api.get<T>(type, { name });
    if (object !== undefined) this.#missing.delete(name);
    else if (!this.#missing.has(name)) {
      this.#missing.add(name);
      this.#options.log.warn(`${type.kind} "${name}" does not exist; webhooks stay unregistered there`);
    }
    return object;
  }

  async #write<T extends KubeObject>(type: ResourceType, object: T, patch: object | undefined): Promise<T> {
    if (patch === undefined) return object;
    const { name, resourceVersion } = object.metadata;
    const metadata = { ...("metadata" in patch ? (patch.metadata as object) : {}), resourceVersion };
    const written = await this.#options.api.mergePatch<T>(type, { name }, { ...patch, metadata }, { fieldManager });
    this.#options.log.info(`${type.kind} "${name}" updated`, { resourceVersion: written.metadata.resourceVersion });
    return written;
  }

  #mayTrim(authority: string | undefined): boolean {
    const now = this.#options.clock.monotonic();
    if (authority === undefined) return false;
    if (this.#authority?.cert !== authority) {
      this.#authority = { cert: authority, since: now };
      this.#trustedSince = undefined;
    }
    return now - this.#authority.since >= trimAfterMs;
  }

  /** The Ready condition carries the time of this node's own clock; where it has none, the time it was first seen counts. */
  async #reachable(): Promise<boolean> {
    const { api, clock, pod: key } = this.#options;
    const pod = key === undefined ? undefined : await api.get<PodReadiness>(resourceTypes.pods, key);
    const ready = pod?.status?.conditions?.find(({ type, status }) => type === "Ready" && status === "True");
    if (key !== undefined && ready === undefined) {
      this.#readySince = undefined;
      return false;
    }
    const since = Date.parse(ready?.lastTransitionTime ?? "");
    this.#readySince ??= clock.monotonic();
    const elapsed = Number.isNaN(since) ? clock.monotonic() - this.#readySince : clock.now() - since;
    return elapsed >= settlingMs;
  }
}
