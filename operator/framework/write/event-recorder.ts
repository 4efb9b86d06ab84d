import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import { type KubeApi, KubeError } from "../api/kube-api.ts";
import type { KubeObject, ObjectKey } from "../api/kube-object.ts";
import type { Clock } from "../clock.ts";
import { rfc3339 } from "../conditions.ts";
import type { Log } from "../log/log.ts";
import type { EventRecorder, EventType, Involved } from "./events.ts";
import { TokenBuckets } from "./token-buckets.ts";
import type { WriteLimiter } from "./write-limiter.ts";

export type EventRecorderOptions = {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly log: Log;
  /** `metallb-controller` or `metallb-speaker`. */
  readonly component: string;
  /** Node of the component. */
  readonly host?: string;
  /** Every event waits for its turn there; absent: only the number of events under way is bounded. */
  readonly limiter?: WriteLimiter;
  /** 0 ≤ value < 1. */
  readonly random?: () => number;
};

/** {@link EventRecorder} with a count of what it had to drop. */
export interface EventSender extends EventRecorder {
  readonly dropped: number;
  /** Resolves when nothing waits to be sent. */
  flush(): Promise<void>;
}

type Waiting = {
  readonly object: Involved;
  readonly type: EventType;
  readonly reason: string;
  readonly message: string;
  count: number;
};
type Known = { readonly key: ObjectKey; count: number };

const maxWaiting = 1000;
const maxKnown = 4096;
const maxMessage = 1024;
const senders = 4;
/** Per object: this many at once, then one in five minutes. */
const perObject = { burst: 25, refillMs: 300_000 };

/** An event that repeats raises the count of the first one; beyond the bounds events are dropped and counted. */
export function createEventRecorder(options: EventRecorderOptions): EventSender {
  return new QueuedEventRecorder(options);
}

class QueuedEventRecorder implements EventSender {
  readonly #options: EventRecorderOptions;
  readonly #waiting = new Map<string, Waiting>();
  readonly #known = new Map<string, Known>();
  readonly #buckets: TokenBuckets;
  #idle: (() => void)[] = [];
  readonly #sending = new Set<string>();
  #dropped = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#buckets = new TokenBuckets(options.clock, perObject.burst, perObject.refillMs, maxKnown);
  }

  get dropped(): number {
    return this.#dropped;
  }

  record(object: Involved, type: EventType, reason: string, message: string): void {
    const { namespace = "", name, uid = "" } = object.metadata;
    const text = message.length <= maxMessage ? message : `${message.slice(0, maxMessage - 1)}…`;
    const id = [object.kind, namespace, name, uid, type, reason, text].join("\n");
    const same = this.#waiting.get(id);
    const bucket = [object.kind, namespace, name, uid].join("\n");
    if (same !== undefined) same.count++;
    else if (this.#waiting.size >= maxWaiting || !this.#buckets.take(bucket)) this.#dropped++;
    else {
      this.#waiting.set(id, { object, type, reason, message: text, count: 1 });
      this.#pump();
    }
  }

  flush(): Promise<void> {
    if (this.#sending.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #pump(): void {
    for (const [id, event] of this.#waiting) {
      if (this.#sending.size >= senders) return;
      if (this.#sending.has(id)) continue; // its name is not known before the answer
      this.#waiting.delete(id);
      this.#sending.add(id);
      const send = (): Promise<void> => this.#send(id, event);
      (this.#options.limiter?.run(send) ?? send())
        .catch((error: unknown) => {
          this.#dropped++;
          this.#options.log.debug("event not written", { reason: event.reason, error });
        })
        .finally(() => {
          this.#sending.delete(id);
          this.#pump();
          if (this.#sending.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
        });
    }
  }

  async #send(id: string, event: Waiting): Promise<void> {
    const { api, clock } = this.#options;
    const known = this.#known.get(id);
    if (known !== undefined) {
      known.count += event.count;
      const patch = { count: known.count, lastTimestamp: rfc3339(clock.now()) };
      try {
        await api.mergePatch(resourceTypes.events, known.key, patch);
        return;
      } catch (error) {
        if (!(error instanceof KubeError && error.status === 404)) throw error;
        this.#known.delete(id); // the API server forgets events after an hour
      }
    }
    const created = await api.create(resourceTypes.events, this.#body(event));
    const { name, namespace } = created.metadata;
    if (this.#known.size >= maxKnown)
      for (const oldest of [...this.#known.keys()].slice(0, maxKnown / 4)) this.#known.delete(oldest);
    this.#known.set(id, { key: namespace === undefined ? { name } : { namespace, name }, count: event.count });
  }

  #body({ object, type, reason, message, count }: Waiting): KubeObject {
    const { clock, component, host, random = Math.random } = this.#options;
    const now = clock.now();
    const { namespace, name, uid, resourceVersion } = object.metadata;
    const suffix =
      now.toString(16) +
      Math.floor(random() * 0x1000000)
        .toString(16)
        .padStart(6, "0");
    const body = {
      metadata: { name: `${name.slice(0, 230)}.${suffix}`, namespace: namespace ?? "default" },
      involvedObject: { apiVersion: object.apiVersion, kind: object.kind, namespace, name, uid, resourceVersion },
      type,
      reason,
      message,
      count,
      firstTimestamp: rfc3339(now),
      lastTimestamp: rfc3339(now),
      source: { component, host },
      reportingComponent: component,
      reportingInstance: host ?? "",
    };
    return body;
  }
}
