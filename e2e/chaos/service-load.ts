import { setTimeout as pause } from "node:timers/promises";
import { ApiRefusal } from "../lab/api-client.ts";
import type { Lab } from "../lab/lab.ts";
import { service } from "../manifests.ts";

type Listed = {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
};

const path = "/api/v1/namespaces/default/services";

/** Creates Services all the while, deletes every second one some time later, and follows what becomes of them. */
export class ServiceLoad {
  readonly #lab: Lab;
  readonly #everyMs: number;
  readonly #prefix: string;
  /** Services that stand, in the order of their creation. */
  readonly #standing: string[] = [];
  #created = 0;
  #running = false;
  #done: Promise<void> = Promise.resolve();

  /** @param prefix of the Services' names; their numbers follow. */
  constructor(lab: Lab, everyMs: number, prefix = "load") {
    this.#lab = lab;
    this.#everyMs = everyMs;
    this.#prefix = prefix;
  }

  start(): void {
    this.#running = true;
    this.#done = this.#run();
  }

  /** Resolves when the last request has been answered. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
  }

  /** Deletes what stands; to be called after {@link stop}. */
  async clear(): Promise<void> {
    for (const name of this.#standing.splice(0)) await this.#remove(name);
  }

  /** The number of the Service that comes next. */
  get next(): number {
    return this.#created;
  }

  /** Addresses by Service, of all that stand; an empty list for a Service that waits. */
  async addresses(): Promise<ReadonlyMap<string, readonly string[]>> {
    const { items } = await this.#lab.api.get<{ readonly items: readonly Listed[] }>(path);
    const ours = items.filter(({ metadata }) => metadata.name.startsWith(this.#prefix));
    return new Map(ours.map(({ metadata, status }) => [metadata.name, ipsOf(status)]));
  }

  async #run(): Promise<void> {
    while (this.#running) {
      const name = `${this.#prefix}${this.#created++}`;
      await insist(409, () => this.#lab.api.create(path, service(name, { app: "nobody", families: "SingleStack" })));
      this.#standing.push(name);
      // The oldest but a few goes: its address is free for the next, which is where a double could come from.
      if (this.#standing.length > 40) {
        const [gone] = this.#standing.splice(this.#created % 20, 1);
        if (gone !== undefined) await this.#remove(gone);
      }
      await pause(this.#everyMs);
    }
  }

  #remove(name: string): Promise<void> {
    return insist(404, () => this.#lab.api.delete(`${path}/${name}`));
  }
}

/** Asks until the API server has answered; `done` is its answer when an earlier attempt went through unheard. */
async function insist(done: number, request: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await request();
      return;
    } catch (error) {
      if (error instanceof ApiRefusal && error.status === done) return;
      if (error instanceof ApiRefusal && error.status < 500) throw error;
      await pause(100);
    }
  }
}

function ipsOf(status: Listed["status"]): readonly string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]));
}
