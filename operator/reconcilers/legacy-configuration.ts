import type { Finding } from "../../crds/config/finding.ts";
import { isLegacyConfigMap, legacyNotice } from "../../crds/convert/legacy-notice.ts";
import type { ObjectBase } from "../../crds/types/kubernetes.ts";
import type { Reader } from "../framework/informer/store.ts";
import type { Log } from "../framework/log/log.ts";
import { done, type Reconciler, type Request, type Result } from "../framework/reconciler.ts";
import type { EventRecorder } from "../framework/write/events.ts";

/** What is kept of a ConfigMap: nothing of its text, which may hold passwords. */
export type SeenConfigMap = ObjectBase & { /** It is what MetalLB read before version 0.13. */ readonly legacy?: boolean };

export type LegacyConfigurationDeps = {
  /** The ConfigMap of the legacy name in the operator's namespace, if there is one. */
  readonly configMaps: Reader<SeenConfigMap>;
  readonly events: EventRecorder;
  readonly log: Log;
};

/** For the informer. */
export function slimConfigMap(configMap: SeenConfigMap): SeenConfigMap {
  const { name, namespace, uid, resourceVersion } = configMap.metadata;
  const metadata = {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
  return { metadata, ...(isLegacyConfigMap(configMap) && { legacy: true }) };
}

/** Tells that MetalLB's old ConfigMap is there and has no effect: once by an event on it, and as long as it is there. */
export class LegacyConfigurationReconciler implements Reconciler {
  readonly #deps: LegacyConfigurationDeps;
  /** The uid that the event was written for. */
  #told: string | undefined;

  constructor(deps: LegacyConfigurationDeps) {
    this.#deps = deps;
  }

  /** Undefined: there is no such ConfigMap. */
  get finding(): Finding | undefined {
    const [legacy] = [...this.#deps.configMaps.list()].filter((configMap) => configMap.legacy === true);
    if (legacy === undefined) return undefined;
    const { name, namespace = "" } = legacy.metadata;
    const object = { kind: "ConfigMap", namespace, name };
    return {
      code: "LegacyConfiguration",
      severity: "warning",
      object,
      others: [],
      message: legacyNotice(namespace, name),
    };
  }

  reconcile(request: Request): Promise<Result> {
    const { configMaps, events, log } = this.#deps;
    const configMap = configMaps.get(request);
    const found = configMap?.legacy === true ? (configMap.metadata.uid ?? "") : undefined;
    const isNew = found !== undefined && found !== this.#told;
    this.#told = found;
    const message = this.finding?.message;
    if (isNew && configMap !== undefined && message !== undefined) {
      log.warn(message);
      events.record(
        { apiVersion: "v1", kind: "ConfigMap", metadata: configMap.metadata },
        "Warning",
        "LegacyConfiguration",
        message,
      );
    }
    return Promise.resolve(done);
  }
}
