import type { LogFields } from "../../operator/framework/log.ts";
import type { L2Announcement } from "../intent/intent.ts";

/** What one Service announces from now on; an empty list: nothing. */
export type AnnouncementChange = { readonly service: string; readonly announcements: readonly L2Announcement[] };

/** From the mind to the wire. Only differences of the intent cross. */
export type ToWire =
  /** Whether each of the names is excluded from announcing; answers `judge-interfaces`. */
  | { readonly type: "exclusion"; readonly verdicts: ReadonlyMap<string, boolean> }
  | { readonly type: "changes"; readonly changes: readonly AnnouncementChange[] }
  /** Members, nodes or configuration changed: caches on the segment may be stale, so every address is announced again. */
  | { readonly type: "announce-again" }
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
  | { readonly type: "interfaces"; readonly names: readonly string[] }
  /** The wire stood still and is mute until this epoch is affirmed. */
  | { readonly type: "affirm"; readonly epoch: number }
  | { readonly type: "counts"; readonly counts: readonly FrameCounts[] }
  | LogMessage
  /** For tests of the watchdog: run nothing for so long. */
  | { readonly type: "stand-still"; readonly ms: number }
  /** Withdraw what this node has written, then answer `stopped`. */
  | { readonly type: "stop" };

export type LogLevel = "debug" | "info" | "warn" | "error";
/** A line for the mind's log. Fields must be plain data. */
export type LogMessage = { readonly type: "log"; readonly level: LogLevel; readonly message: string; readonly fields: LogFields };
