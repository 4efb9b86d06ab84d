import { type HeraldPod, heraldPods, pidOf } from "../e2e/herald-pods.ts";
import type { Lab } from "../e2e/lab/lab.ts";
import { heraldNamespace } from "../e2e/manifests.ts";
import { read } from "../e2e/observe.ts";

/** The replica of the operator that allocates, and the id of its process on this machine. */
export async function leaderOf(lab: Lab): Promise<{ readonly pod: HeraldPod; readonly pid: number }> {
  const holder = await read(lab, "lease/herald-controller", "{.spec.holderIdentity}", heraldNamespace);
  const pod = (await heraldPods(lab, "controller")).find(({ name }) => name === holder);
  if (pod === undefined) throw new Error(`no replica of the operator is called "${holder}"`);
  return { pod, pid: pidOf(lab, pod) };
}
