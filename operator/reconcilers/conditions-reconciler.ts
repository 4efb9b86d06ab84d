import type { Condition, ObjectBase } from "../../crds/types/kubernetes.ts";
import type { Clock } from "../framework/clock.ts";
import { type DerivedCondition, mergeConditions } from "../framework/conditions.ts";
import type { ResourceType } from "../framework/kube-object.ts";
import { done, type Reconciler, type Request, type Result } from "../framework/reconciler.ts";
import type { StatusWriter } from "../framework/status.ts";
import type { Reader } from "../framework/store.ts";
import type { Configuration } from "./configuration.ts";
import type { FieldSupport } from "./field-support.ts";

/** An object whose status holds conditions. */
export type Conditioned = ObjectBase & { readonly status?: { readonly conditions?: readonly Condition[] } };

export type ConditionsDeps<T extends Conditioned> = {
  readonly objects: Reader<T>;
  readonly configuration: () => Configuration | undefined;
  readonly status: StatusWriter;
  readonly support: FieldSupport;
  readonly clock: Clock;
};

/** Writes the conditions that follow from the configuration; a subclass for each kind derives them. */
export abstract class ConditionsReconciler<T extends Conditioned> implements Reconciler {
  protected readonly deps: ConditionsDeps<T>;
  readonly #type: ResourceType;

  constructor(type: ResourceType, deps: ConditionsDeps<T>) {
    this.#type = type;
    this.deps = deps;
  }

  async reconcile(request: Request): Promise<Result> {
    const { objects, configuration, status, support, clock } = this.deps;
    const object = objects.get(request);
    const current = configuration();
    if (object === undefined || current === undefined) return done;
    const derived = support.has(this.#type) ? this.conditions(object, current) : [];
    const conditions = derived.length === 0 ? undefined : mergeConditions(object.status?.conditions, derived, clock.now());
    const fields = this.fields(object);
    if (fields === undefined && (conditions === undefined || conditions === object.status?.conditions)) return done;
    const written = await status.write<T>(this.#type, object, { status: { ...fields, ...(conditions && { conditions }) } });
    if (written === object) return done;
    if (conditions !== undefined) support.observe(this.#type, written.status?.conditions !== undefined);
    if (fields !== undefined) this.written(written, fields);
    return done;
  }

  /** The conditions of one object, pure. */
  protected abstract conditions(object: T, configuration: Configuration): readonly DerivedCondition[];

  /** Other fields of the status that must go into the same write; undefined when they are as they should be. */
  protected fields(_object: T): Readonly<Record<string, unknown>> | undefined {
    return undefined;
  }

  /** The API server answered a write of these fields with this object. */
  protected written(_object: T, _fields: Readonly<Record<string, unknown>>): void {}
}
