import type { Family } from "../../../crds/net/address.ts";
import type { BgpMessage } from "../../codec/bgp/message.ts";
import type { Negotiated } from "./negotiated.ts";
import type { TransportParameters } from "./session-config.ts";

/** What the driver is to do, in the order of the list. Nothing of it is answered at once, inside the same call. */
export type SessionEffect =
  /** Answer with `connected` or `connect-failed` and this number. */
  | { readonly type: "connect"; readonly attempt: number; readonly transport: TransportParameters }
  /** Give the attempt up; nothing is answered any more. */
  | { readonly type: "cancel-connect"; readonly attempt: number }
  | { readonly type: "send"; readonly connection: number; readonly message: BgpMessage }
  /** After what was sent before, as far as it can be written soon. Nothing more is heard of it. Also follows `closed`. */
  | { readonly type: "close"; readonly connection: number }
  /** Established: now send all routes, and tell `rib-complete` when they are those of a full pass. */
  | { readonly type: "session-up"; readonly connection: number; readonly negotiated: Negotiated }
  /** No longer Established. `reason` in words, for logs and status. */
  | { readonly type: "session-down"; readonly reason: string }
  /** The peer asks for all routes of the family anew. RFC 2918. */
  | { readonly type: "resend"; readonly family: Family }
  | { readonly type: "log"; readonly level: "info" | "warning"; readonly message: string };
