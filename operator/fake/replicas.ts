import type { IPAddressPool } from "../../crds/types/ip-address-pool.ts";
import { resourceTypes, type Service } from "../../crds/types/kubernetes.ts";
import { FakeApi } from "../framework/fake/fake-api.ts";
import { FakeClock } from "../framework/fake/fake-clock.ts";
import { createClientMetrics, createMetrics } from "../framework/metrics.ts";
import { createStatusWriter } from "../framework/write/status-writer.ts";
import { createWriteLimiter } from "../framework/write/write-limiter.ts";
import { HeraldOperator, type HeraldOptions } from "../herald-operator.ts";
import { PoolMetrics } from "../reconcilers/pool-metrics.ts";

export const namespace = "metallb-system";
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Whole operators beside each other, an API server in memory with one pool "p", and time that tests move. */
export class Replicas {
  readonly clock = new FakeClock();
  readonly api = new FakeApi(() => this.clock.now());
  /** `kind reason` of every event, in order. */
  readonly told: string[] = [];
  readonly #running: { readonly stop: AbortController; readonly running: Promise<void> }[] = [];

  constructor() {
    this.api.put(resourceTypes.customresourcedefinitions, { metadata: { name: "ipaddresspools.metallb.io" } });
    this.api.put<IPAddressPool>(resourceTypes.ipaddresspools, {
      metadata: { namespace, name: "p" },
      spec: { addresses: ["10.0.0.0/24"] },
    });
  }

  /** @param more with an `api` of its own the replica has a line of its own to the API server. */
  start(identity: string, more: Partial<HeraldOptions> = {}) {
    const { clock } = this;
    const { api = this.api } = more;
    const metrics = createMetrics();
    const operator = new HeraldOperator({
      api,
      clock,
      log,
      namespace,
      identity,
      pod: { apiVersion: "v1", kind: "Pod", metadata: { namespace, name: identity } },
      loadBalancerClass: "",
      status: createStatusWriter({ api, limiter: createWriteLimiter({ clock }) }),
      events: { record: (object, _type, reason) => void this.told.push(`${object.kind} ${reason}`) },
      metrics: createClientMetrics(metrics),
      poolMetrics: new PoolMetrics(metrics),
      busy: () => false,
      ...more,
    });
    const stop = new AbortController();
    const replica = { operator, stop, running: operator.run(stop.signal), metrics };
    this.#running.push(replica);
    return replica;
  }

  /** Lets everything happen that happens within `ms`. */
  async run(ms: number): Promise<void> {
    for (let step = 0; step < 20; step++) await this.clock.advance(ms / 20);
  }

  async stop(): Promise<void> {
    for (const { stop } of this.#running) stop.abort();
    await this.run(5_000);
    await Promise.all(this.#running.map(({ running }) => running));
  }

  /** The first address of a Service in `default`. */
  addressOf(name: string): string | undefined {
    const service = this.api.peek<Service>(resourceTypes.services, { namespace: "default", name });
    return service?.status?.loadBalancer?.ingress?.[0]?.ip;
  }
}
