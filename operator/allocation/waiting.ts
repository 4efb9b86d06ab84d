import type { Pool } from "../../crds/config/snapshot.ts";
import { mayServe } from "./pool-selection.ts";
import type { Request } from "./request.ts";

/** Which Services wait for which pool, so that a released address wakes those and no others. In the order of arrival. */
export class Waiting {
  /** Pool name to Services that can only be helped by it. */
  readonly #byPool = new Map<string, Set<string>>();
  /** Services that any pool with autoAssign may help. */
  readonly #automatic = new Map<string, Request>();
  readonly #poolsOf = new Map<string, readonly string[]>();

  /** @param pools the pools that can help; undefined: any with autoAssign that serves the Service. */
  add(request: Request, pools: readonly string[] | undefined): void {
    if (pools === undefined) {
      if (this.#poolsOf.has(request.service)) this.remove(request.service);
      this.#automatic.set(request.service, request);
      return;
    }
    if (this.#poolsOf.get(request.service)?.join("\n") === pools.join("\n")) return; // keeps its place
    this.remove(request.service);
    this.#poolsOf.set(request.service, pools);
    for (const pool of pools) this.#byPool.set(pool, (this.#byPool.get(pool) ?? new Set()).add(request.service));
  }

  remove(service: string): void {
    this.#automatic.delete(service);
    for (const pool of this.#poolsOf.get(service) ?? []) {
      const services = this.#byPool.get(pool);
      services?.delete(service);
      if (services?.size === 0) this.#byPool.delete(pool);
    }
    this.#poolsOf.delete(service);
  }

  /** The Services that an address released in `pool` may help, the longest waiting first. */
  for(pool: Pool): readonly string[] {
    const automatic = pool.autoAssign ? [...this.#automatic.values()].filter((request) => mayServe(pool, request)) : [];
    return [...(this.#byPool.get(pool.name) ?? []), ...automatic.map(({ service }) => service)];
  }

  /** Everybody who waits. */
  all(): readonly string[] {
    return [...this.#poolsOf.keys(), ...this.#automatic.keys()];
  }
}
