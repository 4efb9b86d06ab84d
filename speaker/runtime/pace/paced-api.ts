import type { KubeApi, ListOptions, ListPage, WatchOptions, WriteOptions } from "../../../operator/framework/api/kube-api.ts";
import type { KubeObject, ObjectKey, ResourceType } from "../../../operator/framework/api/kube-object.ts";
import type { Pacer } from "./pacer.ts";

/** Objects in a page under a limit: who takes a page takes all of it at once. */
const SMALL_PAGE = 100;

/** The same API, with a pause, where the pacer wants one, before each object of a list, each event of a watch and each other request. */
export function pacedApi(api: KubeApi, pacer: Pick<Pacer, "pace" | "limited">): KubeApi {
  return new PacedApi(api, pacer);
}

class PacedApi implements KubeApi {
  readonly #api: KubeApi;
  readonly #pacer: Pick<Pacer, "pace" | "limited">;

  constructor(api: KubeApi, pacer: Pick<Pacer, "pace" | "limited">) {
    this.#api = api;
    this.#pacer = pacer;
  }

  get<T extends KubeObject>(type: ResourceType, key: ObjectKey): Promise<T | undefined> {
    this.#pacer.pace();
    return this.#api.get(type, key);
  }

  listPage<T extends KubeObject>(type: ResourceType, options: ListOptions<T>): Promise<ListPage<T>> {
    this.#pacer.pace();
    return this.#api.listPage(type, this.#inSteps(options));
  }

  list<T extends KubeObject>(type: ResourceType, options: ListOptions<T>): Promise<readonly T[]> {
    this.#pacer.pace();
    return this.#api.list(type, this.#inSteps(options));
  }

  watch<T extends KubeObject>(type: ResourceType, options: WatchOptions<T>): Promise<void> {
    return this.#api.watch<T>(type, {
      ...options,
      onEvent: (event) => {
        this.#pacer.pace();
        options.onEvent(event);
      },
    });
  }

  create<T extends KubeObject>(type: ResourceType, object: T, options?: WriteOptions): Promise<T> {
    this.#pacer.pace();
    return this.#api.create(type, object, options);
  }

  mergePatch<T extends KubeObject>(type: ResourceType, key: ObjectKey, patch: object, options?: WriteOptions): Promise<T> {
    this.#pacer.pace();
    return this.#api.mergePatch(type, key, patch, options);
  }

  apply<T extends KubeObject>(type: ResourceType, object: T, options: Parameters<KubeApi["apply"]>[2]): Promise<T> {
    this.#pacer.pace();
    return this.#api.apply(type, object, options);
  }

  delete(type: ResourceType, key: ObjectKey): Promise<void> {
    this.#pacer.pace();
    return this.#api.delete(type, key);
  }

  #inSteps<T extends KubeObject>(options: ListOptions<T>): ListOptions<T> {
    if (!this.#pacer.limited) return options;
    const { limit, slim } = options;
    return {
      ...options,
      ...(limit !== undefined && { limit: Math.min(limit, SMALL_PAGE) }),
      slim: (object) => {
        this.#pacer.pace();
        return slim === undefined ? object : slim(object);
      },
    };
  }
}
