import { outlineOfNamespace } from "../../crds/config/outline.ts";
import type { IPAddressPool } from "../../crds/types/ip-address-pool.ts";
import { type Namespace, resourceTypes } from "../../crds/types/kubernetes.ts";
import type { KubeApi } from "../framework/api/kube-api.ts";
import { sameJson } from "../framework/api/merge-patch.ts";
import { type Configuration, compiledVersion, versionOf } from "./configuration.ts";

/**
 * Whether a configuration speaks of the pools that the API server holds now. A process that begins to allocate has to know:
 * by pools of yesterday it would take back what was given since. Whose turn it is by labels of namespaces is looked at where
 * a pool asks for that.
 * @throws what the API server answers when they cannot be listed.
 */
export async function speaksOfPresentPools(
  api: KubeApi,
  namespace: string,
  configuration: () => Configuration | undefined,
): Promise<boolean> {
  const pools = await api.list<IPAddressPool>(resourceTypes.ipaddresspools, { namespace });
  const asksForLabels = pools.some(({ spec }) => (spec?.serviceAllocation?.namespaceSelectors ?? []).length > 0);
  const namespaces = asksForLabels ? await api.list<Namespace>(resourceTypes.namespaces, { slim: outlineOfNamespace }) : [];
  const current = configuration();
  if (current === undefined) return false;
  const { kind } = resourceTypes.ipaddresspools;
  const known = [...current.compiled.keys()].filter((key) => key.startsWith(`${kind}/`));
  if (known.length !== pools.length) return false;
  if (pools.some((pool) => compiledVersion(current, kind, pool) !== versionOf(pool))) return false;
  const labels = new Map(
    (current.adopted.inForce.namespaces as readonly Namespace[]).map(({ metadata }) => [metadata.name, metadata.labels]),
  );
  return namespaces.every(({ metadata }) => sameJson(metadata.labels ?? {}, labels.get(metadata.name) ?? {}));
}
