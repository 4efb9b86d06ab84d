import type { Counter, Gauge, Metrics } from "../../../operator/framework/metrics.ts";
import type { BfdCounts, BfdStatus } from "./bfd-report.ts";

type Label = "peer" | "vrf";

const counts: readonly (keyof BfdCounts)[] = ["controlIn", "controlOut", "echoIn", "echoOut", "ups", "downs", "notices"];

/** BFD's metrics by the names of MetalLB's FRR mode; `peer` is an address. */
export type BfdMetrics = {
  readonly up: Gauge<Label>;
  readonly counters: { readonly [count in keyof BfdCounts]: Counter<Label> };
};

export function createBfdMetrics(metrics: Metrics): BfdMetrics {
  const counter = (name: string, help: string): Counter<Label> => metrics.counter(`metallb_bfd_${name}`, help, ["peer", "vrf"]);
  return {
    up: metrics.gauge("metallb_bfd_session_up", "BFD session state (1 is up, 0 is down).", ["peer", "vrf"]),
    counters: {
      controlIn: counter("control_packet_input", "BFD control packets received."),
      controlOut: counter("control_packet_output", "BFD control packets sent."),
      echoIn: counter("echo_packet_input", "Own BFD echo packets that came back."),
      echoOut: counter("echo_packet_output", "BFD echo packets sent."),
      ups: counter("session_up_events", "Times that a BFD session came up."),
      downs: counter("session_down_events", "Times that a BFD session went down."),
      notices: counter("zebra_notifications", "Changes of BFD sessions that BGP was told of."),
    },
  };
}

/** Adds what has happened since the session's `former` status. Counts that became smaller are another session's on the same path. */
export function addBfdCounts({ up, counters }: BfdMetrics, status: BfdStatus, former: BfdStatus | undefined): void {
  const labels = labelsOf(status);
  up.setFor(labels, status.state === "Up" ? 1 : 0);
  for (const name of counts) {
    const before = former?.counts[name] ?? 0;
    const now = status.counts[name];
    counters[name].add(labels, now >= before ? now - before : now);
  }
}

/** No session has these labels any more. */
export function removeBfdSeries({ up, counters }: BfdMetrics, status: BfdStatus): void {
  const labels = labelsOf(status);
  up.remove(labels);
  for (const counter of Object.values(counters)) counter.remove(labels);
}

function labelsOf({ remote, vrf = "default" }: BfdStatus): { readonly peer: string; readonly vrf: string } {
  return { peer: remote, vrf };
}
