import { parseAddress } from "../../../crds/net/address.ts";
import { resourceTypes, type Service } from "../../../crds/types/kubernetes.ts";
import type { Allocator } from "../../allocation/allocator.ts";
import { publishedTexts } from "../../allocation/decide.ts";
import { without } from "../../allocation/holdings.ts";
import type { Verdict } from "../../allocation/verdict.ts";
import { KubeError } from "../../framework/api/kube-api.ts";
import { keyText } from "../../framework/api/kube-object.ts";
import type { Clock } from "../../framework/clock.ts";
import type { ControllerMetrics } from "../../framework/controller.ts";
import { done, type Reconciler, type Request, type Result } from "../../framework/reconciler.ts";
import type { EventRecorder } from "../../framework/write/events.ts";
import { OverdueWriteError, type StatusWriter } from "../../framework/write/status.ts";
import { slimService } from "../slim.ts";
import type { LatestServices } from "./latest-services.ts";
import type { Pace } from "./pace.ts";
import { eventsOfChange, eventsOfNeed, type ServiceEvent } from "./service-events.ts";
import { statusPatch } from "./service-status.ts";

export type ServiceReconcilerDeps = {
  /** Undefined while nothing may be allocated; whoever opens the gate enqueues every Service. */
  readonly allocator: () => Allocator | undefined;
  readonly services: LatestServices;
  /**
   * Pools may be others than those in force here: what these say takes nothing from anybody. Milliseconds until that is worth
   * another look; 0: they are certain.
   */
  readonly doubtMs: () => number;
  readonly status: StatusWriter;
  readonly events: EventRecorder;
  /** MetalLB counts a Service that cannot have what it asks for among the errors. */
  readonly metrics: Pick<ControllerMetrics, "updateErrors">;
  readonly pace: Pace;
  readonly clock: Clock;
  /** Called when something was held or freed, with the allocator to ask what. */
  readonly onAllocation: (allocator: Allocator) => void;
};

/** Attempts to write before the retry is left to the controller's back-off. */
const attempts = 3;

/**
 * Gives a Service its addresses: decides, writes status and pool annotation in one conditional patch, and only then
 * lets go of what was replaced. A conflict is decided anew on the fresh object.
 */
export class ServiceReconciler implements Reconciler {
  readonly #deps: ServiceReconcilerDeps;
  /** What each Service was last told about its unmet wishes. */
  readonly #told = new Map<string, string>();
  /** Services of another class that were rid of our conditions: any that come back are another Herald's. */
  readonly #disowned = new Set<string>();

  constructor(deps: ServiceReconcilerDeps) {
    this.#deps = deps;
  }

  /** What each Service lacks and was told about, by `namespace/name`. */
  get needs(): ReadonlyMap<string, string> {
    return this.#told;
  }

  /** Forgets Services that went while nobody looked. */
  forgetUnless(exists: (service: string) => boolean): void {
    for (const service of this.#told.keys()) if (!exists(service)) this.#told.delete(service);
    for (const service of this.#disowned) if (!exists(service)) this.#disowned.delete(service);
  }

  async reconcile(request: Request): Promise<Result> {
    await this.#deps.pace();
    let service = await this.#deps.services.get(request);
    for (let attempt = 1; ; attempt++) {
      const allocator = this.#deps.allocator();
      if (allocator === undefined) return done;
      if (service === undefined) return this.#gone(request, allocator);
      try {
        return await this.#settle(request, service, allocator);
      } catch (error) {
        if (error instanceof OverdueWriteError) return done; // whoever opens the gate enqueues every Service
        if (!(error instanceof KubeError) || error.status >= 500) this.#deps.services.doubt(request);
        if (!(error instanceof KubeError) || (error.status !== 409 && error.status !== 404) || attempt === attempts) throw error;
        service = await this.#deps.services.refresh(request);
      }
    }
  }

  #gone(request: Request, allocator: Allocator): Result {
    allocator.forget(keyText(request), this.#deps.clock.now());
    this.#told.delete(keyText(request));
    this.#disowned.delete(keyText(request));
    this.#deps.onAllocation(allocator);
    return done;
  }

  async #settle(request: Request, service: Service, allocator: Allocator): Promise<Result> {
    const verdict = allocator.decide(service);
    this.#deps.onAllocation(allocator); // the next in line need not wait for the write
    const doubtMs = takesAway(service, verdict) ? this.#deps.doubtMs() : 0;
    if (doubtMs > 0) return { requeueAfterMs: doubtMs };
    this.#tell(request, service, verdict);
    const patch = this.#isAnothers(request, service, verdict) ? undefined : statusPatch(service, verdict, this.#deps.clock.now());
    if (patch !== undefined) {
      const stillDue = (): boolean => this.#deps.allocator() === allocator;
      const written = await this.#deps.status.write<Service>(resourceTypes.services, service, patch, stillDue);
      if (written !== service) {
        this.#deps.services.note(slimService(written));
        this.#record(service, eventsOfChange(service, verdict, written));
      }
      if (isOfOtherClass(service, verdict)) this.#disowned.add(keyText(request));
    }
    allocator.commit(keyText(request), this.#deps.clock.now());
    this.#deps.onAllocation(allocator);
    return done;
  }

  #isAnothers(request: Request, service: Service, verdict: Verdict): boolean {
    return isOfOtherClass(service, verdict) && this.#disowned.has(keyText(request));
  }

  #tell(request: Request, service: Service, verdict: Verdict): void {
    const needs = eventsOfNeed(service, verdict);
    const text = needs.map(({ message }) => message).join("\n");
    if ((this.#told.get(keyText(request)) ?? "") === text) return;
    if (text === "") this.#told.delete(keyText(request));
    else this.#told.set(keyText(request), text);
    if (verdict.outcome !== "ignore" && needs.some(({ type }) => type === "Warning")) this.#deps.metrics.updateErrors.inc();
    this.#record(service, needs);
  }

  #record({ metadata }: Service, events: readonly ServiceEvent[]): void {
    for (const { type, reason, message } of events) {
      this.#deps.events.record({ apiVersion: "v1", kind: "Service", metadata }, type, reason, message);
    }
  }
}

/** Whether an address goes that the Service shows, though it is a load balancer still. */
function takesAway(service: Service, verdict: Verdict): boolean {
  if (verdict.outcome === "ignore" || verdict.outcome === "clear") return false;
  const given = verdict.outcome === "pending" ? [] : verdict.addresses;
  const shown = publishedTexts(service).flatMap((text) => parseAddress(text) ?? []);
  return without(shown, given).length > 0;
}

function isOfOtherClass({ spec }: Service, { outcome }: Verdict): boolean {
  return outcome === "ignore" && spec?.type === "LoadBalancer";
}
