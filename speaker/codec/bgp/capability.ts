/** One capability of an OPEN. RFC 5492. */
export type Capability =
  /** RFC 4760 §8. */
  | { readonly type: "multiprotocol"; readonly afi: number; readonly safi: number }
  /** RFC 2918. */
  | { readonly type: "route-refresh" }
  /** RFC 8950 §4. */
  | { readonly type: "extended-next-hop"; readonly routes: readonly ExtendedNextHop[] }
  /** RFC 4724 §3, flag N: RFC 8538 §2. */
  | {
      readonly type: "graceful-restart";
      readonly restarting: boolean;
      readonly notification: boolean;
      /** Below 4096. */
      readonly restartTimeSeconds: number;
      readonly families: readonly RestartFamily[];
    }
  /** RFC 6793 §3. */
  | { readonly type: "four-octet-as"; readonly autonomousSystem: number }
  | { readonly type: "unknown"; readonly code: number; readonly value: Uint8Array };

/** Routes of (afi, safi) may have a next hop of another address family. */
export type ExtendedNextHop = { readonly afi: number; readonly safi: number; readonly nextHopAfi: number };

export type RestartFamily = {
  readonly afi: number;
  readonly safi: number;
  /** Flag F: forwarding went on through the restart. */
  readonly forwardingPreserved: boolean;
};
