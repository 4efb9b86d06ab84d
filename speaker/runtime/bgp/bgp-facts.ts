import type { PeerEndpoint } from "../../../crds/config/snapshot.ts";
import type { Negotiated } from "../../bgp/session/negotiated.ts";
import type { Ends } from "../../bgp/session/session-event.ts";
import type { StateName } from "../../bgp/session/session-state.ts";
import type { BgpCounts } from "./bgp-counts.ts";

/** What one session is and does, for status, metrics and people. Plain data. */
export type BgpSessionFacts = {
  readonly key: string;
  /** Names of the BGPPeers that ask for it, sorted. */
  readonly peers: readonly string[];
  readonly endpoint: PeerEndpoint;
  readonly port: number;
  readonly vrf?: string;
  readonly state: StateName;
  /** When it came into that state: milliseconds since the epoch. */
  readonly sinceMs: number;
  /** While it is Established. */
  readonly ends?: Ends;
  /** While it is Established. */
  readonly negotiated?: Negotiated;
  /** Why there is no session, in words. */
  readonly lastError?: string;
  /** Prefixes that the peer is to be told, whether the session is up or not. */
  readonly wanted: number;
  /** Prefixes that the peer was told. */
  readonly advertised: number;
  /** Prefixes that cannot be told, as their attributes alone fill a message. */
  readonly unsendable: number;
  readonly counts: BgpCounts;
};
