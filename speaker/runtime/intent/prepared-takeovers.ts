import type { EndpointView, ServiceView } from "../../intent/cluster.ts";
import type { Context } from "../../intent/context.ts";
import { decide, type Verdict } from "../../intent/desired.ts";
import { lossesBetween, withoutCandidate } from "../../intent/succession.ts";

/** Services as they are now, as views. */
export type ServiceReader = {
  service(key: string): ServiceView | undefined;
  /** Of all EndpointSlices of the Service. */
  endpoints(key: string): readonly EndpointView[];
};

/** In a cluster of a thousand nodes all of them would be a million names. */
const contextsKept = 32;

export type Takeover = { readonly key: string; readonly verdict: Verdict };

/**
 * What this node is to announce as soon as one other node is gone, decided while nobody waits for it: to decide on thousands of
 * Services takes longer than to find a death, and the addresses of the dead node are not answered for meanwhile.
 */
export class PreparedTakeovers {
  readonly #reader: ServiceReader;
  /** By Service, with the owner for whose going it is. */
  readonly #prepared = new Map<string, { readonly owner: string; readonly verdict: Verdict }>();
  /** The owners of Services that nothing is prepared for yet. */
  readonly #owners = new Map<string, string>();
  /** `#context`, or one that is no different, without one of its candidates, by that one. */
  readonly #without = new Map<string, Context>();
  #context: Context | undefined;

  constructor(reader: ServiceReader) {
    this.#reader = reader;
  }

  /** What was decided on a Service holds no longer. */
  forget(key: string): void {
    this.#owners.delete(key);
    this.#prepared.delete(key);
  }

  /** That node was elected, and the Service is as it was, or forgotten. */
  note(key: string, owner: string): void {
    if (this.#prepared.get(key)?.owner === owner) return;
    this.#prepared.delete(key);
    this.#owners.set(key, owner);
  }

  /** Whether there is anything for {@link prepareNext} to do. */
  get isComplete(): boolean {
    return this.#owners.size === 0;
  }

  /**
   * Decides on one of the Services that were noted, for a cluster without its owner.
   * @param context the one in which that owner was elected.
   */
  prepareNext(context: Context): void {
    if (context !== this.#context) this.#begin(context);
    for (const [key, owner] of this.#owners) {
      this.#owners.delete(key);
      this.#prepare(key, owner, context);
      return;
    }
  }

  /**
   * To be called before anything is decided in another context. What was prepared is kept where elections are the same, and while this
   * node does not know whether it is cut off.
   * @returns what this node is to take over at once.
   */
  enter(context: Context): readonly Takeover[] {
    if (context === this.#context || context.members.conduct !== "member") return [];
    const losses = this.#context && lossesBetween(this.#context, context);
    const takeovers: Takeover[] = [];
    if (losses?.length === 1)
      for (const [key, { owner, verdict }] of this.#prepared) if (losses.includes(owner)) takeovers.push({ key, verdict });
    if (losses?.length === 0) this.#context = context;
    else this.#begin(context);
    return takeovers;
  }

  #begin(context: Context): void {
    this.#context = context;
    this.#prepared.clear();
    this.#without.clear();
  }

  #prepare(key: string, owner: string, context: Context): void {
    const verdict = decide(this.#reader.service(key), this.#reader.endpoints(key), this.#contextWithout(owner, context));
    if (verdict.type === "announce") this.#prepared.set(key, { owner, verdict });
  }

  #contextWithout(owner: string, context: Context): Context {
    const known = this.#without.get(owner);
    if (known !== undefined) return known;
    if (this.#without.size >= contextsKept) this.#without.clear();
    const without = withoutCandidate(context, owner);
    this.#without.set(owner, without);
    return without;
  }
}
