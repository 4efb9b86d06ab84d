import { type OwnerReference, type Pod, resourceTypes } from "../../../crds/types/kubernetes.ts";
import { type KubeApi, KubeError } from "../../../operator/framework/api/kube-api.ts";
import type { Log } from "../../../operator/framework/log/log.ts";

const RETRY_MS = 1_000;

/** An API server that has just started refuses everything until it has read its roles. */
const FORBIDDEN_TRIES = 30;

/**
 * Reads the own Pod, as the owner of what this speaker writes. While the API server cannot be reached it is asked again.
 * @throws Error when the server says that there is no such Pod, or for half a minute that it may not be read.
 */
export async function ownPod(
  api: KubeApi,
  key: { readonly namespace: string; readonly name: string },
  log: Log,
  wait: (ms: number) => Promise<void>,
): Promise<OwnerReference> {
  for (let attempt = 1; ; attempt++) {
    try {
      const pod = await api.get<Pod>(resourceTypes.pods, key);
      if (pod?.metadata.uid !== undefined) return { apiVersion: "v1", kind: "Pod", name: key.name, uid: pod.metadata.uid };
      throw new KubeError(`Pod ${key.namespace}/${key.name} does not exist: check --pod-name and --namespace`, 404, "NotFound");
    } catch (error) {
      if (error instanceof KubeError && isFinal(error, attempt)) throw error;
      log.warn("the own Pod cannot be read; trying again", { error });
      await wait(RETRY_MS);
    }
  }
}

function isFinal({ status }: KubeError, attempt: number): boolean {
  if (status === 403) return attempt >= FORBIDDEN_TRIES;
  return status < 500 && status !== 429 && status !== 401;
}
