import { resourceTypes } from "../types/kubernetes.ts";

/**
 * Everything that compile reads, in any order. Objects are `unknown` on purpose: compile is total, whatever the API
 * server, a file or a test hands it.
 */
export type Resources = {
  readonly pools: readonly unknown[];
  readonly l2Advertisements: readonly unknown[];
  readonly bgpAdvertisements: readonly unknown[];
  readonly bgpPeers: readonly unknown[];
  readonly bfdProfiles: readonly unknown[];
  readonly communities: readonly unknown[];
  readonly namespaces: readonly unknown[];
  readonly nodes: readonly unknown[];
  /** As {@link outlineOfSecret} leaves them. Absent: it is not known which there are, and none is looked for. */
  readonly secrets?: readonly unknown[];
};

/** No object at all; spread it to name only the lists that matter. */
export const emptyResources: Resources = {
  pools: [],
  l2Advertisements: [],
  bgpAdvertisements: [],
  bgpPeers: [],
  bfdProfiles: [],
  communities: [],
  namespaces: [],
  nodes: [],
};

/** Where the API keeps what users write, by the names of the lists in {@link Resources}. */
export const configurationTypes = {
  pools: resourceTypes.ipaddresspools,
  l2Advertisements: resourceTypes.l2advertisements,
  bgpAdvertisements: resourceTypes.bgpadvertisements,
  bgpPeers: resourceTypes.bgppeers,
  bfdProfiles: resourceTypes.bfdprofiles,
  communities: resourceTypes.communities,
} as const satisfies { readonly [list in keyof Resources]?: object };

/** The names of the lists of objects that users write. */
export type ConfigurationList = keyof typeof configurationTypes;
