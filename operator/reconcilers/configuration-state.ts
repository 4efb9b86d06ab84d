import type { Finding } from "../../crds/config/finding.ts";
import type { ConfigurationState } from "../../crds/types/configuration-state.ts";
import { type Condition, type OwnerReference, resourceTypes } from "../../crds/types/kubernetes.ts";
import { configurationState, labels } from "../../crds/types/well-known.ts";
import { type KubeApi, KubeError } from "../framework/api/kube-api.ts";
import { patchIsNoOp, sameJson } from "../framework/api/merge-patch.ts";
import type { Clock } from "../framework/clock.ts";
import { type DerivedCondition, mergeConditions } from "../framework/conditions.ts";
import type { Reader } from "../framework/informer/store.ts";
import { done, type Reconciler, type Request, type Result } from "../framework/reconciler.ts";
import type { StatusWriter } from "../framework/write/status.ts";
import type { Configuration } from "./configuration.ts";

export type ConfigurationStateDeps = {
  readonly api: KubeApi;
  readonly states: Reader<ConfigurationState>;
  readonly status: StatusWriter;
  readonly configuration: () => Configuration | undefined;
  readonly clock: Clock;
  /** The own Pod, so that the object goes with it. */
  readonly owner: OwnerReference | undefined;
  /** MetalLB's old ConfigMap, while it is there. */
  readonly legacy: () => Finding | undefined;
};

/** Two replicas that both lead, for a moment, are not to take it from each other as fast as they can. */
const claimAgainMs = 1_000;

/** The kinds that the operator acts on; a bad advertisement or peer is for the speakers to report. */
const judgedKinds: readonly string[] = ["IPAddressPool", "Community"];

/** Keeps the ConfigurationState of the operator: it exists, is the own Pod's, says whether the configuration is valid, and why not. */
export class ConfigurationStateReconciler implements Reconciler {
  readonly #deps: ConfigurationStateDeps;
  #claimedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: ConfigurationStateDeps) {
    this.#deps = deps;
  }

  async reconcile(request: Request): Promise<Result> {
    const { api, states, status, clock } = this.#deps;
    const state = states.get(request);
    if (state === undefined) {
      await this.#create(request);
      return done; // its appearance brings us back
    }
    const wait = this.#claimedAt + claimAgainMs - clock.monotonic();
    if (!this.#isOurs(state)) {
      if (wait > 0) return { requeueAfterMs: wait };
      await this.#claim(state);
      return done; // its change brings us back
    }
    const before = state.status?.conditions ?? [];
    const derived = this.#conditions();
    const own = derived === undefined ? before : mergeConditions(withoutLegacy(before, derived), derived, clock.now());
    if (!sameJson(own, before)) {
      const types = new Set(derived?.map(({ type }) => type));
      const conditions = own.filter(({ type }) => types.has(type));
      await api.apply<ConfigurationState>(
        resourceTypes.configurationstates,
        { metadata: { ...request }, status: { conditions } },
        { subresource: "status", fieldManager: configurationState.operatorFieldManager, force: true },
      );
      return done; // as above
    }
    await status.write<ConfigurationState>(resourceTypes.configurationstates, state, { status: summaryOf(before) });
    return done;
  }

  /** Undefined: nothing is known yet. */
  #conditions(): readonly DerivedCondition[] | undefined {
    const { configuration, legacy } = this.#deps;
    const current = configuration();
    if (current === undefined) return undefined;
    const found = legacy();
    return [conditionOf(current), ...(found === undefined ? [] : [legacyCondition(found)])];
  }

  #isOurs(state: ConfigurationState): boolean {
    return patchIsNoOp(state, { metadata: this.#ownership() });
  }

  /** Makes a state that another replica left ours: it must not go with that one's Pod. */
  async #claim(state: ConfigurationState): Promise<void> {
    const { api, clock } = this.#deps;
    const { name, namespace, uid, resourceVersion } = state.metadata;
    const key = namespace === undefined ? { name } : { name, namespace };
    const patch = { metadata: { ...this.#ownership(), uid, resourceVersion } };
    this.#claimedAt = clock.monotonic();
    await api.mergePatch<ConfigurationState>(resourceTypes.configurationstates, key, patch);
  }

  #ownership() {
    const { owner } = this.#deps;
    return { labels: { [labels.componentType]: "controller" }, ...(owner && { ownerReferences: [owner] }) };
  }

  async #create({ namespace, name }: Request): Promise<void> {
    const { api } = this.#deps;
    const metadata = { name, ...(namespace !== undefined && { namespace }), ...this.#ownership() };
    try {
      await api.create<ConfigurationState>(resourceTypes.configurationstates, { metadata });
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 409)) throw error;
    }
  }
}

/** The errors that make the operator's configuration invalid. */
export function judgedErrors({ adopted }: Configuration): readonly Finding[] {
  return adopted.findings.filter(({ object, severity }) => severity === "error" && judgedKinds.includes(object.kind));
}

/** Without a legacy condition that holds no more; others' conditions stay. */
function withoutLegacy(before: readonly Condition[], derived: readonly DerivedCondition[]): readonly Condition[] {
  const holds = derived.some(({ type }) => type === configurationState.legacyCondition);
  return holds ? before : before.filter(({ type }) => type !== configurationState.legacyCondition);
}

/** True is the bad case, and yet no error: the configuration that counts may be valid. */
function legacyCondition({ message }: Finding): DerivedCondition {
  return { type: configurationState.legacyCondition, status: "True", reason: configurationState.reasonLegacy, message };
}

function conditionOf(configuration: Configuration): DerivedCondition {
  const errors = judgedErrors(configuration);
  const type = configurationState.operatorCondition;
  if (errors.length === 0) return { type, status: "True", reason: configurationState.reasonValid, message: "" };
  const message = errors.map((finding) => `${configurationState.errorPrefix}${finding.message}`).join("\n");
  return { type, status: "False", reason: configurationState.reasonInvalid, message };
}

function summaryOf(conditions: readonly Condition[]): { readonly result: string; readonly errorSummary: string } {
  const failing = conditions.filter(({ status, reason }) => status === "False" && reason === configurationState.reasonInvalid);
  const result = conditions.length === 0 ? "Unknown" : failing.length > 0 ? "Invalid" : "Valid";
  const legacy = conditions.filter(({ type, status }) => type === configurationState.legacyCondition && status === "True");
  return { result, errorSummary: [...failing, ...legacy].map(({ message }) => message).join("\n") };
}
