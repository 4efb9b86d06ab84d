import type { BgpAnnouncement } from "../bgp/route.ts";
import { decideBgp } from "./bgp.ts";
import type { EndpointView, ServiceView } from "./cluster.ts";
import type { Context } from "./context.ts";
import { decide } from "./desired.ts";
import { evidenceFor } from "./evidence.ts";
import type { L2Announcement } from "./intent.ts";

/** What changed, so that a node began or ended to announce a Service. A closed list: labels of a metric. */
export type Cause =
  /** The first decisions of this process. */
  | "start"
  | "service"
  | "endpoints"
  | "configuration"
  /** A Node's label or condition. */
  | "node"
  | "member-died"
  | "member-left"
  /** Another node became a candidate. */
  | "member-came"
  /** What some node says of itself: its interfaces, subnets, or objects that it set aside. */
  | "member-facts"
  /** This node joined, was cut off, counts itself in or out, or has other interfaces. */
  | "own-state"
  | "foreign-speaker"
  /** This node's annotation that asks for its routes to go. */
  | "drain"
  /** Another machine claims an address, or does no more. */
  | "rival"
  /** Several of these together. */
  | "several";

/** What concerned the one Service when it was decided on; undefined: only something that concerns all. */
export type Touched = "service" | "endpoints" | "rival" | undefined;

export type Change = {
  readonly service: ServiceView | undefined;
  readonly endpoints: readonly EndpointView[];
  /** What this node announced before. */
  readonly announced: readonly L2Announcement[];
  readonly touched: Touched;
  /** Undefined: nothing changed but the Service or this node's interfaces. */
  readonly before: Context | undefined;
  readonly after: Context;
};

/**
 * Why this node announces a Service that it did not, or the other way round: what, left as it was, would have left all as it was.
 * Costs some elections, and is asked only about what moved.
 */
export function causeOf(change: Change): Cause {
  const { service, endpoints, announced, touched, before, after } = change;
  if (before === undefined) return touched ?? "own-state";
  const announces = (context: Context): boolean => decide(service, endpoints, context, announced).type === "announce";
  const now = announces(after);
  if (announces(before) === now) return touched ?? "several";
  const hangsOn = (part: Partial<Context>): boolean => announces({ ...after, ...part }) !== now;
  if (hangsOn({ foreignSpeakers: before.foreignSpeakers })) return "foreign-speaker";
  if (hangsOn({ members: before.members })) return memberCause(change, before, now);
  if (hangsOn({ nodes: before.nodes })) return "node";
  return hangsOn({ snapshot: before.snapshot }) ? "configuration" : "several";
}

export type BgpChange = Omit<Change, "announced"> & { readonly announced: readonly BgpAnnouncement[] };

/** The same of what is announced by BGP, which depends on no member. */
export function bgpCauseOf({ service, endpoints, announced, touched, before, after }: BgpChange): Cause {
  if (before === undefined) return touched ?? "several";
  const announces = (context: Context): boolean => decideBgp(service, endpoints, context, announced).type === "announce";
  const now = announces(after);
  if (announces(before) === now) return touched ?? "several";
  const hangsOn = (part: Partial<Context>): boolean => announces({ ...after, ...part }) !== now;
  if (hangsOn({ foreignHere: before.foreignHere ?? false })) return "foreign-speaker";
  if (hangsOn({ drain: before.drain ?? "staying" })) return "drain";
  if (hangsOn({ nodes: before.nodes })) return "node";
  return hangsOn({ snapshot: before.snapshot }) ? "configuration" : "several";
}

function memberCause({ service, endpoints, after }: Change, before: Context, now: boolean): Cause {
  const { self, members } = after;
  const former = before.members;
  const { owner } = evidenceFor(service, endpoints, now ? before : after);
  // First of all: the last two nodes find each other's death by being cut off for a moment.
  if (owner.by === "herald" && members.dead.has(owner.node)) return "member-died";
  if (former.conduct !== members.conduct || former.alive.has(self) !== members.alive.has(self)) return "own-state";
  if (owner.by !== "herald") return "member-facts";
  if (!members.alive.has(owner.node)) return "member-left";
  return former.alive.has(owner.node) ? "member-facts" : "member-came";
}
