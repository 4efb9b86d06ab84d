import type { AddressFamily } from "./registry.ts";

/** What the OPENs settled and the octets of an UPDATE do not say. */
export type UpdateContext = {
  /** Both sides sent the capability: AS numbers in AS_PATH and AGGREGATOR have four octets. RFC 6793 §4. */
  readonly fourOctetAs: boolean;
  /** The peer is of another AS: LOCAL_PREF, ORIGINATOR_ID and CLUSTER_LIST are none of its business. RFC 7606 §7. */
  readonly external: boolean;
  /** Routes of other families are not looked at. */
  readonly families: readonly AddressFamily[];
};

/** What an encoder needs to know of it. */
export type AsNumberWidth = Pick<UpdateContext, "fourOctetAs">;
