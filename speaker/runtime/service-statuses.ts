import { labels } from "../../crds/types/well-known.ts";
import { type Controller, type ControllerMetrics, createController } from "../../operator/framework/controller.ts";
import { createInformer, type Informer } from "../../operator/framework/informer.ts";
import type { KubeApi } from "../../operator/framework/kube-api.ts";
import { parseKeyText, type ResourceType } from "../../operator/framework/kube-object.ts";
import type { Log } from "../../operator/framework/log.ts";
import type { Reconciler } from "../../operator/framework/reconciler.ts";
import type { IndexedReader } from "../../operator/framework/store.ts";
import { systemClock as clock } from "../../operator/framework/system-clock.ts";
import { indexByService, type ServiceStatusObject, serviceOfStatus } from "../status/service-status-objects.ts";

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
      slim: slimStatus,
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

  /** @param decided before the first decisions, the objects of a former process would seem to be about nothing. */
  async start(signal: AbortSignal, decided: Promise<void>): Promise<void> {
    void Promise.all([this.#informer.synced, decided]).then(() => this.#controller.start(signal));
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

function slimStatus<T extends ServiceStatusObject>(object: T): T {
  const { name, namespace, uid, resourceVersion, labels: own } = object.metadata;
  const metadata = {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(own !== undefined && { labels: own }),
  };
  const { status } = object;
  return { metadata, ...(status !== undefined && { status }) } as T;
}
