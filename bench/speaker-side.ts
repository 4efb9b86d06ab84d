import { resourceTypes } from "../crds/types/kubernetes.ts";
import { heraldPods, pidOf } from "../e2e/herald-pods.ts";
import { installManifest } from "../e2e/installed-cluster.ts";
import type { Lab } from "../e2e/lab/lab.ts";
import { until } from "../e2e/lab/until.ts";
import { heraldNamespace } from "../e2e/manifests.ts";
import { metallbObjects } from "../e2e/metallb/metallb.ts";
import { apply, ready } from "../e2e/observe.ts";
import { type ManifestObject, manifestObjects, probedOften } from "../e2e/workload.ts";
import type { KubeApi } from "../operator/framework/api/kube-api.ts";

/** One of the speakers that are compared. */
export type SpeakerSide = { readonly name: string; readonly objects: () => Promise<readonly ManifestObject[]> };

export const heraldSide: SpeakerSide = { name: "Herald", objects: async () => manifestObjects(installManifest) };
const metallbSide: SpeakerSide = { name: "MetalLB", objects: metallbObjects };

/** In this order: what is measured last runs on the machine as the first has left it. */
export const speakerSides: readonly SpeakerSide[] = [metallbSide, heraldSide];

/** Without controllers there is nobody to ask before an object is written, and nothing else that uses the CPU. */
const leftOut = new Set(["Deployment", "PodDisruptionBudget", "ValidatingWebhookConfiguration"]);

/** Definitions, roles and the Secret that speakers share, before there is any speaker; of the side that comes first. */
export async function prepareForSpeakers(lab: Lab, side = metallbSide): Promise<void> {
  await apply(lab, ...(await objectsOf(side)).filter(({ kind }) => kind !== "DaemonSet"));
  const secretkey = Buffer.from("for benches, and nobody else").toString("base64");
  const metadata = { name: "memberlist", namespace: heraldNamespace };
  await apply(lab, { apiVersion: "v1", kind: "Secret", metadata, data: { secretkey } });
  await until("pools are known", 30_000, async () => (await lab.kubectl(["get", "ipaddresspools", "-A"])).code === 0);
}

/** Starts a side's speakers on every node. @returns their processes, by node; ready all of them. */
export async function startSpeakers(lab: Lab, side: SpeakerSide): Promise<ReadonlyMap<string, number>> {
  await apply(lab, ...probedOften(await objectsOf(side)));
  await ready(lab, "daemonset/speaker", heraldNamespace);
  const pods = await heraldPods(lab, "speaker");
  return new Map(pods.map((pod) => [pod.node, pidOf(lab, pod)]));
}

/** Returns when the speakers are gone and what they wrote about themselves is, too. */
export async function stopSpeakers(lab: Lab, api: KubeApi): Promise<void> {
  await lab.kubectl(["-n", heraldNamespace, "delete", "daemonset", "speaker", "--wait"]);
  await until("the speakers are gone", 60_000, async () => (await heraldPods(lab, "speaker")).length === 0);
  await until("their status objects are gone", 240_000, async () => (await statusCount(api)) === 0);
}

/** How many ServiceL2Status objects say who announces. */
export async function statusCount(api: KubeApi): Promise<number> {
  type Status = { readonly metadata: { readonly name: string }; readonly status?: { readonly node?: string } };
  const statuses = await api.list<Status>(resourceTypes.servicel2statuses, { namespace: heraldNamespace });
  return statuses.filter(({ status }) => status?.node !== undefined).length;
}

async function objectsOf(side: SpeakerSide): Promise<readonly ManifestObject[]> {
  return (await side.objects()).filter(({ kind = "" }) => !leftOut.has(kind));
}
