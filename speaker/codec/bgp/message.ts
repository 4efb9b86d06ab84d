import type { Prefix } from "../../../crds/net/prefix.ts";
import type { Capability } from "./capability.ts";
import type { PathAttributes } from "./path-attribute.ts";

/** One BGP-4 message as a value. RFC 4271 §4, RFC 2918 §3. */
export type BgpMessage = OpenMessage | UpdateMessage | NotificationMessage | KeepaliveMessage | RouteRefreshMessage;

/** RFC 4271 §4.2. */
export type OpenMessage = {
  readonly type: "open";
  readonly version: number;
  /** The field of two octets: 23456 (AS_TRANS) where the number does not fit. The four octets are in the capability. */
  readonly autonomousSystem: number;
  readonly holdTimeSeconds: number;
  /** BGP Identifier: four octets as a number. RFC 6286. */
  readonly identifier: number;
  /** In the order of the message, of all Capabilities parameters together. */
  readonly capabilities: readonly Capability[];
};

/** RFC 4271 §4.3. Without any part it is the End-of-RIB of IPv4 unicast (RFC 4724 §2). */
export type UpdateMessage = {
  readonly type: "update";
  /** IPv4 unicast. */
  readonly withdrawn: readonly Prefix[];
  readonly attributes: PathAttributes;
  /** IPv4 unicast. */
  readonly nlri: readonly Prefix[];
};

/** RFC 4271 §4.5. */
export type NotificationMessage = {
  readonly type: "notification";
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
};

/** RFC 4271 §4.4. */
export type KeepaliveMessage = { readonly type: "keepalive" };

/** RFC 2918 §3; the subtype is RFC 7313's, 0 in a plain request. */
export type RouteRefreshMessage = {
  readonly type: "route-refresh";
  readonly afi: number;
  readonly safi: number;
  readonly subtype: number;
};
