import type { Pool } from "../../crds/config/snapshot.ts";
import type { Family } from "../../crds/net/address.ts";
import type { Need } from "./need.ts";
import type { Request } from "./request.ts";
import { mayServe } from "./scope.ts";

/** A Service that waits. */
export type Waiter = {
  /** In the order of arrival. */
  readonly place: number;
  readonly request: Request;
  readonly need: Need;
  /** Pools of which it was woken for addresses of these families, and is not decided since. */
  readonly claims: Map<string, readonly Family[]>;
  /** Pools that were no help, with the turn at which. */
  readonly passed: Map<string, number>;
};

/** Those who want the same, by their names, in the order of arrival. */
type Line = Map<string, Waiter>;

/** By what is wanted. */
type Lines = Map<string, Line>;

/** Everybody who waits, in lines, so that a pool finds those whom it can help. */
export class WaitingLines {
  /** By what can help. */
  readonly #lines = new Map<string, Lines>();
  /** For pools whose selectors leave some out: those who wait for any pool, and whom they serve. */
  readonly #served = new Map<string, { readonly pool: Pool; readonly lines: Lines }>();

  add(waiter: Waiter): void {
    for (const helper of helpersOf(waiter)) this.#lines.set(helper, append(this.#lines.get(helper) ?? new Map(), waiter));
    for (const { pool, lines } of this.#served.values()) if (isOpenTo(pool, waiter)) append(lines, waiter);
  }

  remove(waiter: Waiter): void {
    for (const helper of helpersOf(waiter)) {
      const lines = this.#lines.get(helper);
      if (lines !== undefined && withdraw(lines, waiter).size === 0) this.#lines.delete(helper);
    }
    for (const { lines } of this.#served.values()) withdraw(lines, waiter);
  }

  /** Other pools are in force. */
  forgetPools(): void {
    this.#served.clear();
  }

  /** The lines of those who may take an address of this pool. */
  of(pool: Pool): readonly Iterable<Waiter>[] {
    const automatic = (pool.scope?.serviceSelectors ?? []).length === 0 ? this.#helpedBy(pool) : this.#servedBy(pool);
    return [...this.#linesOf(`pool ${pool.name}`), ...automatic].map((line) => line.values());
  }

  /** Looks at everybody once; from then on the answer is kept up, until other pools are in force. */
  #servedBy(pool: Pool): readonly Line[] {
    const known = this.#served.get(pool.name);
    if (known !== undefined) return [...known.lines.values()];
    const open = this.#helpedBy(pool).flatMap((line) => [...line.values()].filter((waiter) => isOpenTo(pool, waiter)));
    const lines: Lines = new Map();
    for (const waiter of open.sort((a, b) => a.place - b.place)) append(lines, waiter);
    this.#served.set(pool.name, { pool, lines });
    return [...lines.values()];
  }

  /** Those who wait for any pool and are in one of its namespaces. */
  #helpedBy({ autoAssign, scope }: Pool): readonly Line[] {
    if (!autoAssign) return [];
    if (scope?.namespaces === undefined) return this.#linesOf("any");
    return [...scope.namespaces].flatMap((namespace) => this.#linesOf(`namespace ${namespace}`));
  }

  #linesOf(helper: string): readonly Line[] {
    return [...(this.#lines.get(helper)?.values() ?? [])];
  }
}

/** Whether the pool gives a Service an address without being named. */
export function isOpenTo(pool: Pool, { request, need }: Waiter): boolean {
  return need.isAutomatic && pool.autoAssign && mayServe(pool, request);
}

function helpersOf({ request, need }: Waiter): readonly string[] {
  return [...need.pools.map((pool) => `pool ${pool}`), ...(need.isAutomatic ? ["any", `namespace ${request.namespace}`] : [])];
}

/** In a line all can be helped, or none. */
function wantOf({ need }: Waiter): string {
  return JSON.stringify(need.combinations);
}

function append(lines: Lines, waiter: Waiter): Lines {
  const line = lines.get(wantOf(waiter)) ?? new Map<string, Waiter>();
  return lines.set(wantOf(waiter), line.set(waiter.request.service, waiter));
}

function withdraw(lines: Lines, waiter: Waiter): Lines {
  const line = lines.get(wantOf(waiter));
  line?.delete(waiter.request.service);
  if (line?.size === 0) lines.delete(wantOf(waiter));
  return lines;
}
