import type { IPAddressPool } from "../../../crds/types/ip-address-pool.ts";
import { resourceTypes, type Service } from "../../../crds/types/kubernetes.ts";
import { annotations } from "../../../crds/types/well-known.ts";
import { Allocator, olderFirst } from "../../allocation/allocator.ts";
import { publishedTexts } from "../../allocation/decide.ts";
import type { KubeApi } from "../../framework/api/kube-api.ts";
import { parseKeyText } from "../../framework/api/kube-object.ts";
import type { Clock } from "../../framework/clock.ts";
import type { Reader } from "../../framework/informer/store.ts";
import type { Log } from "../../framework/log/log.ts";
import { pause } from "../../framework/pause.ts";
import type { Configuration } from "../configuration.ts";
import type { LostPools } from "../lost-pools.ts";
import { speaksOfPresentPools } from "../pool-freshness.ts";
import { reservationsOf } from "../reservation-status.ts";
import { slimService } from "../slim.ts";
import type { LatestServices } from "./latest-services.ts";
import type { Pace } from "./pace.ts";

export type AllocationGateOptions = {
  readonly api: KubeApi;
  readonly services: LatestServices;
  /** Their statuses hold what is kept for deleted Services. */
  readonly pools: Reader<IPAddressPool>;
  readonly configuration: () => Configuration | undefined;
  readonly lost: LostPools;
  /** Where the pools are. */
  readonly namespace: string;
  readonly loadBalancerClass: string;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly log: Log;
  /** The gate is open: every Service is to be decided. */
  readonly onOpen: (allocator: Allocator) => void;
};

const retryMs = 1_000;
/** A watch that has not brought the last change is a moment behind, most of the time. */
const catchUpMs = 100;

/**
 * Lets nobody allocate before every address in use is known. Opening reads all Services from the API server itself, not
 * from a copy that may be behind: whoever allocated before may have written a moment ago. For the same reason it waits until
 * the pools that are known here are those that the API server holds.
 */
export class AllocationGate {
  readonly #options: AllocationGateOptions;
  #allocator: Allocator | undefined;
  #term: AbortController | undefined;
  #said = "";
  /** All that was missing at the last attempt is what the watches are about to bring. */
  #isBehind = false;

  constructor(options: AllocationGateOptions) {
    this.#options = options;
  }

  /** Undefined while the gate is closed. */
  get allocator(): Allocator | undefined {
    return this.#allocator;
  }

  /** Opens soon, unless it is open or opening. */
  open(): void {
    if (this.#term !== undefined) return;
    const term = new AbortController();
    this.#term = term;
    void this.#adoptUntilDone(term.signal);
  }

  /** Closes at once: nothing more is decided, and what was decided is forgotten. */
  close(): void {
    this.#term?.abort();
    this.#term = undefined;
    this.#allocator = undefined;
  }

  async #adoptUntilDone(signal: AbortSignal): Promise<void> {
    const { clock, onOpen } = this.#options;
    while (!signal.aborted) {
      try {
        const allocator = await this.#adopt(signal);
        if (signal.aborted) return;
        if (allocator !== undefined) {
          this.#said = "";
          this.#allocator = allocator;
          onOpen(allocator);
          return;
        }
      } catch (error) {
        this.#warnOnce("cannot read the addresses in use; nothing is allocated until that succeeds", error);
      }
      await pause(clock, this.#isBehind ? catchUpMs : retryMs, signal);
    }
  }

  /** It is tried every second: what has not changed is not said again. */
  #warnOnce(message: string, error?: unknown): void {
    const said = `${message} ${String(error)}`;
    if (said === this.#said) return;
    this.#said = said;
    this.#options.log.warn(message, error === undefined ? {} : { error });
  }

  async #adopt(signal: AbortSignal): Promise<Allocator | undefined> {
    const { api, services, configuration, lost, namespace, loadBalancerClass, pace, log } = this.#options;
    this.#isBehind = false;
    const definition = await lost.definition();
    if (definition === undefined) {
      this.#warnOnce("CustomResourceDefinition ipaddresspools.metallb.io is missing or being removed: nothing is allocated");
      return undefined;
    }
    const listed = await api.list<Service>(resourceTypes.services, { slim: slimService });
    const holders = listed.filter((service) => service.spec?.type === "LoadBalancer" && publishedTexts(service).length > 0);
    const allocator = new Allocator(loadBalancerClass, (service, address) => services.shows(parseKeyText(service), address));
    for (const service of holders.sort(olderFirst)) {
      await pace();
      if (signal.aborted) return undefined;
      services.note(service);
      allocator.adopt(service);
      const pool = service.metadata.annotations?.[annotations.ipAllocatedFromPool];
      if (pool && (service.metadata.creationTimestamp ?? "") <= definition.createdAt) lost.suspect(pool);
    }
    if (!(await speaksOfPresentPools(api, namespace, configuration))) {
      this.#isBehind = true;
      log.debug("the pools that are known here are not those that the API server holds; waiting for the watch");
      return undefined;
    }
    const current = configuration();
    if (current === undefined || signal.aborted) return undefined;
    allocator.usePools(current.adopted.snapshot, new Set([...current.unreadable, ...lost.names]));
    for (const pool of this.#options.pools.list()) allocator.restore(reservationsOf(pool), this.#options.clock.now());
    log.info("addresses in use are known; allocation begins", { services: holders.length });
    return allocator;
  }
}
