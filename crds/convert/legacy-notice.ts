import { property } from "../config/identity.ts";

/** Name of the ConfigMap that MetalLB read before version 0.13, in its own namespace. */
export const legacyConfigMapName = "config";

/** Whether a ConfigMap looks like the one that MetalLB read before version 0.13: it has text under the key `config`. */
export function isLegacyConfigMap(configMap: unknown): boolean {
  const text = property(property(configMap, "data"), "config");
  return typeof text === "string" && text.trim() !== "";
}

/** What is to say about such a ConfigMap in a cluster. */
export function legacyNotice(namespace: string, name: string): string {
  return (
    `legacy configuration ignored: ConfigMap ${namespace}/${name} has had no effect since MetalLB 0.13. ` +
    `herald convert makes objects of it: kubectl get configmap ${name} -n ${namespace} -o yaml | herald convert > objects.yaml; ` +
    "apply them, then delete the ConfigMap."
  );
}
