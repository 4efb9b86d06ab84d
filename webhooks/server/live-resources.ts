import { type ConfigurationList, configurationTypes, emptyResources, type Resources } from "../../crds/config/resources.ts";
import type { KubeApi } from "../../operator/framework/kube-api.ts";
import type { AdmittedKind } from "../admission/placement.ts";

/** What a write of each kind is compared with. */
const comparedWith: { readonly [kind in AdmittedKind]: readonly ConfigurationList[] } = {
  IPAddressPool: ["pools"],
  L2Advertisement: ["l2Advertisements", "pools"],
  BGPAdvertisement: ["bgpAdvertisements", "pools"],
  BGPPeer: ["bgpPeers"],
  BFDProfile: ["bgpPeers"],
  Community: ["communities"],
};

/** The stored objects of `namespace` that a write of `kind` is compared with, read from the API server now, never from a cache. */
export async function liveResources(api: KubeApi, namespace: string, kind: AdmittedKind): Promise<Resources> {
  const parts = await Promise.all(
    comparedWith[kind].map(async (part) => [part, await api.list(configurationTypes[part], { namespace })] as const),
  );
  return { ...emptyResources, ...Object.fromEntries(parts) };
}
