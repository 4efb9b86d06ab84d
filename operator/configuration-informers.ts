import { outlineOfNamespace } from "../crds/config/outline.ts";
import { type ConfigurationList, configurationTypes } from "../crds/config/resources.ts";
import { outlineOfSecret, passwordSecrets } from "../crds/config/secrets.ts";
import type { BFDProfile } from "../crds/types/bfd-profile.ts";
import type { BGPAdvertisement } from "../crds/types/bgp-advertisement.ts";
import type { BGPPeer } from "../crds/types/bgp-peer.ts";
import type { Community } from "../crds/types/community.ts";
import type { IPAddressPool } from "../crds/types/ip-address-pool.ts";
import { type Namespace, type Node, type ObjectBase, resourceTypes, type Secret } from "../crds/types/kubernetes.ts";
import type { L2Advertisement } from "../crds/types/l2-advertisement.ts";
import type { ResourceType } from "./framework/api/kube-object.ts";
import type { Informer, InformerOptions } from "./framework/informer/informer.ts";
import type { Change, Reader } from "./framework/informer/store.ts";
import { slimConfiguration, slimNode } from "./reconcilers/slim.ts";
import type { UserReaders } from "./reconcilers/status-controllers.ts";

/** An informer as its owner is asked for it; the rest is the owner's. */
type Wanted<T extends ObjectBase> = Omit<InformerOptions<T>, "api" | "clock" | "log">;

/** The names of the lists that compile reads. */
export type ListName = keyof ConfigurationInformers["readers"];

export type ConfigurationInformers = {
  readonly readers: UserReaders & {
    readonly namespaces: Reader<Namespace>;
    readonly nodes: Reader<Node>;
    readonly secrets: Reader<Secret>;
  };
  readonly synced: readonly Promise<void>[];
  /** The watches of what says whose an address may be are broken: there may be news. */
  readonly poolsUncertain: () => boolean;
  /** On its own: Secrets are for checking the peers' passwords, and nothing waits for them. */
  readonly secretsSynced: Promise<void>;
};

export type ConfigurationInformersOptions = {
  readonly add: <T extends ObjectBase>(wanted: Wanted<T>) => Informer<T>;
  /** Only objects in the operator's own namespace count. */
  readonly namespace: string;
  readonly onChange: (list: ListName, change: Change<ObjectBase>) => void;
};

/** Watches everything that compile reads. */
export function configurationInformers({ add, namespace, onChange }: ConfigurationInformersOptions): ConfigurationInformers {
  const synced: Promise<void>[] = [];
  const informers = new Map<ListName, { readonly failing: string | undefined }>();
  const watch = <T extends ObjectBase>(list: ListName, type: ResourceType, slim: (object: T) => T, scope: object): Reader<T> => {
    const informer = add<T>({ type, slim, ...scope, onChange: (change) => onChange(list, change) });
    synced.push(informer.synced);
    informers.set(list, informer);
    return informer.reader;
  };
  const own = <T extends ObjectBase>(list: ConfigurationList): Reader<T> =>
    watch<T>(list, configurationTypes[list], slimConfiguration, { namespace });
  const readers = {
    pools: own<IPAddressPool>("pools"),
    l2Advertisements: own<L2Advertisement>("l2Advertisements"),
    bgpAdvertisements: own<BGPAdvertisement>("bgpAdvertisements"),
    bgpPeers: own<BGPPeer>("bgpPeers"),
    bfdProfiles: own<BFDProfile>("bfdProfiles"),
    communities: own<Community>("communities"),
    namespaces: watch<Namespace>("namespaces", resourceTypes.namespaces, outlineOfNamespace, {}),
    nodes: watch<Node>("nodes", resourceTypes.nodes, slimNode, {}),
  };
  const secrets = add<Secret>({
    type: resourceTypes.secrets,
    namespace,
    fieldSelector: passwordSecrets,
    slim: outlineOfSecret,
    onChange: (change) => onChange("secrets", change),
  });
  const isFailing = (list: ListName): boolean => informers.get(list)?.failing !== undefined;
  return {
    readers: { ...readers, secrets: secrets.reader },
    synced,
    poolsUncertain: () => isFailing("pools") || isFailing("namespaces"),
    secretsSynced: secrets.synced,
  };
}
