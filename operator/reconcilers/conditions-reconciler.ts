import type { Condition, ObjectBase } from "../../crds/types/kubernetes.ts";
import { keyOf, type ResourceType } from "../framework/api/kube-object.ts";
import { sameJson } from "../framework/api/merge-patch.ts";
import type { Clock } from "../framework/clock.ts";
import { type DerivedCondition, mergeConditions } from "../framework/conditions.ts";
import type { Reader } from "../framework/informer/store.ts";
import { done, type Reconciler, type Request, type Result } from "../framework/reconciler.ts";
import type { StatusWriter } from "../framework/write/status.ts";
import { type Configuration, compiledVersion, versionOf } from "./configuration.ts";
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

/** The answer "no conditions" of {@link ConditionSupport} is old by then. */
const lookAgainMs = 10 * 60_000 + 1_000;

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
    const supported = support.has(this.#type);
    const derived = supported && this.#isCompiled(object, current) ? this.conditions(object, current) : [];
    const conditions = derived.length === 0 ? undefined : mergeConditions(object.status?.conditions, derived, clock.now());
    const fields = this.fields(object);
    const later: Result = supported ? done : { requeueAfterMs: lookAgainMs };
    if (fields === undefined && (conditions === undefined || conditions === object.status?.conditions)) return later;
    const written = await status.write<T>(this.#type, object, { status: { ...fields, ...(conditions && { conditions }) } });
    if (written === object) return later;
    if (conditions !== undefined) support.observe(this.#type, written.status?.conditions !== undefined);
    if (fields !== undefined) this.written(written, fields);
    return later;
  }

  /**
   * The objects whose conditions can have become different: those of which another version was compiled, and those of which
   * something else is said.
   * @param before undefined: nothing was compiled before, so all.
   */
  affected(before: Configuration | undefined, after: Configuration): readonly Request[] {
    const affected: Request[] = [];
    for (const object of this.deps.objects.list()) {
      if (before === undefined || this.#differs(object, before, after)) affected.push(keyOf(object));
    }
    return affected;
  }

  #differs(object: T, before: Configuration, after: Configuration): boolean {
    const { kind } = this.#type;
    if (compiledVersion(before, kind, object) !== compiledVersion(after, kind, object)) return true;
    return !sameJson(this.conditions(object, before), this.conditions(object, after));
  }

  /** A condition about a version that compile has not seen would be a guess; when it has, the object is {@link affected}. */
  #isCompiled(object: T, configuration: Configuration): boolean {
    return compiledVersion(configuration, this.#type.kind, object) === versionOf(object);
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
