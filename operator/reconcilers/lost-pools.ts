import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { KubeApi } from "../framework/api/kube-api.ts";
import type { KubeObject } from "../framework/api/kube-object.ts";
import type { Clock } from "../framework/clock.ts";
import type { Log } from "../framework/log/log.ts";

const definition = { name: "ipaddresspools.metallb.io" };
const retryMs = 5_000;

/** The pools' CustomResourceDefinition, as far as it matters here. */
type Definition = { readonly uid: string; readonly createdAt: string };

/**
 * Tells pools that somebody deleted from pools that went because their CustomResourceDefinition was removed: the latter
 * are no reason to take addresses away.
 */
export class LostPools {
  readonly #api: KubeApi;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onChange: (names: readonly string[]) => void;
  readonly #names = new Set<string>();
  /** By name, when each of them was created. */
  readonly #checking = new Map<string, string>();
  #present: ReadonlySet<string> = new Set();
  #known: Definition | undefined;
  #retrying = false;

  /** @param onChange some names are no longer lost: somebody did delete those pools. */
  constructor(api: KubeApi, clock: Clock, log: Log, onChange: (names: readonly string[]) => void) {
    this.#api = api;
    this.#clock = clock;
    this.#log = log;
    this.#onChange = onChange;
  }

  /** Lost, or not known yet to be deleted. */
  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** The definition, when it stands; undefined when it is missing or being removed. */
  async definition(): Promise<Definition | undefined> {
    const found = await this.#api.get<KubeObject>(resourceTypes.customresourcedefinitions, definition);
    if (found === undefined || found.metadata.deletionTimestamp !== undefined) return undefined;
    const { uid = "", creationTimestamp = "" } = found.metadata;
    this.#known ??= { uid, createdAt: creationTimestamp };
    return { uid, createdAt: creationTimestamp };
  }

  /** These pools are there. */
  found(names: ReadonlySet<string>): void {
    this.#present = names;
    for (const name of names) this.#names.delete(name);
  }

  /** A Service older than the definition names this pool: unless it is there, it went with the definition's predecessor. */
  suspect(name: string): void {
    if (!this.#present.has(name)) this.#names.add(name);
  }

  /**
   * These pools have vanished: they count as lost until it is known that their definition stands.
   * @param pools by name, when each was created.
   */
  vanished(pools: ReadonlyMap<string, string>): void {
    for (const [name, createdAt] of pools) {
      this.#names.add(name);
      this.#checking.set(name, createdAt);
    }
    if (pools.size > 0) void this.#check();
  }

  async #check(): Promise<void> {
    const before = this.#known;
    const now = await this.definition().catch((error: unknown) => {
      this.#retry(error);
      return error instanceof Error ? error : new Error(String(error));
    });
    if (now instanceof Error || this.#checking.size === 0) return;
    const checked = [...this.#checking];
    this.#checking.clear();
    const isReplaced = now === undefined || (before !== undefined && before.uid !== now.uid);
    this.#known = now;
    const isLost = ([, createdAt]: readonly [string, string]): boolean => isReplaced || createdAt < now.createdAt;
    const lost = checked.filter(isLost).map(([name]) => name);
    const deleted = checked.filter((pool) => !isLost(pool)).map(([name]) => name);
    if (lost.length > 0) {
      const hint = "their Services keep their addresses until pools with these addresses are back";
      this.#log.warn(`pools went together with their CustomResourceDefinition: ${hint}`, { pools: lost });
    }
    for (const name of deleted) this.#names.delete(name);
    if (deleted.length > 0) this.#onChange(deleted);
  }

  /** One attempt answers for all names, so that one is enough to be under way. */
  #retry(error: unknown): void {
    if (this.#retrying) return;
    this.#retrying = true;
    this.#log.warn("cannot tell whether pools were deleted; their addresses stay", { error });
    this.#clock.after(retryMs, () => {
      this.#retrying = false;
      void this.#check();
    });
  }
}
