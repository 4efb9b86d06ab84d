import { type ObjectBase, type ObjectMeta, type OwnerReference, resourceTypes } from "../../crds/types/kubernetes.ts";
import { labels } from "../../crds/types/well-known.ts";
import type { KubeApi } from "../../operator/framework/api/kube-api.ts";
import { keyOf, keyText } from "../../operator/framework/api/kube-object.ts";
import type { Clock } from "../../operator/framework/clock.ts";
import type { IndexedReader } from "../../operator/framework/informer/store.ts";
import type { Request } from "../../operator/framework/reconciler.ts";
import type { StatusWriter } from "../../operator/framework/write/status.ts";
import type { WriteLimiter } from "../../operator/framework/write/write-limiter.ts";

/** What a node says of one Service. The identity cannot be changed once it is written. */
type Identity = { readonly node?: string; readonly serviceName?: string; readonly serviceNamespace?: string };

/** An object about one Service as one node sees it. */
export type ServiceStatusObject = ObjectBase & { readonly status?: Identity };

export type ServiceStatusDeps<T extends ServiceStatusObject> = {
  /** With the index {@link indexByService}. */
  readonly statuses: IndexedReader<T>;
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
export function serviceOfStatus({ metadata }: ObjectBase): readonly string[] {
  const { [labels.serviceName]: name, [labels.serviceNamespace]: namespace } = metadata.labels ?? {};
  return name === undefined || namespace === undefined ? [] : [keyText({ namespace, name })];
}

/** Who says what of which Service. */
export function identityOf({ namespace, name }: Request, node: string): Required<Identity> {
  return { node, serviceName: name, serviceNamespace: namespace ?? "" };
}

/** The objects of one kind about Services, those among them that were made and that no informer shows yet included. */
export class ServiceStatusObjects<T extends ServiceStatusObject> {
  readonly #type: (typeof resourceTypes)["servicel2statuses" | "servicebgpstatuses"];
  readonly #generateName: string;
  readonly #deps: ServiceStatusDeps<T>;
  /** Made by this process and not yet seen by the informer, by Service: not to be made twice. */
  readonly #unseen = new Map<string, T>();
  /** When an object was made, by Service, as long as it is announced. */
  readonly #createdAt = new Map<string, number>();

  /** @param generateName what the objects' names begin with. */
  constructor(type: "servicel2statuses" | "servicebgpstatuses", generateName: string, deps: ServiceStatusDeps<T>) {
    this.#type = resourceTypes[type];
    this.#generateName = generateName;
    this.#deps = deps;
  }

  /** Of all nodes. Sorted by name. */
  of(key: string): readonly T[] {
    const seen = this.#deps.statuses.by(indexByService, key);
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

  /** Among them, those by this node. */
  own(objects: readonly T[]): readonly T[] {
    return objects.filter(({ metadata }) => metadata.labels?.[labels.node] === this.#deps.node);
  }

  /** Nothing is said of the Service any more. */
  forget(key: string): void {
    this.#unseen.delete(key);
    this.#createdAt.delete(key);
  }

  /** Before that, no object is to be made. Milliseconds; not above 0: now. */
  waitMs(key: string): number {
    return CREATE_INTERVAL_MS - this.#sinceCreation(key);
  }

  /** When to look whether what was made is still there; undefined: the informer shows it. */
  lookAgainMs(key: string): number | undefined {
    return this.#unseen.has(key) ? SEEN_AFTER_MS : undefined;
  }

  /** An object whose status has not been written yet may get any identity. */
  hasIdentity({ status }: T, wanted: Required<Identity>): boolean {
    if (status?.node === undefined) return true;
    const { node, serviceName, serviceNamespace } = status;
    return node === wanted.node && serviceName === wanted.serviceName && serviceNamespace === wanted.serviceNamespace;
  }

  async delete(objects: readonly T[]): Promise<void> {
    const { api, deletions } = this.#deps;
    await Promise.all(objects.map((object) => deletions.run(() => api.delete(this.#type, keyOf(object)))));
  }

  async create(service: Request): Promise<T> {
    const { api, creations, clock, node, namespace, owner, random } = this.#deps;
    const key = keyText(service);
    const metadata: ObjectMeta = {
      // As the API server makes it of generateName; the object's type wants a name.
      name: this.#generateName + suffix(random),
      generateName: this.#generateName,
      namespace,
      labels: {
        [labels.node]: node,
        [labels.serviceName]: service.name,
        [labels.serviceNamespace]: service.namespace ?? "",
      },
      ownerReferences: [owner],
    };
    this.#createdAt.set(key, clock.monotonic());
    const created = await creations.run(() => api.create<T>(this.#type, { metadata, spec: {} } as unknown as T));
    this.#unseen.set(key, created);
    return created;
  }

  /** @param status a merge patch of it. */
  async write(key: string, object: T, status: object): Promise<void> {
    try {
      const written = await this.#deps.status.write(this.#type, object, { status });
      if (this.#unseen.has(key)) this.#unseen.set(key, written);
    } catch (error) {
      // Somebody has changed or deleted it: what the informer shows next decides.
      this.#unseen.delete(key);
      throw error;
    }
  }

  #sinceCreation(key: string): number {
    return this.#deps.clock.monotonic() - (this.#createdAt.get(key) ?? Number.NEGATIVE_INFINITY);
  }
}

function sorted<T extends ObjectBase>(objects: readonly T[]): readonly T[] {
  return [...objects].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** The alphabet of Kubernetes' own generated names: nothing that reads as a word. */
const letters = "bcdfghjklmnpqrstvwxz2456789";

function suffix(random: () => number): string {
  return Array.from({ length: 5 }, () => letters[Math.floor(random() * letters.length)] ?? "x").join("");
}
