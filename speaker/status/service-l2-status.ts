import type { ServiceL2Status, ServiceL2StatusStatus } from "../../crds/types/service-l2-status.ts";
import { keyText } from "../../operator/framework/api/kube-object.ts";
import { done, type Reconciler, type Request, type Result } from "../../operator/framework/reconciler.ts";
import type { L2Announcement } from "../intent/intent.ts";
import { identityOf, type ServiceStatusDeps, ServiceStatusObjects } from "./service-status-objects.ts";

export type ServiceL2StatusDeps = ServiceStatusDeps<ServiceL2Status> & {
  /** What this node announces of a Service now, in the order of its addresses; empty when nothing. */
  readonly announced: (service: string) => readonly L2Announcement[];
};

/**
 * One ServiceL2Status for each Service that this node announces: who announces says so and removes what others said; who
 * does not announce removes only its own word. A Service that moves gets a new object, since the identity in the status
 * cannot be changed. The request names the Service.
 */
export class ServiceL2StatusReconciler implements Reconciler {
  readonly #deps: ServiceL2StatusDeps;
  readonly #objects: ServiceStatusObjects<ServiceL2Status>;

  constructor(deps: ServiceL2StatusDeps) {
    this.#deps = deps;
    this.#objects = new ServiceStatusObjects("servicel2statuses", "l2-", deps);
  }

  async reconcile(service: Request): Promise<Result> {
    const { announced, node } = this.#deps;
    const key = keyText(service);
    const objects = this.#objects.of(key);
    const own = this.#objects.own(objects);
    const [first] = announced(key);
    if (first === undefined) {
      this.#objects.forget(key);
      await this.#objects.delete(own);
      return done;
    }
    const identity = identityOf(service, node);
    const kept = own.find((object) => this.#objects.hasIdentity(object, identity));
    const waitMs = this.#objects.waitMs(key);
    if (kept === undefined && waitMs > 0) return { requeueAfterMs: waitMs };
    await this.#objects.delete(objects.filter((object) => object !== kept));
    const object = kept ?? (await this.#objects.create(service));
    await this.#objects.write(key, object, patchOf({ ...identity, ...interfacesOf(first) }));
    const requeueAfterMs = this.#objects.lookAgainMs(key);
    return requeueAfterMs === undefined ? done : { requeueAfterMs };
  }
}

function interfacesOf({ interfaces }: L2Announcement): Pick<ServiceL2StatusStatus, "interfaces"> {
  return interfaces.length === 0 ? {} : { interfaces: interfaces.map((name) => ({ name })) };
}

/** A merge patch must say that a list is gone. */
function patchOf(status: ServiceL2StatusStatus): object {
  return { interfaces: null, ...status };
}
