import { type HeraldPod, heraldPods } from "../e2e/herald-pods.ts";
import { ControlGroup, groupName, type Restraint } from "../e2e/lab/cgroup.ts";
import type { Lab } from "../e2e/lab/lab.ts";
import { heraldNamespace } from "../e2e/manifests.ts";
import { ready } from "../e2e/observe.ts";

/** Gives the speakers limits, as users set them: one after another starts anew. Returns when the last one is ready. */
export async function limitSpeakers(lab: Lab, limits: Readonly<Partial<Record<"cpu" | "memory", string>>>): Promise<void> {
  const path = "/spec/template/spec/containers/0/resources/limits";
  const patch = JSON.stringify([{ op: "add", path, value: limits }]);
  await lab.kubectl(["-n", heraldNamespace, "patch", "daemonset", "speaker", "--type=json", "-p", patch]);
  await ready(lab, "daemonset/speaker", heraldNamespace);
}

/** What the kernel did to each speaker because of its limits, since it began. */
export async function restraintsOf(lab: Lab): Promise<readonly Restraint[]> {
  return Promise.all((await heraldPods(lab, "speaker")).map((pod) => restraintOf(lab, pod)));
}

async function restraintOf(lab: Lab, { name }: HeraldPod): Promise<Restraint> {
  const { metadata } = await lab.api.get<{ readonly metadata: { readonly uid: string } }>(
    `/api/v1/namespaces/${heraldNamespace}/pods/${name}`,
  );
  return ControlGroup.of(groupName(lab.topology.id, metadata.uid, "speaker")).restraint;
}
