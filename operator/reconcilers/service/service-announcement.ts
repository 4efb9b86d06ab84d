import { type Condition, resourceTypes, type Service } from "../../../crds/types/kubernetes.ts";
import { heraldEventReasons, serviceConditions } from "../../../crds/types/well-known.ts";
import type { EndpointView } from "../../../speaker/intent/cluster.ts";
import type { ClusterContext } from "../../../speaker/intent/context.ts";
import { serviceView } from "../../../speaker/intent/view.ts";
import { publishedTexts } from "../../allocation/decide.ts";
import { type Standing, standingOf } from "../../explain/announcement.ts";
import type { Standings } from "../../explain/standings.ts";
import { keyText } from "../../framework/api/kube-object.ts";
import type { Clock } from "../../framework/clock.ts";
import type { DerivedCondition } from "../../framework/conditions.ts";
import { done, type Reconciler, type Request, type Result } from "../../framework/reconciler.ts";
import type { EventRecorder } from "../../framework/write/events.ts";
import { OverdueWriteError, type StatusWriter } from "../../framework/write/status.ts";
import { Settling } from "../settling.ts";
import { slimService } from "../slim.ts";
import type { Busyness } from "./busyness.ts";
import type { LatestServices } from "./latest-services.ts";
import type { Pace } from "./pace.ts";
import { Postponed } from "./postponed.ts";
import { type ConditionsPatch, conditionOf, withCondition, withoutCondition } from "./service-conditions.ts";
import type { ServiceEvent } from "./service-events.ts";

export type ServiceAnnouncementDeps = {
  readonly services: LatestServices;
  /** Undefined while nothing can be told; whoever changes that enqueues every Service. */
  readonly context: () => ClusterContext | undefined;
  readonly endpointsOf: (service: string) => readonly EndpointView[];
  readonly standings: Standings;
  readonly status: StatusWriter;
  readonly events: EventRecorder;
  readonly pace: Pace;
  /** Addresses are being written: what stands here can wait. */
  readonly busy: Busyness;
  /** Looks at a Service again that waited for that. */
  readonly enqueue: (service: string) => void;
  readonly clock: Clock;
};

/** A new Service's endpoints, a node or a speaker may be about to come: not before this is silence told. */
const silentForMs = 5_000;
const announcedForMs = 1_000;
/** Addresses go first, but not for ever. */
const patienceMs = 30_000;

/**
 * Tells a Service with addresses that no node announces them, and why; once one does again the condition goes, with an
 * event. A Service that is announced all along is never written.
 */
export class ServiceAnnouncementReconciler implements Reconciler {
  readonly #deps: ServiceAnnouncementDeps;
  readonly #settling: Settling<Told["outcome"]>;
  readonly #postponed: Postponed;
  readonly #silent = new Map<string, string>();

  constructor(deps: ServiceAnnouncementDeps) {
    this.#deps = deps;
    this.#settling = new Settling(deps.clock);
    this.#postponed = new Postponed({ ...deps, onDue: deps.enqueue });
  }

  /** Why no node announces them, by `namespace/name`, of the Services that were told. */
  get silent(): ReadonlyMap<string, string> {
    return this.#silent;
  }

  clear(): void {
    this.#settling.clear();
    this.#postponed.clear();
    this.#silent.clear();
  }

  async reconcile(request: Request): Promise<Result> {
    if (this.#deps.context() === undefined) return done;
    await this.#deps.pace();
    const service = await this.#deps.services.get(request);
    const context = this.#deps.context();
    if (context === undefined) return done;
    const key = keyText(request);
    const due = this.#look(key, service, context);
    if (due === undefined) {
      this.#settling.forget(key);
      return done;
    }
    const lasting = this.#settling.lasting(key, due.standing.outcome);
    const wait = (due.standing.outcome === "silent" ? silentForMs : announcedForMs) - lasting;
    if (wait > 0) return { requeueAfterMs: wait };
    if (lasting < patienceMs && this.#deps.busy()) this.#postponed.add(key, patienceMs - lasting);
    else await this.#tell(request, due);
    return done;
  }

  /** Undefined: there is nothing to tell the Service. */
  #look(key: string, service: Service | undefined, context: ClusterContext): Due | undefined {
    const { standings, endpointsOf, clock } = this.#deps;
    this.#silent.delete(key);
    if (service === undefined) {
      standings.forget(key);
      return undefined;
    }
    const standing = standingOf(serviceView(service), endpointsOf(key), context, standings.witnessOf(key));
    standings.note(key, standing);
    if (standing.outcome === "not-asked" || publishedTexts(service).length === 0) return undefined; // a hostname is another's
    const isTold = conditionOf(service, "announced")?.status === "False";
    if (isTold && standing.outcome === "silent") this.#silent.set(key, standing.message);
    const patch =
      standing.outcome === "silent"
        ? withCondition(service, conditionFor(standing), clock.now())
        : withoutCondition(service, "announced");
    return patch && { service, standing, patch };
  }

  async #tell(request: Request, { service, standing, patch }: Due): Promise<void> {
    const { services, status, context, events } = this.#deps;
    const stillDue = (): boolean => context() !== undefined;
    try {
      const written = await status.write<Service>(resourceTypes.services, service, { status: patch }, stillDue);
      services.note(slimService(written));
    } catch (error) {
      if (error instanceof OverdueWriteError) return; // whoever leads next looks at every Service
      services.doubt(request);
      throw error;
    }
    const event = eventFor(standing, conditionOf(service, "announced"));
    if (event === undefined) return;
    events.record({ apiVersion: "v1", kind: "Service", metadata: service.metadata }, event.type, event.reason, event.message);
  }
}

/** A standing that a Service can be told. */
type Told = Exclude<Standing, { readonly outcome: "not-asked" }>;
type Silence = Extract<Standing, { readonly outcome: "silent" }>;

/** What a Service is to be told, once it has lasted. */
type Due = { readonly service: Service; readonly standing: Told; readonly patch: ConditionsPatch };

function conditionFor({ code, message }: Silence): DerivedCondition {
  return { type: serviceConditions.announced, status: "False", reason: code, message };
}

/** Other words for the same reason, such as another list of nodes, are no event. */
function eventFor(standing: Told, before: Condition | undefined): ServiceEvent | undefined {
  const wasSilent = before?.status === "False";
  if (standing.outcome === "silent") {
    if (wasSilent && before.reason === standing.code) return undefined;
    return { type: "Warning", reason: heraldEventReasons.notAnnounced, message: standing.message };
  }
  if (!wasSilent) return undefined;
  return { type: "Normal", reason: heraldEventReasons.announced, message: "a node announces the addresses of the Service" };
}
