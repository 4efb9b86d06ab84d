import { type ObjectMeta, type OwnerReference, resourceTypes } from "../../crds/types/kubernetes.ts";
import type { ServiceL2Status, ServiceL2StatusStatus } from "../../crds/types/service-l2-status.ts";
import { labels } from "../../crds/types/well-known.ts";
import type { Clock } from "../../operator/framework/clock.ts";
import type { KubeApi } from "../../operator/framework/kube-api.ts";
import { keyOf, keyText } from "../../operator/framework/kube-object.ts";
import { done, type Reconciler, type Request, type Result } from "../../operator/framework/reconciler.ts";
import type { StatusWriter } from "../../operator/framework/status.ts";
import type { IndexedReader } from "../../operator/framework/store.ts";
import type { WriteLimiter } from "../../operator/framework/write-limiter.ts";
import type { L2Announcement } from "../intent/intent.ts";

export type ServiceL2StatusDeps = {
  /** With the index {@link indexByService}. */
  readonly statuses: IndexedReader<ServiceL2Status>;
  /** What this node announces of a Service now, in the order of its addresses; empty when nothing. */
  readonly announced: (service: string) => readonly L2Announcement[];
  readonly api: KubeApi;
  /** Not to be held back: what is deleted is not true any more. */
  readonly deletions: WriteLimiter;
  readonly creations: WriteLimiter;
  readonly status: StatusWriter;
  readonly node: string;
  readonly namespace: string;
  /** The own Pod: the objects go with it. */
  readonly owner: OwnerReference;
  readonly clock: Clock;
  /** 0 ≤ value < 1. */
  readonly random: () => number;
};

/** Two nodes that both believe to announce delete each other's word: not more often than this. */
const CREATE_INTERVAL_MS = 1_000;
/** The informer has had this long to see an object that was made; what it does not show then, somebody has deleted. */
const SEEN_AFTER_MS = 5_000;

/** Name of the index over `namespace/name` of the Service that an object is about. */
export const indexByService = "service";

/** The Service that an object is about, by its labels. */
export function serviceOfStatus({ metadata }: ServiceL2Status): readonly string[] {
  const { [labels.serviceName]: name, [labels.serviceNamespace]: namespace } = metadata.labels ?? {};
  return name === undefined || namespace === undefined ? [] : [keyText({ namespace, name })];
}

/**
 * One ServiceL2Status for each Service that this node announces: who announces says so and removes what others said; who
 * does not announce removes only its own word. A Service that moves gets a new object, since the identity in the status
 * cannot be changed. The request names the Service.
 */
export class ServiceL2StatusReconciler implements Reconciler {
  readonly #deps: ServiceL2StatusDeps;
  /** Made by this process and not yet seen by the informer, by Service: not to be made twice. */
  readonly #unseen = new Map<string, ServiceL2Status>();
  /** When an object was made, by Service, as long as it is announced. */
  readonly #createdAt = new Map<string, number>();

  constructor(deps: ServiceL2StatusDeps) {
    this.#deps = deps;
  }

  async reconcile(service: Request): Promise<Result> {
    const { statuses, announced, node } = this.#deps;
    const key = keyText(service);
    const objects = this.#objectsOf(key, statuses.by(indexByService, key));
    const own = objects.filter(({ metadata }) => metadata.labels?.[labels.node] === node);
    const [first] = announced(key);
    if (first === undefined) {
      this.#unseen.delete(key);
      this.#createdAt.delete(key);
      await this.#delete(own);
      return done;
    }
    const wanted = statusOf(service, first, node);
    const kept = own.find(({ status }) => sameIdentity(status, wanted));
    const waitMs = CREATE_INTERVAL_MS - this.#sinceCreation(key);
    if (kept === undefined && waitMs > 0) return { requeueAfterMs: waitMs };
    await this.#delete(objects.filter((object) => object !== kept));
    if (kept === undefined) this.#unseen.set(key, await this.#create(service));
    const object = kept ?? this.#unseen.get(key);
    if (object !== undefined) await this.#write(key, object, wanted);
    return this.#unseen.has(key) ? { requeueAfterMs: SEEN_AFTER_MS } : done;
  }

  #sinceCreation(key: string): number {
    return this.#deps.clock.monotonic() - (this.#createdAt.get(key) ?? Number.NEGATIVE_INFINITY);
  }

  /** Sorted by name. */
  #objectsOf(key: string, seen: readonly ServiceL2Status[]): readonly ServiceL2Status[] {
    const unseen = this.#unseen.get(key);
    if (unseen === undefined) return sorted(seen);
    const others = seen.filter(({ metadata }) => metadata.name !== unseen.metadata.name);
    const shown = seen.find((object) => !others.includes(object));
    // The informer shows the creation before the status that was written behind it.
    const isSeen = shown !== undefined && (shown.status?.node !== undefined || unseen.status?.node === undefined);
    if (!isSeen && this.#sinceCreation(key) < SEEN_AFTER_MS) return sorted([...others, unseen]);
    this.#unseen.delete(key);
    return sorted(seen);
  }

  async #write(key: string, object: ServiceL2Status, wanted: ServiceL2StatusStatus): Promise<void> {
    try {
      const written = await this.#deps.status.write(resourceTypes.servicel2statuses, object, { status: patchOf(wanted) });
      if (this.#unseen.has(key)) this.#unseen.set(key, written);
    } catch (error) {
      // Somebody has changed or deleted it: what the informer shows next decides.
      this.#unseen.delete(key);
      throw error;
    }
  }

  async #delete(objects: readonly ServiceL2Status[]): Promise<void> {
    const { api, deletions } = this.#deps;
    await Promise.all(objects.map((object) => deletions.run(() => api.delete(resourceTypes.servicel2statuses, keyOf(object)))));
  }

  #create(service: Request): Promise<ServiceL2Status> {
    const { api, creations, clock, node, namespace, owner, random } = this.#deps;
    const metadata: ObjectMeta = {
      // As the API server makes it of generateName; the object's type wants a name.
      name: generateName + suffix(random),
      generateName,
      namespace,
      labels: {
        [labels.node]: node,
        [labels.serviceName]: service.name,
        [labels.serviceNamespace]: service.namespace ?? "",
      },
      ownerReferences: [owner],
    };
    this.#createdAt.set(keyText(service), clock.monotonic());
    return creations.run(() => api.create<ServiceL2Status>(resourceTypes.servicel2statuses, { metadata, spec: {} }));
  }
}

function sorted(objects: readonly ServiceL2Status[]): readonly ServiceL2Status[] {
  return [...objects].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

const generateName = "l2-";
/** The alphabet of Kubernetes' own generated names: nothing that reads as a word. */
const letters = "bcdfghjklmnpqrstvwxz2456789";

function suffix(random: () => number): string {
  return Array.from({ length: 5 }, () => letters[Math.floor(random() * letters.length)] ?? "x").join("");
}

function statusOf(service: Request, { interfaces }: L2Announcement, node: string): ServiceL2StatusStatus {
  const identity = { node, serviceName: service.name, serviceNamespace: service.namespace ?? "" };
  return interfaces.length === 0 ? identity : { ...identity, interfaces: interfaces.map((name) => ({ name })) };
}

/** A merge patch must say that a list is gone. */
function patchOf(status: ServiceL2StatusStatus): object {
  return { interfaces: null, ...status };
}

/** An object whose status has not been written yet may get any identity. */
function sameIdentity(status: ServiceL2StatusStatus | undefined, wanted: ServiceL2StatusStatus): boolean {
  if (status?.node === undefined) return true;
  const { node, serviceName, serviceNamespace } = status;
  return node === wanted.node && serviceName === wanted.serviceName && serviceNamespace === wanted.serviceNamespace;
}
