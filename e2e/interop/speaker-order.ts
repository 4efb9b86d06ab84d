/** One line of the bare speaker's input. */
export type SpeakerOrder =
  /** `spec` of BGPPeers, by name: all there are, each with these annotations. */
  | {
      readonly type: "peers";
      readonly peers: Readonly<Record<string, object>>;
      readonly annotations?: Readonly<Record<string, string>>;
    }
  /** All routes of one source; more of the same source take their place. */
  | { readonly type: "routes"; readonly source: string; readonly routes: readonly OrderedRoute[] }
  /** All that was ordered is all there is. */
  | { readonly type: "complete" }
  /** Ends as an emptied node's speaker does. */
  | { readonly type: "leave" };

/** Attributes as a BGPAdvertisement has them. */
export type OrderedRoute = {
  readonly prefix: string;
  readonly peers?: readonly string[];
  readonly localPref?: number;
  readonly asPathPrepend?: number;
  readonly communities?: readonly string[];
};
