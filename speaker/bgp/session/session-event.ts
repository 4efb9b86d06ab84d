import type { Address } from "../../../crds/net/address.ts";
import type { BgpMessage } from "../../codec/bgp/message.ts";

/** When an event happens. */
export type Moment = {
  /** Milliseconds of a monotonic clock. */
  readonly now: number;
  /** 0 up to 1: spreads timers, decides nothing. */
  readonly random: number;
};

/** Both ends of a TCP connection. */
export type Ends = {
  readonly local: Address;
  readonly remote: Address;
  /** First IPv4 address of the interface that has `local`, where `local` is an IPv6 one. */
  readonly interfaceIPv4?: Address;
};

/** Why a session ends. The peer is told, unless the word is graceful-restart. */
export type StopReason =
  /** Cease 6/3. */
  | { readonly type: "peer-removed" }
  /** Cease 6/6. */
  | { readonly type: "configuration-changed" }
  /** Cease 6/2, with the text of RFC 9003 where there is one. */
  | { readonly type: "administrative-shutdown"; readonly text?: string }
  /** The process ends and comes back: connections are closed without a word, so that the peer keeps the routes. */
  | { readonly type: "graceful-restart" };

/** `connection` is a number that the driver gave to a socket, and gives to no other socket of this session. */
export type TransportEvent =
  /** Answer to the effect `connect`. */
  | { readonly type: "connected"; readonly attempt: number; readonly connection: number; readonly ends: Ends }
  | { readonly type: "connect-failed"; readonly attempt: number; readonly reason: string }
  /** The peer opened a connection. */
  | { readonly type: "inbound"; readonly connection: number; readonly ends: Ends }
  /** By the peer or by the network; never after the effect `close`. */
  | { readonly type: "closed"; readonly connection: number; readonly reason: string }
  | { readonly type: "received"; readonly connection: number; readonly message: BgpMessage }
  /** The peer's octets are no message: the NOTIFICATION to answer with, and what is wrong in words. */
  | {
      readonly type: "malformed";
      readonly connection: number;
      readonly code: number;
      readonly subcode: number;
      readonly data: Uint8Array;
      readonly reason: string;
    }
  /** Octets wait to be sent, as the peer does not read. */
  | { readonly type: "blocked"; readonly connection: number }
  /** Some of them went out. When more wait, `blocked` follows. */
  | { readonly type: "unblocked"; readonly connection: number };

export type ControlEvent =
  | { readonly type: "start" }
  | { readonly type: "stop"; readonly reason: StopReason }
  /** End the session and begin anew: Cease 6/4. */
  | { readonly type: "reset" }
  /** BFD saw the path fail; not its administrative end. Cease 6/10, RFC 9384. */
  | { readonly type: "bfd-down" }
  /** All routes that this session is to have are handed to the transport, after the first full pass over all Services. */
  | { readonly type: "rib-complete" };

export type SessionEvent =
  /** The time that `dueAt` gave has come. */
  { readonly type: "tick" } | TransportEvent | ControlEvent;
