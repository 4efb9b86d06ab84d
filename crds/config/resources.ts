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
