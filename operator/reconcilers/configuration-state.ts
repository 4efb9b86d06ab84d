import type { Finding } from "../../crds/config/finding.ts";
import type { ConfigurationState } from "../../crds/types/configuration-state.ts";
import { type OwnerReference, resourceTypes } from "../../crds/types/kubernetes.ts";
import { configurationState, labels } from "../../crds/types/well-known.ts";
import type { Clock } from "../framework/clock.ts";
import { type DerivedCondition, mergeConditions } from "../framework/conditions.ts";
import { type KubeApi, KubeError } from "../framework/kube-api.ts";
import { done, type Reconciler, type Request, type Result } from "../framework/reconciler.ts";
import type { StatusWriter } from "../framework/status.ts";
import type { Reader } from "../framework/store.ts";
import type { Configuration } from "./configuration.ts";

export type ConfigurationStateDeps = {
  readonly api: KubeApi;
  readonly states: Reader<ConfigurationState>;
  readonly status: StatusWriter;
  readonly configuration: () => Configuration | undefined;
  readonly clock: Clock;
  /** The own Pod, so that the object goes with it. */
  readonly owner: OwnerReference | undefined;
};

/** The kinds that the operator acts on; a bad advertisement or peer is for the speakers to report. */
const judgedKinds: readonly string[] = ["IPAddressPool", "Community"];

/** Keeps the ConfigurationState of the operator: exists, says whether the configuration is valid, and why not. */
export class ConfigurationStateReconciler implements Reconciler {
  readonly #deps: ConfigurationStateDeps;

  constructor(deps: ConfigurationStateDeps) {
    this.#deps = deps;
  }

  async reconcile(request: Request): Promise<Result> {
    const { api, states, status, configuration, clock } = this.#deps;
    const state = states.get(request);
    if (state === undefined) {
      await this.#create(request);
      return done; // its appearance brings us back
    }
    const current = configuration();
    if (current === undefined) return done;
    const derived = conditionOf(current);
    const before = state.status?.conditions ?? [];
    const conditions = mergeConditions(before, [derived], clock.now());
    if (conditions !== before) {
      const own = conditions.filter(({ type }) => type === derived.type);
      await api.apply<ConfigurationState>(
        resourceTypes.configurationstates,
        { metadata: { ...request }, status: { conditions: own } },
        { subresource: "status", fieldManager: configurationState.operatorFieldManager, force: true },
      );
      return done; // as above
    }
    await status.write<ConfigurationState>(resourceTypes.configurationstates, state, { status: summaryOf(conditions) });
    return done;
  }

  async #create({ namespace, name }: Request): Promise<void> {
    const { api, owner } = this.#deps;
    const metadata = {
      name,
      ...(namespace !== undefined && { namespace }),
      labels: { [labels.componentType]: "controller" },
      ...(owner && { ownerReferences: [owner] }),
    };
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

function conditionOf(configuration: Configuration): DerivedCondition {
  const errors = judgedErrors(configuration);
  const type = configurationState.operatorCondition;
  if (errors.length === 0) return { type, status: "True", reason: configurationState.reasonValid, message: "" };
  const message = errors.map((finding) => `${configurationState.errorPrefix}${finding.message}`).join("\n");
  return { type, status: "False", reason: configurationState.reasonInvalid, message };
}

type Conditions = NonNullable<NonNullable<ConfigurationState["status"]>["conditions"]>;

function summaryOf(conditions: Conditions): { readonly result: string; readonly errorSummary: string } {
  const failing = conditions.filter(({ status, reason }) => status === "False" && reason === configurationState.reasonInvalid);
  const result = conditions.length === 0 ? "Unknown" : failing.length > 0 ? "Invalid" : "Valid";
  return { result, errorSummary: failing.map(({ message }) => message).join("\n") };
}
