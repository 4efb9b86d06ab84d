import { resourceTypes } from "../../crds/types/kubernetes.ts";
import { type KubeApi, KubeError } from "./api/kube-api.ts";
import type { KubeObject, ObjectKey } from "./api/kube-object.ts";
import type { Cancel, Clock } from "./clock.ts";
import type { Log } from "./log/log.ts";
import { pause } from "./pause.ts";

export type LeaderElectionOptions = {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly lease: ObjectKey;
  /** Unique among the candidates, such as the Pod's name. */
  readonly identity: string;
  /** Others take over when the Lease has stood still for so long. */
  readonly leaseDurationMs?: number;
  /** Leadership is given up when it could not be renewed for so long; shorter than the duration. */
  readonly renewDeadlineMs?: number;
  /** Time between two renewals. */
  readonly retryPeriodMs?: number;
  /** Time between two looks at a Lease that another holds; absent: as between renewals. */
  readonly lookPeriodMs?: number;
  /** 0 ≤ value < 1. */
  readonly random?: () => number;
  /** Leadership begins; `signal` aborts when it ends. */
  readonly onStarted: (signal: AbortSignal) => void;
  /** Leadership has ended. */
  readonly onStopped?: () => void;
};

/** Leadership through a coordination.k8s.io Lease. */
export interface LeaderElection {
  /** False as soon as the renew deadline has passed, even if nothing had time to react yet. */
  readonly leading: boolean;
  /** Who holds the Lease as last seen, if anybody. */
  readonly leader: string | undefined;
  /** The API server may have forgotten that the Lease was given: leadership ends, until it says so once more. */
  doubt(): void;
  /** Stands for election until `signal` aborts, then releases a held Lease. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

type LeaseSpec = {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
};
type Lease = KubeObject & { readonly spec?: LeaseSpec };

/**
 * Every write carries the resourceVersion of the Lease that was judged, so two candidates never both succeed. Clocks of
 * different machines are never compared: a Lease is stale when this process saw no change of it for its duration.
 */
export function createLeaderElection(options: LeaderElectionOptions): LeaderElection {
  return new LeaseElection(options);
}

class LeaseElection implements LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #durationMs: number;
  readonly #deadlineMs: number;
  readonly #periodMs: number;
  readonly #lookMs: number;
  #seen: { readonly lease: Lease; readonly at: number } | undefined;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #term: AbortController | undefined;
  #cancelDeadline: Cancel = () => {};

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#durationMs = options.leaseDurationMs ?? 15_000;
    this.#deadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#periodMs = options.retryPeriodMs ?? 2_000;
    this.#lookMs = options.lookPeriodMs ?? this.#periodMs;
    if (this.#deadlineMs >= this.#durationMs || this.#periodMs >= this.#deadlineMs) {
      throw new RangeError("leader election needs retryPeriodMs < renewDeadlineMs < leaseDurationMs");
    }
  }

  get leading(): boolean {
    return this.#term !== undefined && this.#options.clock.monotonic() - this.#renewedAt < this.#deadlineMs;
  }

  get leader(): string | undefined {
    return this.#seen?.lease.spec?.holderIdentity || undefined;
  }

  doubt(): void {
    this.#end("the API server was restored");
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    let attempt = Promise.resolve();
    while (!signal.aborted) {
      attempt = this.#attempt(signal).catch((error: unknown) => {
        const conflict = error instanceof KubeError && error.status === 409;
        log[conflict ? "debug" : "warn"]("Lease not written", { lease: this.#options.lease.name, error });
      });
      // A request that hangs must not hold back the next one for longer than the deadline allows.
      await Promise.race([attempt, pause(clock, this.#deadlineMs / 2, signal)]);
      await pause(clock, this.#untilNextAttempt(), signal);
    }
    const held = this.#term !== undefined;
    this.#end("stopping");
    if (!held) return;
    // The answer to a renewal that is under way brings the version that the release must name.
    await this.#awaitBriefly(attempt);
    await this.#awaitBriefly(this.#release());
  }

  /** A candidate is there when the Lease becomes stale, and not at the same moment as the others. */
  #untilNextAttempt(): number {
    if (this.#term !== undefined) return this.#periodMs;
    const { random = Math.random } = this.#options;
    const spreadMs = 0.2 * this.#lookMs * random();
    const staleInMs = this.#staleInMs();
    return spreadMs + (staleInMs > 0 ? Math.min(this.#lookMs, staleInMs) : this.#lookMs);
  }

  /** Renews when the Lease is ours, takes it when nobody holds it any more. */
  async #attempt(signal: AbortSignal): Promise<void> {
    const { api, clock, lease: key, identity } = this.#options;
    const sentAt = clock.monotonic();
    const found = this.#term === undefined ? await api.get<Lease>(resourceTypes.leases, key) : this.#seen?.lease;
    if (found === undefined) {
      this.#won(
        await api.create<Lease>(resourceTypes.leases, { metadata: { ...key }, spec: this.#spec(undefined) } as Lease),
        sentAt,
        signal,
      );
      return;
    }
    if (this.#term === undefined) this.#observe(found);
    if (found.spec?.holderIdentity !== identity && this.#staleInMs() > 0) return;
    const patch = { metadata: { resourceVersion: found.metadata.resourceVersion }, spec: this.#spec(found.spec) };
    try {
      this.#won(await api.mergePatch<Lease>(resourceTypes.leases, key, patch), sentAt, signal);
    } catch (error) {
      if (error instanceof KubeError && (error.status === 409 || error.status === 404)) await this.#lookAgain();
      throw error;
    }
  }

  /** Somebody else wrote the Lease: are we still its holder? */
  async #lookAgain(): Promise<void> {
    const lease = await this.#options.api.get<Lease>(resourceTypes.leases, this.#options.lease);
    if (lease !== undefined) this.#observe(lease);
    if (lease?.spec?.holderIdentity !== this.#options.identity) this.#end("another holds the Lease");
  }

  #observe(lease: Lease): void {
    if (this.#seen?.lease.metadata.resourceVersion === lease.metadata.resourceVersion) return;
    this.#seen = { lease, at: this.#options.clock.monotonic() };
  }

  /** Milliseconds until the Lease as last seen is free for all; zero or less: it is. */
  #staleInMs(): number {
    if (this.#seen === undefined) return 0;
    const { spec } = this.#seen.lease;
    if (!spec?.holderIdentity) return 0;
    const durationMs = (spec.leaseDurationSeconds ?? this.#durationMs / 1000) * 1000;
    return this.#seen.at + durationMs - this.#options.clock.monotonic();
  }

  #won(lease: Lease, sentAt: number, signal: AbortSignal): void {
    const { clock, log, onStarted, identity } = this.#options;
    this.#seen = { lease, at: clock.monotonic() };
    const tooOld = clock.monotonic() - sentAt >= this.#deadlineMs || sentAt < this.#renewedAt;
    if (tooOld || signal.aborted) return;
    if (!this.leading) this.#end("the Lease could not be renewed"); // this process stood still, and its timers with it
    this.#renewedAt = sentAt;
    this.#cancelDeadline();
    this.#cancelDeadline = clock.after(sentAt + this.#deadlineMs - clock.monotonic(), () =>
      this.#end("the Lease could not be renewed"),
    );
    if (this.#term !== undefined) return;
    this.#term = new AbortController();
    log.info("leading", { identity, lease: this.#options.lease.name });
    onStarted(this.#term.signal);
  }

  #end(reason: string): void {
    this.#cancelDeadline();
    const term = this.#term;
    if (term === undefined) return;
    this.#term = undefined;
    this.#options.log.info("no longer leading", { identity: this.#options.identity, reason });
    term.abort(new Error(reason));
    this.#options.onStopped?.();
  }

  /** An API server that is silent does not keep the process from ending. */
  async #awaitBriefly(request: Promise<void>): Promise<void> {
    const answered = new AbortController();
    const late = pause(this.#options.clock, this.#periodMs, answered.signal);
    await Promise.race([request, late]);
    answered.abort();
  }

  /** Lets the next one take over at once. */
  async #release(): Promise<void> {
    const { api, lease, log, clock } = this.#options;
    const resourceVersion = this.#seen?.lease.metadata.resourceVersion;
    const spec = { holderIdentity: "", leaseDurationSeconds: 1, renewTime: microTime(clock.now()) };
    try {
      await api.mergePatch(resourceTypes.leases, lease, { metadata: { resourceVersion }, spec });
    } catch (error) {
      log.warn("Lease not released; others wait until it is stale", { lease: lease.name, error });
    }
  }

  #spec(before: LeaseSpec | undefined): LeaseSpec {
    const { clock, identity } = this.#options;
    const now = microTime(clock.now());
    const ours = before?.holderIdentity === identity;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#durationMs / 1000),
      acquireTime: ours ? (before?.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (before?.leaseTransitions ?? 0) + (ours || before === undefined ? 0 : 1),
    };
  }
}

/** metav1.MicroTime. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}
