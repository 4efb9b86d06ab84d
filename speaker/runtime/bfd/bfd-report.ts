import type { Cause } from "../../bfd/diagnostic.ts";
import type { BfdState } from "../../codec/bfd.ts";

/** From the beat to the wire: a BFD session of these BGP peers changed its state. */
export type BfdNotice = {
  readonly type: "bfd-changed";
  /** Names of BGPPeers. */
  readonly peers: readonly string[];
  readonly state: BfdState;
  readonly cause: Cause;
  /**
   * The path is lost: their BGP sessions are to be closed. Not when the other side was only switched off, nor when the session is
   * not wanted any more. RFC 5882 §4.2, RFC 9384.
   */
  readonly lost: boolean;
};

/** Packets and changes of one session since it was made. */
export type BfdCounts = {
  readonly controlIn: number;
  readonly controlOut: number;
  /** Own echo packets that came back. */
  readonly echoIn: number;
  readonly echoOut: number;
  readonly ups: number;
  readonly downs: number;
  /** Changes that BGP was told. */
  readonly notices: number;
};

/** One session as its node sees it. Plain data; intervals in milliseconds. */
export type BfdStatus = {
  /** The session's own and only name: its path as text. */
  readonly id: string;
  readonly peers: readonly string[];
  readonly remote: string;
  readonly local: string;
  readonly interfaceName?: string;
  readonly vrf?: string;
  readonly multihop: boolean;
  readonly passive: boolean;
  readonly state: BfdState;
  /** Why it left Up last, in words. */
  readonly diagnostic: string;
  /** Of the other side; absent: it is not heard. */
  readonly neighbour?: {
    readonly state: BfdState;
    readonly diagnostic: string;
    readonly detectMultiplier: number;
    readonly transmitIntervalMs: number;
    readonly receiveIntervalMs: number;
    /** 0: it returns no echo packets. */
    readonly echoReceiveIntervalMs: number;
  };
  /** So long a silence is a loss; absent: the other side is not heard. */
  readonly detectionTimeMs?: number;
  readonly transmitIntervalMs: number;
  readonly receiveIntervalMs: number;
  /** Echo packets are sent: absent: they are not. */
  readonly echoIntervalMs?: number;
  /** What of its profile has no effect here, and why. */
  readonly remark?: string;
  readonly counts: BfdCounts;
  /** What keeps it from working. */
  readonly trouble?: string;
};

/** From the beat to the mind: all sessions, after each change and every few seconds. */
export type BfdReport = {
  readonly type: "bfd";
  readonly sessions: readonly BfdStatus[];
  /** Peers that have no session yet, and why. */
  readonly waiting: readonly { readonly peer: string; readonly reason: string }[];
};
