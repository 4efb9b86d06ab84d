import { resourceTypes, type Secret } from "../../crds/types/kubernetes.ts";
import { type KubeApi, KubeError } from "../../operator/framework/api/kube-api.ts";
import type { ObjectKey } from "../../operator/framework/api/kube-object.ts";
import type { CertificateSet } from "./certificate-check.ts";
import { renewed } from "./certificate-renewal.ts";

export type KeeperOptions = {
  readonly api: KubeApi;
  /** The Secret that all replicas share. */
  readonly secret: ObjectKey & { readonly namespace: string };
  /** DNS name that the API server calls. */
  readonly name: string;
  readonly now: () => number;
};

const attempts = 5;

/**
 * The certificates of the Secret, made or renewed where they would not hold for 90 more days. Replicas that renew at once
 * agree on one set: the Secret is written under the version that was read, and who loses reads again.
 */
export async function keepCertificates({ api, secret, name, now }: KeeperOptions): Promise<CertificateSet> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const stored = await api.get<Secret>(resourceTypes.secrets, secret);
    const present = stored === undefined ? undefined : certificatesOf(stored);
    const wanted = await renewed(present, name, now());
    if (wanted === present) return present;
    try {
      const data = dataOf(wanted);
      if (stored === undefined) {
        const metadata = { name: secret.name, namespace: secret.namespace };
        await api.create<Secret>(resourceTypes.secrets, { apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", data });
      } else {
        const metadata =
          stored.metadata.resourceVersion === undefined ? {} : { resourceVersion: stored.metadata.resourceVersion };
        await api.mergePatch<Secret>(resourceTypes.secrets, secret, { metadata, data });
      }
      return wanted;
    } catch (error) {
      if (!(error instanceof KubeError && (error.status === 409 || error.status === 404))) throw error;
    }
  }
  throw new Error(`Secret ${secret.namespace}/${secret.name} was changed by others at each of ${attempts} attempts to renew it`);
}

/** @returns undefined when one of the four keys is missing. */
export function certificatesOf({ data = {} }: Secret): CertificateSet | undefined {
  const text = (key: string) => Buffer.from(data[key] ?? "", "base64").toString("utf8");
  const authority = { cert: text("ca.crt"), key: text("ca.key") };
  const serving = { cert: text("tls.crt"), key: text("tls.key") };
  return [authority.cert, authority.key, serving.cert, serving.key].includes("") ? undefined : { authority, serving };
}

function dataOf({ authority, serving }: CertificateSet): Readonly<Record<string, string>> {
  const texts = { "ca.crt": authority.cert, "ca.key": authority.key, "tls.crt": serving.cert, "tls.key": serving.key };
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString("base64")]));
}
