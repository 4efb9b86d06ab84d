import { setImmediate } from "node:timers/promises";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { KubeApi } from "../../operator/framework/api/kube-api.ts";
import type { KubeObject } from "../../operator/framework/api/kube-object.ts";
import type { Clock } from "../../operator/framework/clock.ts";
import { createInformer, type Informer } from "../../operator/framework/informer/informer.ts";
import type { Change } from "../../operator/framework/informer/store.ts";
import type { Log } from "../../operator/framework/log/log.ts";
import { pause } from "../../operator/framework/pause.ts";
import { type Claim, claimLifetimeMs, isSettled } from "../admission/claim.ts";
import { decidePool, type PoolDecision, type PoolSight } from "../admission/pool-admission.ts";
import { refusal } from "../admission/refusal.ts";
import type { AdmissionRequest, Verdict } from "../admission/request.ts";
import type { Policy, Scene } from "../admission/scene.ts";
import { ClaimStore } from "./claim-store.ts";
import { inTime } from "./in-time.ts";
import { blindness, type LiveResources } from "./live-resources.ts";

export type PoolGateOptions = {
  readonly api: KubeApi;
  readonly live: LiveResources;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
};

/** Longest wait for another write's outcome. */
const patienceMs = 3_000;
const retryMs = 50;
/** Longest time for one turn: when the API server is back, nobody waits for what it never answered. */
const turnMs = 8_000;
/** Attempts to store claims while other replicas store theirs. */
const attempts = 20;
/** Requests that are decided on one reading. */
const batchSize = 32;

/** The answer, and what was judged. */
export type Judged = { readonly verdict: Verdict; readonly scene?: Scene };

type Waiting = { readonly request: AdmissionRequest } & Pick<PromiseWithResolvers<PoolDecision>, "resolve" | "reject">;

/**
 * Admits IPAddressPools: performs what decidePool says on the API server. Requests that come while others are decided are
 * decided together, each knowing the claims of those before it, so that a burst costs few writes. A claim is taken back as
 * soon as its pool is seen stored, so that the pool's addresses are free again once it is deleted.
 */
export class PoolGate {
  readonly #options: PoolGateOptions;
  readonly #store: ClaimStore;
  readonly #informer: Informer<KubeObject>;
  readonly #outstanding = new Map<string, Claim>();
  readonly #settled = new Set<string>();
  readonly #waiting: Waiting[] = [];
  #working = false;

  constructor(options: PoolGateOptions) {
    const { api, policy, clock, log } = options;
    const { namespace } = policy;
    this.#options = options;
    this.#store = new ClaimStore(api, namespace);
    this.#informer = createInformer<KubeObject>({
      api,
      namespace,
      clock,
      log,
      type: resourceTypes.ipaddresspools,
      slim: onlyIdentity,
      onChange: (change) => this.#observe(change),
    });
  }

  /** Watches pools until the options' signal aborts. */
  start(): Promise<void> {
    return this.#informer.start(this.#options.signal);
  }

  /**
   * Never rejects: what cannot be made sure of is denied, without a scene.
   * @param deadline of the answer, on the monotonic clock; half of the time until then may be spent on waiting for others.
   */
  async admit(request: AdmissionRequest, deadline: number = Number.POSITIVE_INFINITY): Promise<Judged> {
    const { clock, signal } = this.#options;
    const patience = clock.monotonic() + Math.min(patienceMs, (deadline - clock.monotonic()) / 2);
    for (;;) {
      try {
        const decision = await this.#decide(request);
        if (!decision.mayChange || clock.monotonic() >= patience || signal.aborted) return decision;
      } catch (error) {
        return { verdict: refusal(request, error instanceof Error ? error.message : String(error)) };
      }
      await pause(clock, retryMs, signal);
    }
  }

  #decide(request: AdmissionRequest): Promise<PoolDecision> {
    const { promise, resolve, reject } = Promise.withResolvers<PoolDecision>();
    this.#waiting.push({ request, resolve, reject });
    void this.#work();
    return promise;
  }

  /** One turn after the other, as long as there is something to decide or to take back. */
  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    while (this.#waiting.length > 0 || this.#settled.size > 0) {
      const batch = this.#waiting.splice(0, batchSize);
      try {
        const turn = this.#decideAll(batch.map(({ request }) => request));
        const decisions = await inTime(this.#options.clock, turnMs, turn);
        for (const [index, decision] of decisions.entries()) batch[index]?.resolve(decision);
      } catch (error) {
        this.#settled.clear(); // their claims expire by themselves
        for (const { reject } of batch) reject(error);
      }
    }
    this.#working = false;
  }

  async #decideAll(requests: readonly AdmissionRequest[]): Promise<readonly PoolDecision[]> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const stored = await this.#store.read(); // before the pools: decidePool says why
      const settled = [...this.#settled];
      const held = stored.claims.filter((claim) => !settled.includes(claim.id));
      const { decisions, claims } = await this.#decideOn(requests, held);
      const added = claims.filter((claim) => !held.includes(claim));
      for (const claim of added) this.#outstanding.set(claim.id, claim);
      const unchanged = added.length === 0 && held.length === stored.claims.length;
      if (unchanged || (await this.#store.replace(stored, claims))) {
        for (const id of settled) this.#settled.delete(id);
        return decisions;
      }
      for (const claim of added) this.#outstanding.delete(claim.id);
    }
    throw new Error("other replicas write at the same time");
  }

  /** Reads the pools, after the claims were read. */
  async #decideOn(requests: readonly AdmissionRequest[], held: readonly Claim[]) {
    const decisions: PoolDecision[] = [];
    let claims = held;
    if (requests.length === 0) return { decisions, claims };
    const { live, policy, clock } = this.#options;
    const { stored, known, unread } = await live.read("IPAddressPool");
    const sight: PoolSight = { claims, pools: stored.pools, beside: { stored, known } };
    for (const request of requests) {
      const decision = decidePool(request, policy, { ...sight, claims }, clock.now());
      const { verdict } = decision;
      claims = decision.record ?? claims;
      decisions.push({ ...decision, verdict: { ...verdict, warnings: [...verdict.warnings, ...blindness(unread)] } });
      await setImmediate(); // many pools take a while, and the process has other work
    }
    return { decisions, claims };
  }

  #observe({ after, before }: Change<KubeObject>): void {
    const object = after ?? before;
    if (object === undefined) return;
    for (const claim of this.#outstanding.values()) {
      if (this.#options.clock.now() - claim.answeredAt > claimLifetimeMs) {
        this.#outstanding.delete(claim.id); // never stored, and expired for every replica
        continue;
      }
      if (claim.uid !== object.metadata.uid) continue;
      if (after !== undefined && !isSettled(claim, [after])) continue;
      this.#outstanding.delete(claim.id);
      this.#settled.add(claim.id);
    }
    void this.#work();
  }
}

function onlyIdentity({ metadata }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, generation } = metadata;
  return { metadata: { name, ...defined({ namespace, uid, resourceVersion, generation }) } };
}

function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
