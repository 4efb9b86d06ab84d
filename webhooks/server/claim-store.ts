import { resourceTypes } from "../../crds/types/kubernetes.ts";
import { heraldAnnotations } from "../../crds/types/well-known.ts";
import { type KubeApi, KubeError } from "../../operator/framework/api/kube-api.ts";
import type { KubeObject } from "../../operator/framework/api/kube-object.ts";
import { type Claim, decodeClaims, encodeClaims } from "../admission/claim.ts";

/** The object that all replicas share. A Lease, because the operator may write Leases anyway; its spec is not used. */
export const claimLeaseName = "herald-admission";

/** Claims as they were read; `version` undefined: there is no object yet. */
export type StoredClaims = { readonly claims: readonly Claim[]; readonly version: string | undefined };

/** The claims of all replicas, kept in one Lease of the operator's namespace. */
export class ClaimStore {
  readonly #api: KubeApi;
  readonly #namespace: string;

  constructor(api: KubeApi, namespace: string) {
    this.#api = api;
    this.#namespace = namespace;
  }

  /** @throws Error when somebody else wrote into the annotation; deleting the Lease mends it. */
  async read(): Promise<StoredClaims> {
    const lease = await this.#api.get<KubeObject>(resourceTypes.leases, this.#key);
    if (lease === undefined) return { claims: [], version: undefined };
    const claims = decodeClaims(lease.metadata.annotations?.[heraldAnnotations.admissionClaims]);
    if (claims === undefined)
      throw new Error(
        `annotation ${heraldAnnotations.admissionClaims} of Lease ${claimLeaseName} cannot be read; delete that Lease`,
      );
    return { claims, version: lease.metadata.resourceVersion };
  }

  /** Stores `claims` in the place of `read`; false when somebody else wrote in between. */
  async replace(read: StoredClaims, claims: readonly Claim[]): Promise<boolean> {
    const annotations = { [heraldAnnotations.admissionClaims]: encodeClaims(claims) };
    try {
      if (read.version === undefined) {
        const metadata = { ...this.#key, annotations };
        await this.#api.create<KubeObject>(resourceTypes.leases, {
          apiVersion: "coordination.k8s.io/v1",
          kind: "Lease",
          metadata,
        });
      } else {
        const metadata = { resourceVersion: read.version, annotations };
        await this.#api.mergePatch(resourceTypes.leases, this.#key, { metadata });
      }
      return true;
    } catch (error) {
      if (error instanceof KubeError && (error.status === 409 || error.status === 404)) return false;
      throw error;
    }
  }

  get #key() {
    return { namespace: this.#namespace, name: claimLeaseName };
  }
}
