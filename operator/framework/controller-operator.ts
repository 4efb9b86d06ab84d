import operatorPackage, { type OperatorLogger, type ResourceEvent, type ResourceMeta } from "@dot-i/k8s-operator";
import type { KubeApi } from "./api/kube-api.ts";
import { type KubeObject, keyText, type ObjectKey, type ResourceType } from "./api/kube-object.ts";
import type { Clock } from "./clock.ts";
import type { Controller, ControllerOptions } from "./controller.ts";
import { createController } from "./controller.ts";
import { createInformer, type Informer, type InformerOptions } from "./informer/informer.ts";
import type { Change } from "./informer/store.ts";
import type { Log } from "./log/log.ts";
import { done } from "./reconciler.ts";

// A CommonJS package: what Node gives as its default is module.exports.
const Operator = operatorPackage.default;
const { ResourceEventType, ResourceMetaImpl } = operatorPackage;

export type OperatorOptions = {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ value < 1: what waits vary by; `Math.random` when absent. */
  readonly random?: () => number;
};

/** What the operator fills in itself. */
type Given = "api" | "clock" | "log" | "random" | "onRewind" | "onRelisted";

type Part = { readonly name: string; start(signal: AbortSignal): Promise<void> };

/**
 * The process-wide operator: owns informers and controllers and their life. It replaces the parent's watch, which ends
 * the process on a lost connection and misses deletions, and its stop. Subclasses register their parts in `init`.
 */
export abstract class ControllerOperator extends Operator {
  protected readonly api: KubeApi;
  protected readonly clock: Clock;
  protected readonly log: Log;
  readonly #random: () => number;
  readonly #parts: Part[] = [];
  readonly #informers: { relist(): void }[] = [];
  readonly #running: Promise<void>[] = [];
  readonly #stop = new AbortController();
  readonly #watched = new Map<string, ResourceType>();
  #started = false;
  #failure: { readonly error: unknown } | undefined;

  constructor({ api, clock, log, random = Math.random }: OperatorOptions) {
    super(loggerFor(log));
    this.#random = random;
    this.api = api;
    this.clock = clock;
    this.log = log;
  }

  /** Runs from init to the end of the last part; `signal` asks for the end. @throws what `init` or a part throws. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = () => this.stop();
    signal.addEventListener("abort", stop);
    try {
      if (signal.aborted) return;
      await this.start();
      await this.#stopped();
    } finally {
      signal.removeEventListener("abort", stop);
      this.stop();
      await Promise.all(this.#running);
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Calls `init`, then starts every part that it registered. */
  override async start(): Promise<void> {
    await super.start();
    this.#started = true;
    for (const part of this.#parts.splice(0)) this.#launch(part);
  }

  /** Asks all parts to end; the process lives on. Harmless when repeated. */
  override stop(): void {
    this.#stop.abort();
  }

  /** Aborts when the operator is to stop. */
  protected get stopping(): AbortSignal {
    return this.#stop.signal;
  }

  /** Registers an informer, started after `init`, or at once when the operator runs already. */
  protected addInformer<T extends KubeObject>(options: Omit<InformerOptions<T>, Given>): Informer<T> {
    const { api, clock, log } = this;
    const onRewind = (): void => {
      for (const each of this.#informers) if (each !== informer) each.relist();
      this.rewound();
    };
    const onRelisted = (): void => this.relisted();
    const informer: Informer<T> = createInformer<T>({
      ...options,
      api,
      clock,
      log,
      random: this.#random,
      onRewind,
      onRelisted,
    });
    this.#informers.push(informer);
    this.addPart({ name: `informer ${options.type.plural}`, start: (signal) => informer.start(signal) });
    return informer;
  }

  /** The API server was restored from a backup: what was read before may never have been. No informer is synced now. */
  protected rewound(): void {}

  /** One more informer is synced again after that. */
  protected relisted(): void {}

  /** Registers a controller, started like an informer. */
  protected addController(options: Omit<ControllerOptions, "clock" | "log">): Controller {
    const controller = createController({ ...options, clock: this.clock, log: this.log });
    this.addPart(controller);
    return controller;
  }

  /** Registers anything else that runs until a signal, such as a leader election. A rejection stops the operator. */
  protected addPart(part: Part): void {
    if (this.#started) this.#launch(part);
    else this.#parts.push(part);
  }

  /**
   * The parent's watch, by our informer: keys are worked on one after another, a failing handler is retried with back-off,
   * and of several changes of one object that wait only the last is told.
   * @param kind of the objects, where the server leaves it out.
   */
  protected override async watchResource(
    group: string,
    version: string,
    plural: string,
    onEvent: (event: ResourceEvent) => Promise<void>,
    namespace?: string,
    kind = plural,
  ): Promise<void> {
    const type: ResourceType = { group, version, plural, kind };
    const latest = new Map<string, Change<KubeObject>>();
    const reconcile = async (key: ObjectKey) => {
      const text = keyText(key);
      const change = latest.get(text);
      if (change === undefined) return done;
      const event = resourceEvent(type, change);
      this.#watched.set(event.meta.id, type);
      await onEvent(event);
      if (latest.get(text) === change) latest.delete(text);
      return done;
    };
    const controller = this.addController({ name: `watch ${plural}`, reconciler: { reconcile } });
    const scope = namespace === undefined ? {} : { namespace };
    this.addInformer<KubeObject>({
      type,
      ...scope,
      onChange: (change) => {
        latest.set(keyText(change.key), change);
        controller.enqueue(change.key);
      },
    });
  }

  protected override setResourceStatus(meta: ResourceMeta, status: unknown): Promise<ResourceMeta | null> {
    return this.patchResourceStatus(meta, status);
  }

  protected override async patchResourceStatus(meta: ResourceMeta, status: unknown): Promise<ResourceMeta | null> {
    const patch = { metadata: { resourceVersion: meta.resourceVersion }, status };
    const written = await this.api.mergePatch<KubeObject>(this.#typeOf(meta), keyOfMeta(meta), patch, { subresource: "status" });
    return ResourceMetaImpl.createWithId(meta.id, written as never);
  }

  protected override async setResourceFinalizers(meta: ResourceMeta, finalizers: string[]): Promise<void> {
    await this.api.mergePatch(this.#typeOf(meta), keyOfMeta(meta), { metadata: { finalizers } });
  }

  #typeOf(meta: ResourceMeta): ResourceType {
    const type = this.#watched.get(meta.id);
    if (type === undefined) throw new Error(`${meta.id} is not watched`);
    return type;
  }

  #stopped(): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => this.#stop.signal.addEventListener("abort", () => resolve(), { once: true }));
  }

  #launch(part: Part): void {
    const running = part.start(this.#stop.signal);
    this.#running.push(
      running.catch((error: unknown) => {
        this.log.error("a part of the operator failed; stopping", { part: part.name, error });
        this.#failure ??= { error };
        this.stop();
      }),
    );
  }
}

function resourceEvent(type: ResourceType, { before, after }: Change<KubeObject>): ResourceEvent {
  const object = (after ?? before) as never;
  const kind = after === undefined ? "Deleted" : before === undefined ? "Added" : "Modified";
  return { meta: ResourceMetaImpl.createWithPlural(type.plural, object), object, type: ResourceEventType[kind] };
}

function keyOfMeta({ namespace, name }: ResourceMeta): ObjectKey {
  return namespace === undefined ? { name } : { namespace, name };
}

function loggerFor(log: Log): OperatorLogger {
  return {
    debug: (message) => log.debug(message),
    info: (message) => log.info(message),
    warn: (message) => log.warn(message),
    error: (message) => log.error(message),
  };
}
