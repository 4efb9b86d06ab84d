import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestCluster } from "./cluster.ts";
import { type CommandResult, run } from "./lab/command.ts";
import { mainPidOf } from "./lab/container-process.ts";
import type { Lab } from "./lab/lab.ts";
import { logDir, stateDir } from "./lab/state.ts";
import { heraldNamespace } from "./manifests.ts";

/** The name of the component, of its label and of its container. */
export type Component = "controller" | "speaker";

export type HeraldPod = {
  readonly component: Component;
  readonly name: string;
  readonly node: string;
  readonly restarts: number;
};

/** Herald's pods of one component that are not being deleted. */
export async function heraldPods(cluster: TestCluster, component: Component): Promise<readonly HeraldPod[]> {
  type Pod = {
    readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
    readonly spec: { readonly nodeName?: string };
    readonly status?: { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
  };
  const { stdout } = await cluster.kubectl(["-n", heraldNamespace, "get", "pods", "-l", `component=${component}`, "-o", "json"]);
  const { items } = JSON.parse(stdout) as { readonly items: readonly Pod[] };
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata, spec, status }) => ({
      component,
      name: metadata.name,
      node: spec.nodeName ?? "",
      restarts: status?.containerStatuses?.[0]?.restartCount ?? 0,
    }));
}

/** This machine's id of the pod's first process. @throws {Error} when it does not run. */
export function pidOf(lab: Lab, { component, name }: HeraldPod): number {
  const file = join(stateDir(lab.topology.id), "pods", `${heraldNamespace}_${name}`, `${component}.pid`);
  const pid = mainPidOf(Number(readFileSync(file, "utf8")));
  if (pid === undefined) throw new Error(`${name} does not run`);
  return pid;
}

/** Runs a command in the pod's network, with this machine's programs. */
export function inNetworkOf(lab: Lab, pod: HeraldPod, command: readonly string[]): Promise<CommandResult> {
  return run("nsenter", [`--net=/proc/${pidOf(lab, pod)}/ns/net`, "--", ...command]);
}

/** What the pod's container has written, of all its runs. */
export function logOf(lab: Lab, { component, name }: Pick<HeraldPod, "component" | "name">): string {
  return readFileSync(join(logDir(lab.topology.id), "pods", heraldNamespace, name, `${component}.log`), "utf8");
}
