import { randomBytes } from "node:crypto";
import { resourceTypes, type Secret } from "../../crds/types/kubernetes.ts";
import { type KubeApi, KubeError } from "../framework/api/kube-api.ts";
import type { KubeObject, ResourceType } from "../framework/api/kube-object.ts";

const deployments: ResourceType = { group: "apps", version: "v1", plural: "deployments", kind: "Deployment" };

export type MemberlistSecretOptions = {
  readonly api: KubeApi;
  readonly namespace: string;
  readonly name: string;
  /** The Deployment that is to own the Secret. */
  readonly deployment: string;
};

/**
 * Makes the Secret from which the speakers derive their keys, unless there is one: 16 random octets in base64 without
 * padding, which everybody uses as text. An existing Secret is never changed.
 * @throws {Error} when the Deployment does not exist.
 */
export async function ensureMemberlistSecret({ api, namespace, name, deployment }: MemberlistSecretOptions): Promise<void> {
  if ((await api.get<Secret>(resourceTypes.secrets, { namespace, name })) !== undefined) return;
  const owner = await api.get<KubeObject>(deployments, { namespace, name: deployment });
  if (owner === undefined)
    throw new Error(`Deployment ${namespace}/${deployment}, which is to own Secret ${name}, does not exist`);
  const secretkey = randomBytes(16).toString("base64").replace(/=+$/, "");
  const secret = {
    metadata: {
      namespace,
      name,
      ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: deployment, uid: owner.metadata.uid ?? "" }],
    },
    type: "Opaque",
    data: { secretkey: Buffer.from(secretkey).toString("base64") },
  };
  try {
    await api.create<Secret>(resourceTypes.secrets, secret);
  } catch (error) {
    if (!(error instanceof KubeError && error.status === 409)) throw error; // another replica was quicker
  }
}
