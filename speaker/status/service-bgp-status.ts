import type { ServiceBGPStatus } from "../../crds/types/service-bgp-status.ts";
import { keyText } from "../../operator/framework/api/kube-object.ts";
import { done, type Reconciler, type Request, type Result } from "../../operator/framework/reconciler.ts";
import { identityOf, type ServiceStatusDeps, ServiceStatusObjects } from "./service-status-objects.ts";

export type ServiceBGPStatusDeps = ServiceStatusDeps<ServiceBGPStatus> & {
  /** Names of the BGPPeers that this node advertises a Service to, sorted; empty when it does not. */
  readonly peers: (service: string) => readonly string[];
};

/**
 * One ServiceBGPStatus for each Service that this node advertises: to which peers it is meant to go, whatever their
 * sessions do. Other nodes advertise the same Service and have their own. The request names the Service.
 */
export class ServiceBGPStatusReconciler implements Reconciler {
  readonly #deps: ServiceBGPStatusDeps;
  readonly #objects: ServiceStatusObjects<ServiceBGPStatus>;

  constructor(deps: ServiceBGPStatusDeps) {
    this.#deps = deps;
    this.#objects = new ServiceStatusObjects("servicebgpstatuses", "bgp-", deps);
  }

  async reconcile(service: Request): Promise<Result> {
    const key = keyText(service);
    const own = this.#objects.own(this.#objects.of(key));
    const peers = this.#deps.peers(key);
    if (peers.length === 0) {
      this.#objects.forget(key);
      await this.#objects.delete(own);
      return done;
    }
    const identity = identityOf(service, this.#deps.node);
    const kept = own.find((object) => this.#objects.hasIdentity(object, identity));
    const waitMs = this.#objects.waitMs(key);
    if (kept === undefined && waitMs > 0) return { requeueAfterMs: waitMs };
    await this.#objects.delete(own.filter((object) => object !== kept));
    const object = kept ?? (await this.#objects.create(service));
    await this.#objects.write(key, object, { ...identity, peers });
    const requeueAfterMs = this.#objects.lookAgainMs(key);
    return requeueAfterMs === undefined ? done : { requeueAfterMs };
  }
}
