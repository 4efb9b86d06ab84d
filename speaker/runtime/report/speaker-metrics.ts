import {
  type ClientMetrics,
  type Counter,
  createClientMetrics,
  type Gauge,
  type Metrics,
} from "../../../operator/framework/metrics.ts";
import { type BfdMetrics, createBfdMetrics } from "../bfd/bfd-metrics.ts";
import { type BgpMetrics, createBgpMetrics } from "../bgp/bgp-metrics.ts";
import type { DropCounts } from "../membership/membership-driver.ts";
import type { FrameCounts } from "../threads/messages.ts";

/** The speaker's metrics, by MetalLB's names. */
export type SpeakerMetrics = {
  readonly client: ClientMetrics;
  readonly announced: Gauge<"service" | "protocol" | "node" | "ip">;
  /** Services that this node began (`announced`) or ended (`withdrawn`) to announce; the cause is one of {@link Cause}. */
  readonly transitions: Counter<"to" | "cause">;
  /** The same by BGP. */
  readonly bgpTransitions: Counter<"to" | "cause">;
  readonly requests: Counter<"ip">;
  readonly responses: Counter<"ip">;
  readonly gratuitous: Counter<"ip">;
  readonly conflict: Gauge<"ip" | "mac" | "cause">;
  readonly contests: Counter<"outcome">;
  readonly defences: Counter;
  readonly rivalsDropped: Counter;
  readonly membershipDropped: Counter<"reason">;
  /** Seconds. */
  readonly rested: Counter;
  readonly bfd: BfdMetrics;
  readonly bgp: BgpMetrics;
};

export function createSpeakerMetrics(metrics: Metrics): SpeakerMetrics {
  return {
    client: createClientMetrics(metrics),
    announced: metrics.gauge("metallb_speaker_announced", "Services being announced from this node.", [
      "service",
      "protocol",
      "node",
      "ip",
    ]),
    transitions: metrics.counter(
      "herald_layer2_transitions_total",
      "Services that this node began or ended to announce on layer 2, by what changed.",
      ["to", "cause"],
    ),
    bgpTransitions: metrics.counter(
      "herald_bgp_transitions_total",
      "Services that this node began or ended to announce by BGP, by what changed.",
      ["to", "cause"],
    ),
    requests: metrics.counter("metallb_layer2_requests_received", "ARP and neighbor requests that were answered.", ["ip"]),
    responses: metrics.counter("metallb_layer2_responses_sent", "ARP and neighbor answers that were sent.", ["ip"]),
    gratuitous: metrics.counter("metallb_layer2_gratuitous_sent", "Gratuitous ARP frames and unsolicited advertisements.", [
      "ip",
    ]),
    conflict: metrics.gauge("herald_layer2_conflict", "Another machine claims an address that this node announces.", [
      "ip",
      "mac",
      "cause",
    ]),
    contests: metrics.counter("herald_layer2_contests_total", "Addresses for which another node stood, too.", ["outcome"]),
    defences: metrics.counter("herald_layer2_defences_total", "Announcements against machines that claim an address."),
    rivalsDropped: metrics.counter("herald_layer2_claims_dropped_total", "Claims of addresses that were too many to look at."),
    membershipDropped: metrics.counter(
      "herald_membership_datagrams_dropped_total",
      "Datagrams on the membership port that were not understood.",
      ["reason"],
    ),
    rested: metrics.counter(
      "herald_cpu_limit_rested_seconds_total",
      "Seconds that a thread's work which can wait rested, so that a limit of CPU does not stop what cannot.",
      ["thread"],
    ),
    bfd: createBfdMetrics(metrics),
    bgp: createBgpMetrics(metrics),
  };
}

/** Adds a rest that a limit of CPU wanted. */
export function addRest({ rested }: SpeakerMetrics, thread: "mind" | "wire", ms: number): void {
  rested.add({ thread }, ms / 1000);
}

/** Adds what the beat has counted. */
export function addDropCounts(metrics: SpeakerMetrics, dropped: DropCounts): void {
  for (const [reason, count] of Object.entries(dropped)) metrics.membershipDropped.add({ reason }, count);
}

/** Adds what the wire has counted. */
export function addFrameCounts(metrics: SpeakerMetrics, counts: readonly FrameCounts[]): void {
  for (const { ip, requests, responses, gratuitous } of counts) {
    if (requests > 0) metrics.requests.add({ ip }, requests);
    if (responses > 0) metrics.responses.add({ ip }, responses);
    if (gratuitous > 0) metrics.gratuitous.add({ ip }, gratuitous);
  }
}
