import { resourceTypes } from "../crds/types/kubernetes.ts";
import { type KubeApi, KubeError } from "../operator/framework/api/kube-api.ts";
import { createInformer, type Informer } from "../operator/framework/informer/informer.ts";
import { systemClock } from "../operator/framework/system-clock.ts";
import type { BenchService } from "./bench-cluster.ts";

/** Of the lab's 10.96.0.0/16, beyond what the first Services get. */
const firstClusterNet = 64;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A LoadBalancer Service without node ports. `loadBalancerClass` other than Herald's keeps it out of Herald's hands. */
export function benchService(name: string, loadBalancerClass?: string): BenchService {
  const spec = {
    type: "LoadBalancer",
    allocateLoadBalancerNodePorts: false,
    selector: { app: "web" },
    ports: [{ port: 80, targetPort: 8080 }],
    ...(loadBalancerClass === undefined ? {} : { loadBalancerClass }),
  };
  const metadata = { name, namespace: "default", labels: { bench: "1" } };
  return { apiVersion: "v1", kind: "Service", metadata, spec } as BenchService;
}

/**
 * The same without a selector. For those that have one the controller manager makes EndpointSlices, at 20 writes a second: with
 * thousands of them it is busy for minutes after, and takes a quarter of this machine meanwhile.
 */
export function bareService(name: string, loadBalancerClass?: string): BenchService {
  const service = benchService(name, loadBalancerClass) as BenchService & { readonly spec: object };
  return { ...service, spec: { ...service.spec, selector: null } } as BenchService;
}

/**
 * Creates a Service with the cluster address number `index`, or with any where another Service has that one. Addresses that the API
 * server has to choose it gives to one Service at a time; chosen ones it takes side by side.
 */
export async function createService(api: KubeApi, service: BenchService, index: number): Promise<void> {
  const { spec } = service as BenchService & { readonly spec: object };
  const placed = { ...service, spec: { ...spec, clusterIP: `10.96.${firstClusterNet + (index >> 8)}.${index & 255}` } };
  try {
    await api.create(resourceTypes.services, placed as BenchService);
  } catch (error) {
    if (!(error instanceof KubeError) || error.reason !== "Invalid") throw error;
    await api.create(resourceTypes.services, service);
  }
}

/** Calls `task` with 0 … count − 1, `parallel` at a time. */
export async function inParallel(count: number, parallel: number, task: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

/** Deletes every Service that a bench made. */
export async function deleteServices(api: KubeApi): Promise<void> {
  const services = await api.list<BenchService>(resourceTypes.services, { namespace: "default", labelSelector: "bench=1" });
  await inParallel(services.length, 16, async (index) => {
    const service = services[index];
    if (service !== undefined) await api.delete(resourceTypes.services, { namespace: "default", name: service.metadata.name });
  });
}

/** Follows the Services of a bench and tells when each first had an address, in milliseconds of `performance.now()`. */
export class AddressWatch {
  readonly addressedAt = new Map<string, { readonly at: number; readonly ip: string }>();
  readonly #informer: Informer<BenchService>;
  readonly #stop = new AbortController();
  readonly #waiting = new Set<{ readonly missing: Set<string>; readonly resolve: () => void }>();

  constructor(api: KubeApi) {
    this.#informer = createInformer<BenchService>({
      api,
      type: resourceTypes.services,
      namespace: "default",
      clock: systemClock,
      log: silent,
      onChange: ({ after }) => this.#see(after),
    });
    void this.#informer.start(this.#stop.signal);
  }

  get synced(): Promise<void> {
    return this.#informer.synced;
  }

  /** Resolves when `names` all have an address. @throws {Error} after `timeoutMs`. */
  async all(names: readonly string[], timeoutMs: number): Promise<void> {
    const missing = new Set(names.filter((name) => !this.addressedAt.has(name)));
    if (missing.size === 0) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const deadline = setTimeout(() => {
      reject(new Error(`${missing.size} of ${names.length} Services have no address after ${timeoutMs / 1000} s`));
    }, timeoutMs);
    this.#waiting.add({ missing, resolve });
    await promise.finally(() => clearTimeout(deadline));
  }

  close(): void {
    this.#stop.abort();
  }

  #see(service: BenchService | undefined): void {
    const ip = service?.status?.loadBalancer?.ingress?.[0]?.ip;
    if (service === undefined || ip === undefined || this.addressedAt.has(service.metadata.name)) return;
    this.addressedAt.set(service.metadata.name, { at: performance.now(), ip });
    for (const waiting of this.#waiting) {
      waiting.missing.delete(service.metadata.name);
      if (waiting.missing.size > 0) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }
}
