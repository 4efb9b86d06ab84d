import type { Address } from "../../crds/net/address.ts";

/** One BFD session as configured: with whom, on which path, and how fast. RFC 5880 §6.8.1, RFC 5881, RFC 5883. */
export type BfdSessionParameters = {
  readonly remote: Address;
  readonly local: Address;
  /** Single hop on this interface; absent: any. */
  readonly interfaceName?: string;
  /** Name of the VRF device; absent: the default VRF. */
  readonly vrf?: string;
  readonly multihop: boolean;
  /** Once the session is up; milliseconds. */
  readonly desiredMinTxMs: number;
  readonly requiredMinRxMs: number;
  /** Announced always; own echo packets go out at this interval when {@link echo} is set. */
  readonly echoIntervalMs: number;
  readonly detectMultiplier: number;
  readonly echo: boolean;
  /** Say nothing before the other side does. */
  readonly passive: boolean;
  /** Multihop: what is received with less is dropped. Single hop wants 255 always. */
  readonly minimumTtl: number;
};
