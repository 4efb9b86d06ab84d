import { type ApiClient, ApiRefusal } from "../../lab/api-client.ts";
import { until } from "../../lab/until.ts";
import { firstNamespaces, type History, type Item, keyOf, type Step } from "./history.ts";
import { type Observation, Observer } from "./observer.ts";

/** What came of one step: the API server's refusal if any, and what stood when it had become quiet. */
export type Played = { readonly refused?: string; readonly seen: Observation };

/** A machine that takes long for a write is watched for so many times as long. */
const patience = 8;

export type Pace = {
  /** The cluster is quiet when nothing has changed for this long. */
  readonly quietMs: number;
};

/** Plays histories one after another on a cluster; each begins with no pool and no Service. */
export class Player {
  readonly #api: ApiClient;
  readonly #observer: Observer;
  readonly #pace: Pace;

  constructor(api: ApiClient, pace: Pace) {
    this.#api = api;
    this.#pace = pace;
    this.#observer = new Observer(api);
  }

  close(): Promise<void> {
    return this.#observer.close();
  }

  async play({ steps }: History): Promise<readonly Played[]> {
    await this.#clear();
    const played: Played[] = [];
    for (const step of steps) {
      const beganAt = performance.now();
      const refused = await this.#take(step);
      await this.#observer.quiet(Math.max(this.#pace.quietMs, patience * (performance.now() - beganAt)));
      const seen = this.#observer.look();
      played.push(refused === undefined ? { seen } : { refused, seen });
    }
    return played;
  }

  /** Undefined when the API server took it. */
  async #take({ verb, item, patch }: Step): Promise<string | undefined> {
    try {
      if (verb === "create") await this.#api.create(collectionOf(item), item);
      else if (verb === "change") await this.#api.patch(pathOf(item), patch ?? {});
      else await this.#api.delete(pathOf(item));
      return undefined;
    } catch (error) {
      if (!(error instanceof ApiRefusal) || error.status >= 500) throw error;
      return `${error.status}: ${error.message}`;
    }
  }

  async #clear(): Promise<void> {
    const seen = this.#observer.look();
    for (const key of Object.keys(seen.services)) {
      const [namespace, name] = key.split("/");
      await this.#gone(`/api/v1/namespaces/${namespace}/services/${name}`);
    }
    for (const name of Object.keys(seen.pools)) await this.#gone(`${poolsPath}/${name}`);
    for (const [name, { team = null }] of firstNamespaces) {
      await this.#api.patch(`/api/v1/namespaces/${name}`, { metadata: { labels: { team } } });
      await this.#api.delete(`/api/v1/namespaces/${name}/events`);
    }
    await until("pools and Services are gone", 60_000, async () => {
      const { services, pools } = this.#observer.look();
      return Object.keys(services).length + Object.keys(pools).length === 0;
    });
    await this.#observer.quiet(this.#pace.quietMs);
    this.#observer.look();
  }

  async #gone(path: string): Promise<void> {
    try {
      await this.#api.delete(path);
    } catch (error) {
      if (!(error instanceof ApiRefusal && error.status === 404)) throw error;
    }
  }
}

const poolsPath = "/apis/metallb.io/v1beta1/namespaces/metallb-system/ipaddresspools";

function collectionOf({ kind, metadata }: Item): string {
  switch (kind) {
    case "Service":
      return `/api/v1/namespaces/${metadata.namespace}/services`;
    case "IPAddressPool":
      return poolsPath;
    case "Namespace":
      return "/api/v1/namespaces";
  }
}

function pathOf(item: Item): string {
  return `${collectionOf(item)}/${keyOf(item).split("/").at(-1)}`;
}
