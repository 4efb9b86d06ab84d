import type { Backend } from "../../crds/config/backend.ts";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { KubeApi } from "../../operator/framework/api/kube-api.ts";
import type { KubeObject, ResourceType } from "../../operator/framework/api/kube-object.ts";
import type { Clock } from "../../operator/framework/clock.ts";
import { createController } from "../../operator/framework/controller.ts";
import type { TlsSettings } from "../../operator/framework/http/tls-flags.ts";
import { createInformer } from "../../operator/framework/informer/informer.ts";
import type { Log } from "../../operator/framework/log/log.ts";
import { pause } from "../../operator/framework/pause.ts";
import type { Verdict } from "../admission/request.ts";
import { Admitter } from "./admitter.ts";
import { BodyBudget } from "./http-body.ts";
import { HttpsListener } from "./https-listener.ts";
import { LiveResources } from "./live-resources.ts";
import { convertPeer } from "./peer-conversion.ts";
import { PoolConsequences } from "./pool-consequences.ts";
import { PoolGate } from "./pool-gate.ts";
import { convertedDefinitionName, webhookConfigurationName, webhookServiceName } from "./registrations.ts";
import { answer } from "./routes.ts";
import { certificateOfDirectory, certificateOfSecret } from "./serving-certificate.ts";
import { TrustReconciler } from "./trust-reconciler.ts";

export type WebhookServerOptions = {
  readonly api: KubeApi;
  /** The operator's own: the only one whose objects count. */
  readonly namespace: string;
  readonly log: Log;
  readonly clock: Clock;
  /** 9443 when absent; 0: any free one. */
  readonly port?: number;
  /** The Service in front of all replicas; metallb-webhook-service when absent. */
  readonly serviceName?: string;
  /** The Secret whose certificates are made and rotated here, or the directory where somebody else puts them. */
  readonly certificates: { readonly secret: string } | { readonly directory: string };
  /** This process's Pod; undefined outside of a cluster. */
  readonly podName?: string;
  readonly tls?: TlsSettings;
  /** Whose limits objects have to keep; Herald's own when absent. */
  readonly backend?: Backend;
  /** How long {@link WebhookServer.close} goes on serving, while the Service forgets this Pod; 3000 when absent. */
  readonly drainMs?: number;
  /** Told of every answered review. */
  readonly onVerdict?: (kind: string, verdict: Verdict) => void;
};

export interface WebhookServer {
  /**
   * Whether the server listens and, as last seen, the API server has every endpoint registered and trusts the certificate.
   * False from the moment {@link close} is called.
   */
  ready(): boolean;
  /** Resolves with the port once the server listens for the first time. */
  readonly listening: Promise<number>;
  /** Drains, stops listening, ends all watches. */
  close(): Promise<void>;
}

/** Serves admission and conversion until closed. Resolves at once: what is missing for the start is waited for and logged. */
export async function startWebhookServer(options: WebhookServerOptions): Promise<WebhookServer> {
  const { api, namespace, log, clock, serviceName = webhookServiceName, drainMs = 3_000 } = options;
  const serving = new AbortController();
  const keeping = new AbortController();
  const live = new LiveResources({ api, namespace, clock });
  const policy = { namespace, backend: options.backend ?? "herald" };
  const gate = new PoolGate({ api, live, policy, clock, log, signal: serving.signal });
  const admitter = new Admitter({ live, policy, gate, consequences: new PoolConsequences({ api, clock }), clock });
  const budget = new BodyBudget();
  const listener = new HttpsListener({
    port: options.port ?? 9443,
    log,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    handle: (request, response) =>
      answer(request, response, {
        admit: (review, deadline) => admitter.admit(review, deadline),
        convert: convertPeer,
        budget,
        clock,
        log,
        ...(options.onVerdict === undefined ? {} : { onVerdict: options.onVerdict }),
      }),
  });
  const { promise: listening, resolve: listens } = Promise.withResolvers<number>();
  const trust = new TrustReconciler({
    api,
    clock,
    log,
    service: { namespace, name: serviceName },
    pod: options.podName === undefined ? undefined : { namespace, name: options.podName },
    certificate: certificateSource(options, serviceName),
    serve: async ({ serving: pair }) => {
      await listener.serve(pair);
      if (listener.port !== undefined) listens(listener.port);
    },
  });
  const running = [gate.start(), ...keepTrust(options, trust, keeping.signal)];
  return {
    ready: () => !keeping.signal.aborted && listener.port !== undefined && trust.inPlace,
    listening,
    async close() {
      keeping.abort();
      listener.drain();
      await pause(clock, drainMs, serving.signal);
      serving.abort();
      await listener.close();
      await Promise.all(running);
    },
  };
}

function certificateSource({ api, namespace, clock, certificates }: WebhookServerOptions, serviceName: string) {
  if ("directory" in certificates) return () => certificateOfDirectory(certificates.directory);
  const secret = { namespace, name: certificates.secret };
  const name = `${serviceName}.${namespace}.svc`;
  return () => certificateOfSecret({ api, secret, name, now: () => clock.now() });
}

/** Reconciles now, whenever one of the objects concerned changes, and as often as the reconciler asks for. */
function keepTrust(options: WebhookServerOptions, reconciler: TrustReconciler, signal: AbortSignal): Promise<void>[] {
  const { api, clock, log, namespace, certificates } = options;
  const everything = { name: "webhook-trust" };
  const controller = createController({ name: "webhook-trust", reconciler, clock, log, baseDelayMs: 50, maxDelayMs: 30_000 });
  const watched = (type: ResourceType, name: string, inNamespace?: string) =>
    createInformer<KubeObject>({
      api,
      type,
      clock,
      log,
      fieldSelector: `metadata.name=${name}`,
      ...(inNamespace === undefined ? {} : { namespace: inNamespace }),
      slim: ({ metadata: { name: itself, resourceVersion } }) => ({
        metadata: { name: itself, ...(inNamespace === undefined ? {} : { namespace: inNamespace }), ...version(resourceVersion) },
      }),
      onChange: () => controller.enqueue(everything),
    }).start(signal);
  controller.enqueue(everything);
  return [
    controller.start(signal),
    watched(resourceTypes.validatingwebhookconfigurations, webhookConfigurationName),
    watched(resourceTypes.customresourcedefinitions, convertedDefinitionName),
    ...("secret" in certificates ? [watched(resourceTypes.secrets, certificates.secret, namespace)] : []),
  ];
}

function version(resourceVersion: string | undefined) {
  return resourceVersion === undefined ? {} : { resourceVersion };
}
