import type { Finding, FindingCode } from "../../crds/config/finding.ts";
import type { ConfigurationState } from "../../crds/types/configuration-state.ts";
import { type OwnerReference, resourceTypes } from "../../crds/types/kubernetes.ts";
import { labels, configurationState as names } from "../../crds/types/well-known.ts";
import { type KubeApi, KubeError } from "../../operator/framework/api/kube-api.ts";
import { sameJson } from "../../operator/framework/api/merge-patch.ts";
import type { Clock } from "../../operator/framework/clock.ts";
import { type Condition, type DerivedCondition, mergeConditions } from "../../operator/framework/conditions.ts";
import type { Reader } from "../../operator/framework/informer/store.ts";
import { done, type Reconciler, type Request, type Result } from "../../operator/framework/reconciler.ts";
import type { WriteLimiter } from "../../operator/framework/write/write-limiter.ts";

export type ConfigurationStateDeps = {
  readonly states: Reader<ConfigurationState>;
  /** What is wrong with the configuration; undefined until one has been compiled. */
  readonly findings: () => readonly Finding[] | undefined;
  /** Conditions that stand only as long as they have something to say. */
  readonly remarks: () => readonly DerivedCondition[];
  readonly api: KubeApi;
  readonly limiter: WriteLimiter;
  readonly clock: Clock;
  readonly node: string;
  readonly owner: OwnerReference;
};

/** metav1.Condition allows no longer message. */
const MAX_MESSAGE_LENGTH = 32_768;

/** Name of a speaker's ConfigurationState. */
export function configurationStateName(node: string): string {
  return `speaker-${node}`;
}

type Report = { readonly condition: DerivedCondition; readonly result: "Valid" | "Invalid"; readonly errorSummary: string };

/** References without which MetalLB refuses a configuration: scripts wait for it to say so here. */
const refusedByMetalLB: readonly FindingCode[] = ["BfdProfileMissing", "SecretMissing", "CommunityUnknown"];

/** What the findings mean for the whole configuration; only errors make it invalid, and what is an error in MetalLB. */
export function reportOf(findings: readonly Finding[]): Report {
  const errors = findings
    .filter(({ severity, code }) => severity === "error" || (severity === "pending" && refusedByMetalLB.includes(code)))
    .map(({ message }) => `${names.errorPrefix}${message}`);
  const type = names.speakerCondition;
  const text = withinLimit(errors);
  if (errors.length === 0) {
    return { condition: { type, status: "True", reason: names.reasonValid, message: "" }, result: "Valid", errorSummary: "" };
  }
  return {
    condition: { type, status: "False", reason: names.reasonInvalid, message: text },
    result: "Invalid",
    errorSummary: text,
  };
}

/** There while something is not as it should be between the speakers. It makes no configuration invalid. */
export function membershipCondition(remarks: readonly string[]): DerivedCondition | undefined {
  if (remarks.length === 0) return undefined;
  const message = withinLimit(remarks);
  return { type: names.membershipCondition, status: "True", reason: names.reasonMembership, message };
}

/** As many whole messages as a condition may hold, and how many more there are. The API server refuses a longer text. */
function withinLimit(messages: readonly string[]): string {
  const text = messages.join("\n");
  if (text.length <= MAX_MESSAGE_LENGTH) return text;
  const room = MAX_MESSAGE_LENGTH - 40;
  let whole = (messages[0] ?? "").length <= room ? (messages[0] ?? "") : `${text.slice(0, room)}...`;
  let said = 1;
  for (const message of messages.slice(1)) {
    if (whole.length + 1 + message.length > room) break;
    whole += `\n${message}`;
    said += 1;
  }
  return said < messages.length ? `${whole}\nand ${messages.length - said} more` : whole;
}

/** Of conditions that stand only as long as they have something to say. */
const remarkTypes: readonly string[] = [names.membershipCondition, names.unreachableCondition];

function isRemark(type: string): boolean {
  return remarkTypes.includes(type) || type.startsWith(names.sessionConditionPrefix);
}

/** Without remarks that are no longer made; others' conditions stay. */
function withoutPast(before: readonly Condition[], derived: readonly DerivedCondition[]): readonly Condition[] {
  const made = new Set(derived.map(({ type }) => type));
  return before.filter(({ type }) => !isRemark(type) || made.has(type));
}

/** Keeps this node's ConfigurationState: made at the start, made again when somebody deletes it. */
export class ConfigurationStateReconciler implements Reconciler {
  readonly #deps: ConfigurationStateDeps;
  constructor(deps: ConfigurationStateDeps) {
    this.#deps = deps;
  }

  async reconcile(request: Request): Promise<Result> {
    const { states, findings, remarks, clock, api, limiter } = this.#deps;
    const known = states.get(request) ?? (await this.#create(request));
    const present = findings();
    if (present === undefined) return done;
    const { condition, result, errorSummary } = reportOf(present);
    const derived = [condition, ...remarks()];
    const conditions = mergeConditions(withoutPast(known.status?.conditions ?? [], derived), derived, clock.now());
    const status = { conditions, result, errorSummary };
    const { conditions: oldConditions, result: oldResult, errorSummary: oldSummary = "" } = known.status ?? {};
    if (sameJson(status, { conditions: oldConditions, result: oldResult, errorSummary: oldSummary })) return done;
    const { name, namespace } = known.metadata;
    const applied: ConfigurationState = { metadata: { name, ...(namespace !== undefined && { namespace }) }, status };
    await limiter.run(() =>
      api.apply<ConfigurationState>(resourceTypes.configurationstates, applied, {
        subresource: "status",
        fieldManager: names.speakerFieldManager,
        force: true,
      }),
    );
    return done;
  }

  async #create({ namespace, name }: Request): Promise<ConfigurationState> {
    const { api, limiter, node, owner } = this.#deps;
    const metadata = {
      name,
      ...(namespace !== undefined && { namespace }),
      labels: { [labels.componentType]: "speaker", [labels.nodeName]: node },
      ownerReferences: [owner],
    };
    const key = { ...(namespace !== undefined && { namespace }), name };
    const created = await limiter
      .run(() => api.create<ConfigurationState>(resourceTypes.configurationstates, { metadata }))
      .catch((error: unknown) => {
        if (error instanceof KubeError && error.status === 409) return undefined;
        throw error;
      });
    const found = created ?? (await api.get<ConfigurationState>(resourceTypes.configurationstates, key));
    if (found === undefined) throw new Error(`ConfigurationState ${name} was deleted while it was made`);
    return found;
  }
}
