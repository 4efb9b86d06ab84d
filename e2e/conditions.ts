import type { TestCluster } from "./cluster.ts";
import { eventually } from "./lab/until.ts";
import { heraldNamespace } from "./manifests.ts";

export type Condition = {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
};

/** Waits until a pool's Accepted condition is about its present generation and has this status. @returns the condition. */
export function accepted(cluster: TestCluster, pool: string, status: "True" | "False"): Promise<Condition> {
  type Pool = {
    readonly metadata: { readonly generation: number };
    readonly status?: { readonly conditions?: readonly Condition[] };
  };
  return eventually(`Accepted of IPAddressPool ${pool} is ${status}`, 20_000, async () => {
    const { stdout } = await cluster.kubectl(["-n", heraldNamespace, "get", "ipaddresspool", pool, "-o", "json"]);
    const { metadata, status: { conditions = [] } = {} } = JSON.parse(stdout) as Pool;
    const condition = conditions.find(({ type }) => type === "Accepted");
    return condition?.status === status && condition.observedGeneration === metadata.generation ? condition : undefined;
  });
}
