import type { Address } from "../../../crds/net/address.ts";
import type { LocalFacts } from "../../bfd/session-request.ts";
import type { DatagramSender, DatagramSenderOptions } from "../../native/datagram-sender.ts";
import type { EchoTap, EchoTapOptions } from "../../native/echo-tap.ts";
import type { GuardedDatagrams, GuardedDatagramsOptions } from "../../native/guarded-datagrams.ts";
import type { NeighbourPath } from "../../native/neighbours.ts";

/** What BFD needs of the machine. */
export type BfdPorts = {
  readonly listen: (options: GuardedDatagramsOptions) => Promise<GuardedDatagrams>;
  readonly openSender: (options: DatagramSenderOptions) => DatagramSender;
  readonly openEcho: (options: EchoTapOptions) => EchoTap;
  readonly neighbourPath: (local: Address, remote: Address) => Promise<NeighbourPath | undefined>;
  /** The kernel's number of an interface, which is another one after it was made anew; 0: there is none. */
  readonly interfaceIndex: (name: string) => number;
  /** What is known of this node now. */
  readonly facts: () => LocalFacts;
  /** Calls `then` in a later turn, when what has arrived until now can have been read. */
  readonly nextTurn: (then: () => void) => void;
  /** 0 up to 1. */
  readonly random: () => number;
};

/** UDP ports. RFC 5881 §4, RFC 5883 §5. */
export const bfdPort = { single: 3784, multi: 4784, echo: 3785 } as const;
