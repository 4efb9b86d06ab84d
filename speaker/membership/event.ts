import type { MembershipMessage } from "../codec/membership-message.ts";
import type { Stand } from "../codec/membership-stand.ts";

/** A message whose seal was right, and what its packet said of its sender. */
export type Received = {
  readonly type: "received";
  /** The address that the packet came from, as text. */
  readonly from: string;
  readonly sender: string;
  readonly startId: string;
  readonly counter: number;
  readonly message: MembershipMessage;
};

/** A speaker's Pod of ours, as the API knows it; own one included. */
export type SpeakerPod = {
  readonly node: string;
  readonly address: string /** The Node and the Pod are Ready. */;
  readonly ready: boolean;
};

/** What this node answers to a contest: for each address that was asked for, that it stands for it, or does not. */
export type ContestAnswer = {
  readonly to: string;
  /** Of the contest. */
  readonly nonce: string;
  readonly stands: readonly Stand[];
  readonly denied: readonly string[];
};

export type MembershipEvent =
  /** The time that `nextAt` gave has come. */
  | { readonly type: "tick" }
  | Received
  /** All speakers' Pods, whenever they change; the first one may come late. */
  | { readonly type: "speakers"; readonly pods: readonly SpeakerPod[] }
  /** What this node tells the others of itself, encoded; at most 10,240 octets. */
  | { readonly type: "facts"; readonly facts: Uint8Array }
  /** Whether the wire runs and hears. While it does not, this node is silent, so that the others take over. */
  | { readonly type: "wire"; readonly alive: boolean }
  /** Whether this node wants addresses at all. */
  | { readonly type: "willing"; readonly willing: boolean }
  /** Answer to `ask-segment`. `seen`: of the nodes it named, those whose announced addresses answered with their MAC. */
  | { readonly type: "segment"; readonly question: number; readonly answered: boolean; readonly seen: readonly string[] }
  /** Ask a member whether it stands for the addresses. `standing`: this node does. Nothing asks again by itself. */
  | { readonly type: "contest"; readonly member: string; readonly addresses: readonly string[]; readonly standing: boolean }
  /** Answer to the effect `contested`. */
  | ({ readonly type: "stands" } & ContestAnswer)
  /** Give everything up, but stay until the new owners announce. */
  | { readonly type: "leave" }
  /** The last words. Nothing is sent afterwards. */
  | { readonly type: "stop" };

export type Target = { readonly name: string; readonly address: string };

export type MembershipEffect =
  /** One packet, sealed once, to each of the targets. */
  | { readonly type: "send"; readonly to: readonly Target[]; readonly message: MembershipMessage }
  /**
   * No peer is heard. Ask gateway, API server and those who asked lately, and ask for announced addresses of `silent`.
   * Answer with `segment` and this number, within 200 ms, also when nobody could be asked.
   */
  | { readonly type: "ask-segment"; readonly question: number; readonly silent: readonly string[] }
  /** A member asks whether this node stands for the addresses: at most 24. Answer with `stands`. */
  | {
      readonly type: "contested";
      readonly by: string;
      readonly nonce: string;
      readonly addresses: readonly string[];
      readonly standing: boolean;
    }
  /** A member's fresh answer to a `contest`. */
  | { readonly type: "stood"; readonly by: string; readonly stands: readonly Stand[]; readonly denied: readonly string[] }
  /** `view()` gives another view than before. */
  | { readonly type: "view-changed"; readonly generation: number };
