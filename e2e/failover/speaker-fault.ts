import { type HeraldPod, heraldPods, pidOf } from "../herald-pods.ts";
import type { Lab } from "../lab/lab.ts";
import { until } from "../lab/until.ts";
import { heraldNamespace } from "../manifests.ts";
import { ready } from "../observe.ts";
import type { Strike } from "./fault.ts";

/** Kills the nodes' speakers with SIGKILL. Undone by other Pods: kubelet makes one that dies often wait. */
export async function killing(lab: Lab, nodes: readonly string[]): Promise<Strike> {
  const pods = await speakersOn(lab, nodes);
  const pids = pods.map((pod) => pidOf(lab, pod));
  return async () => {
    for (const pid of pids) process.kill(pid, "SIGKILL");
    return () => replace(lab, pods);
  };
}

/** Stops the nodes' speakers with SIGSTOP; undone with SIGCONT. */
export async function suspending(lab: Lab, nodes: readonly string[]): Promise<Strike> {
  const pids = (await speakersOn(lab, nodes)).map((pod) => pidOf(lab, pod));
  return async () => {
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    return async () => {
      for (const pid of pids) process.kill(pid, "SIGCONT");
    };
  };
}

/**
 * Makes the network thread of a node's speaker stand still, by a hook that its manifest does not switch on: SIGWINCH for 0.3 s, SIGUSR2
 * for 5 s. It goes on by itself.
 */
export async function holding(lab: Lab, node: string, signal: "SIGWINCH" | "SIGUSR2"): Promise<Strike> {
  await lab.kubectl(["-n", heraldNamespace, "set", "env", "daemonset/speaker", "HERALD_TEST_HOOKS=1"]);
  await ready(lab, "daemonset/speaker", heraldNamespace);
  await speakersReady(lab);
  const pids = (await speakersOn(lab, [node])).map((pod) => pidOf(lab, pod));
  return async () => {
    for (const pid of pids) process.kill(pid, signal);
    return async () => undefined;
  };
}

/** Deletes the nodes' speakers: kubelet stops them with SIGTERM, and the DaemonSet brings others at once. */
export async function deleting(lab: Lab, nodes: readonly string[]): Promise<Strike> {
  const pods = await speakersOn(lab, nodes);
  return async () => {
    await deletePods(lab, pods);
    return () => speakersReady(lab);
  };
}

/** Waits until every node has a speaker and all of them are ready. */
export async function speakersReady(lab: Lab): Promise<void> {
  type Pods = {
    readonly items: readonly { readonly metadata: { readonly deletionTimestamp?: string }; readonly status: Status }[];
  };
  type Status = { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  const path = `/api/v1/namespaces/${heraldNamespace}/pods?labelSelector=component%3Dspeaker`;
  await until("every node has a speaker that is ready", 60_000, async () => {
    const { items } = await lab.api.get<Pods>(path);
    const isReady = ({ conditions }: Status): boolean =>
      conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
    return (
      items.length === lab.nodes.length &&
      items.every(({ metadata, status }) => metadata.deletionTimestamp === undefined && isReady(status))
    );
  });
}

/** @throws {Error} when one of the nodes has no speaker. */
async function speakersOn(lab: Lab, nodes: readonly string[]): Promise<readonly HeraldPod[]> {
  const pods = (await heraldPods(lab, "speaker")).filter(({ node }) => nodes.includes(node));
  if (pods.length !== nodes.length) throw new Error(`not all of ${nodes.join(", ")} have one speaker`);
  return pods;
}

async function replace(lab: Lab, pods: readonly HeraldPod[]): Promise<void> {
  await deletePods(lab, pods);
  await speakersReady(lab);
}

async function deletePods(lab: Lab, pods: readonly HeraldPod[]): Promise<void> {
  const path = `/api/v1/namespaces/${heraldNamespace}/pods`;
  await Promise.all(pods.map(({ name }) => lab.api.delete(`${path}/${name}`, {})));
}
