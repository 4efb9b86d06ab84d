import { once } from "node:events";
import type { ObjectMeta } from "../../../crds/types/kubernetes.ts";
import { labels } from "../../../crds/types/well-known.ts";
import type { KubeApi } from "../../../operator/framework/api/kube-api.ts";
import { parseKeyText, type ResourceType } from "../../../operator/framework/api/kube-object.ts";
import { type Controller, type ControllerMetrics, createController } from "../../../operator/framework/controller.ts";
import { createInformer, type Informer } from "../../../operator/framework/informer/informer.ts";
import type { IndexedReader } from "../../../operator/framework/informer/store.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import type { Reconciler } from "../../../operator/framework/reconciler.ts";
import { systemClock as clock } from "../../../operator/framework/system-clock.ts";
import { indexByService, type ServiceStatusObject, serviceOfStatus } from "../../status/service-status-objects.ts";

export type ServiceStatusesOptions<T extends ServiceStatusObject> = {
  readonly type: ResourceType;
  readonly api: KubeApi;
  readonly log: Log;
  readonly namespace: string;
  readonly node: string;
  readonly metrics: ControllerMetrics;
  readonly reconciler: (statuses: IndexedReader<T>) => Reconciler;
};

/** The objects of one kind that this node writes about Services, and what keeps them true. */
export class ServiceStatuses<T extends ServiceStatusObject> {
  readonly #informer: Informer<T>;
  readonly #controller: Controller;

  constructor({ type, api, log, namespace, node, metrics, reconciler }: ServiceStatusesOptions<T>) {
    this.#informer = createInformer<T>({
      api,
      clock,
      log,
      type,
      namespace,
      slim: (object) => slimStatus(object, namespace),
      indexes: { [indexByService]: serviceOfStatus },
      onChange: ({ before, after }) => {
        for (const object of [before, after]) {
          if (object?.metadata.labels?.[labels.node] !== node) continue;
          for (const service of serviceOfStatus(object)) this.enqueue(service);
        }
      },
    });
    const own = reconciler(this.#informer.reader);
    this.#controller = createController({ name: type.kind, reconciler: own, clock, log, metrics, workers: 4 });
  }

  /**
   * @param decided before the first decisions, the objects of a former process would seem to be about nothing, and to read
   * thousands of them would delay those decisions.
   */
  async start(signal: AbortSignal, decided: Promise<void>): Promise<void> {
    await Promise.race([decided, aborted(signal)]);
    void this.#informer.synced.then(() => this.#controller.start(signal));
    await this.#informer.start(signal);
  }

  /** What is said of the Service `namespace/name` is to follow. */
  enqueue(service: string): void {
    this.#controller.enqueue(parseKeyText(service));
  }

  get idle(): boolean {
    return this.#controller.idle;
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

/** @param watched the namespace of all of them: each has read its own text of it, and one is enough. */
function slimStatus<T extends ServiceStatusObject>({ metadata, status }: T, watched: string): T {
  const { name, namespace, uid, resourceVersion, labels: own } = metadata;
  const kept = {
    name,
    ...(namespace !== undefined && { namespace: namespace === watched ? watched : namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(own !== undefined && { labels: own }),
  };
  return { metadata: kept, ...(status !== undefined && { status: withTextsOf(own, status) }) } as T;
}

/** A status nearly always says what the labels say: then with their texts in place of its own. */
function withTextsOf(own: ObjectMeta["labels"] = {}, status: NonNullable<ServiceStatusObject["status"]>): object {
  const { [labels.node]: node, [labels.serviceName]: serviceName, [labels.serviceNamespace]: serviceNamespace } = own;
  const agrees =
    status.node === node &&
    status.serviceName === serviceName &&
    status.serviceNamespace === serviceNamespace &&
    node !== undefined;
  return agrees ? { ...status, node, serviceName, serviceNamespace } : status;
}
