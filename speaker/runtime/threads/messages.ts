import type { Address } from "../../../crds/net/address.ts";
import type { LogFields } from "../../../operator/framework/log/log.ts";
import type { BfdRequest } from "../../bfd/session-request.ts";
import type { BgpAnnouncement } from "../../bgp/route.ts";
import type { PlannedSession } from "../../bgp/session/session-plan.ts";
import type { L2Announcement } from "../../intent/intent.ts";
import type { ProbeResult } from "../../l2/conflict/address-probes.ts";
import type { RivalEffect, RivalEvent } from "../../l2/conflict/rival-event.ts";
import type { Sighting } from "../../l2/conflict/sighting.ts";
import type { MembershipEvent, SpeakerPod } from "../../membership/event.ts";
import type { MemberView } from "../../membership/member-view.ts";
import type { FactLink } from "../../membership/own-facts.ts";
import type { BfdNotice, BfdReport } from "../bfd/bfd-report.ts";
import type { BgpSessionFacts } from "../bgp/bgp-facts.ts";
import type { TracedMessage } from "../bgp/message-trace.ts";
import type { DropCounts, SilentNode } from "../membership/membership-driver.ts";
import type { CpuLimit } from "../pace/cpu-limit.ts";

/** What one Service announces from now on; an empty list: nothing. */
export type AnnouncementChange = {
  readonly service: string;
  readonly announcements: readonly L2Announcement[];
  /** Another node takes over: answer until it announces. */
  readonly handOver?: true;
  /** Another node still answers, until it hears this one announce: do not answer before. */
  readonly relieves?: true;
};

/** What one Service announces by BGP from now on; an empty list: nothing. */
export type RouteChange = { readonly service: string; readonly announcements: readonly BgpAnnouncement[] };

/** From the mind to the wire: what is announced by BGP. */
export type ToRoutes =
  | { readonly type: "routes"; readonly changes: readonly RouteChange[] }
  /** Sent once: every Service has been decided on, and what was sent before this is all there is. */
  | { readonly type: "routes-complete" };

/** From the mind to the wire: with whom BGP is spoken, and what is said. */
export type ToBgp =
  | ToRoutes
  /** All sessions of this node, with passwords in plain text. */
  | { readonly type: "bgp-sessions"; readonly sessions: readonly PlannedSession[] }
  /** The Node is being emptied: should this process end, it does not come back soon. */
  | { readonly type: "node-drains"; readonly drains: boolean }
  /** What were the last messages of this BGPPeer's session? Answered with the same number. */
  | { readonly type: "bgp-trace"; readonly question: number; readonly peer: string };

/** A hardware address of a node's. */
export type HardwareAddress = { readonly node: string; readonly mac: Uint8Array };

/** From the mind to the wire. Only differences of the intent cross. */
export type ToWire =
  /** Whether each of the names is excluded from announcing; answers `judge-interfaces`. */
  | { readonly type: "exclusion"; readonly verdicts: ReadonlyMap<string, boolean> }
  | { readonly type: "changes"; readonly changes: readonly AnnouncementChange[] }
  | ToBgp
  /** Members, nodes or configuration changed: caches on the segment may be stale, so every address is announced again. */
  | { readonly type: "announce-again" }
  /** What others do is not known: answer, announce nothing, and give way. */
  | { readonly type: "freeze" }
  /** Behind `freeze`: the others are there and went on without this node, so it is silent until `thaw`. */
  | { readonly type: "hush" }
  /** It is known again. All that this node announces is sent again behind this. */
  | { readonly type: "thaw" }
  /** Whether anybody is on the segments: neighbours by their addresses as text, and who of the silent nodes answers for which. */
  | {
      readonly type: "ask-segment";
      readonly question: number;
      readonly neighbours: readonly string[];
      readonly samples: readonly Address[];
      readonly macs: readonly HardwareAddress[];
    }
  /** Ask who answers for these addresses, each on its interfaces; `probed` says it for each. */
  | { readonly type: "probe"; readonly announcements: readonly L2Announcement[] }
  /** One announcement against a rival. */
  | { readonly type: "defend"; readonly ip: string }
  /** The other nodes' hardware addresses, as numbers: claims with one of them are told first. */
  | { readonly type: "member-macs"; readonly macs: readonly number[] }
  /** Everything sent before this is the whole intent as decided after the stand-still of that epoch. */
  | { readonly type: "affirmed"; readonly epoch: number }
  /** The mind has written what it had to and may be ended. */
  | { readonly type: "stopped" };

/** Frames on behalf of one address since the last report. */
export type FrameCounts = {
  readonly ip: string;
  readonly requests: number;
  readonly responses: number;
  readonly gratuitous: number;
};

/** From the wire to the mind. */
export type ToMind =
  /** Interfaces that are new here; none of them is listened to before the verdict is known. */
  | { readonly type: "judge-interfaces"; readonly names: readonly string[] }
  /** Names that an advertisement may list; the first one arrives before anything is announced. */
  | { readonly type: "interfaces"; readonly names: readonly string[]; readonly usable: readonly FactLink[] }
  /** The wire stood still and is mute until this epoch is affirmed. */
  | { readonly type: "affirm"; readonly epoch: number }
  | { readonly type: "counts"; readonly counts: readonly FrameCounts[] }
  /** What is not urgent in the wire's thread rested for so long, as the limit of CPU wanted. */
  | { readonly type: "rested"; readonly ms: number }
  /** All sessions, after something of them changed. */
  | { readonly type: "bgp-facts"; readonly sessions: readonly BgpSessionFacts[] }
  /** Answers `bgp-trace`; oldest first. */
  | { readonly type: "bgp-trace"; readonly question: number; readonly messages: readonly TracedMessage[] }
  | LogMessage
  | BeatToMind
  | RivalReport
  /** For tests of the watchdog: run nothing for so long. */
  | { readonly type: "stand-still"; readonly ms: number }
  /** This node is being stopped: give its addresses to others. */
  | { readonly type: "leave" }
  /** Withdraw what this node has written, then answer `stopped`. */
  | { readonly type: "stop" };

/** From the wire to the mind: what others claim of addresses. */
export type RivalReport =
  /** `dropped`: so many more were seen, which nobody looks at. */
  | { readonly type: "sighted"; readonly sightings: readonly Sighting[]; readonly dropped: number }
  | ({ readonly type: "probed" } & ProbeResult);

/** What the mind itself takes; the rest is for the thread around it. */
export type MindMessage = Exclude<ToMind, LogMessage | { readonly type: "judge-interfaces" | "stand-still" | "stop" }>;

/** From the beat to the mind. */
export type BeatToMind =
  | { readonly type: "members"; readonly view: MemberView }
  /** Nobody is heard: the wire is to ask the segments, and among them for addresses of these nodes. */
  | { readonly type: "ask-segment"; readonly question: number; readonly silent: readonly SilentNode[] }
  /** A member asks, or answers, whether addresses are stood for. */
  | Extract<RivalEvent, { readonly type: "contested" | "stood" }>
  /** Datagrams that were not understood since the last report. */
  | { readonly type: "dropped"; readonly dropped: DropCounts }
  | BfdReport;

/** From the beat to the wire. */
export type BeatToWire = BfdNotice;

/** From the mind to the wire's thread: the limit of CPU of this process; absent: none. What is not urgent rests accordingly. */
export type CpuLimitNotice = { readonly type: "cpu-limit"; readonly limit: CpuLimit | undefined };

/** From the mind to both others: what only the start needs is needed no more. */
export type StartOver = { readonly type: "start-over" };

/** From the mind to the beat. */
export type ToBeat =
  | ToMembership
  | StartOver
  /** All BFD sessions that the configuration wants on this node. */
  | { readonly type: "bfd"; readonly requests: readonly BfdRequest[] };

/** From the mind to the membership protocol in the beat. */
export type ToMembership =
  /** Which cluster this is: the UID of its namespace kube-system. The protocol begins with it. */
  | { readonly type: "cluster"; readonly uid: string }
  | { readonly type: "speakers"; readonly pods: readonly SpeakerPod[] }
  /** Encoded. */
  | { readonly type: "facts"; readonly facts: Uint8Array }
  | { readonly type: "willing"; readonly willing: boolean }
  | Extract<RivalEffect, { readonly type: "ask" | "answer" }>;

/** From the wire to the beat: what a question to the segments gave. */
export type SegmentWord = Extract<MembershipEvent, { readonly type: "segment" }>;

/** From the wire to the beat: the neighbours that are known on interfaces, by the interface's name. They replace all former ones. */
export type NeighbourWord = { readonly type: "neighbours"; readonly neighbours: ReadonlyMap<string, Address> };

/** From the wire to the beat when the speaker is being stopped. */
export type Farewell = { readonly type: "leave" } | { readonly type: "stop" };

export type LogLevel = "debug" | "info" | "warn" | "error";
/** A line for the mind's log. Fields must be plain data. */
export type LogMessage = { readonly type: "log"; readonly level: LogLevel; readonly message: string; readonly fields: LogFields };
