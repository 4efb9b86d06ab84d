import { formatAddress } from "../../../crds/net/address.ts";
import type { Counter, Gauge, Metrics } from "../../../operator/framework/metrics.ts";
import type { PlannedSession } from "../../bgp/session/session-plan.ts";
import type { BgpCounts, MessageCounts } from "./bgp-counts.ts";
import type { BgpSessionFacts } from "./bgp-facts.ts";

type Label = "peer" | "vrf";
type Labels = { readonly [label in Label]: string };
type FigureOf = (counts: BgpCounts) => number;

/** BGP's metrics by the names of MetalLB's FRR mode; `peer` is an address and a port, or an interface and a port. */
export type BgpMetrics = {
  readonly up: Gauge<Label>;
  readonly announced: Gauge<Label>;
  /** Of MetalLB's own BGP, which has no counters but that of UPDATEs. */
  readonly pending: Gauge<Label>;
  readonly counters: readonly { readonly counter: Counter<Label>; readonly of: FigureOf }[];
};

const labelNames: readonly Label[] = ["peer", "vrf"];

const figures: readonly (readonly [name: string, help: string, of: FigureOf])[] = [
  ["opens_sent", "BGP OPEN messages sent.", ({ sent }) => sent.open],
  ["opens_received", "BGP OPEN messages received.", ({ received }) => received.open],
  ["notifications_sent", "BGP NOTIFICATION messages sent.", ({ sent }) => sent.notification],
  ["updates_total", "BGP UPDATE messages sent.", ({ sent }) => sent.update],
  ["updates_total_received", "BGP UPDATE messages received.", ({ received }) => received.update],
  ["keepalives_sent", "BGP KEEPALIVE messages sent.", ({ sent }) => sent.keepalive],
  ["keepalives_received", "BGP KEEPALIVE messages received.", ({ received }) => received.keepalive],
  ["route_refresh_sent", "BGP ROUTE-REFRESH messages sent.", ({ sent }) => sent["route-refresh"]],
  ["total_sent", "BGP messages sent.", ({ sent }) => sumOf(sent)],
  ["total_received", "BGP messages received.", ({ received }) => sumOf(received)],
];

export function createBgpMetrics(metrics: Metrics): BgpMetrics {
  return {
    up: metrics.gauge("metallb_bgp_session_up", "BGP session state (1 is up, 0 is down).", labelNames),
    announced: metrics.gauge("metallb_bgp_announced_prefixes_total", "Prefixes that the peer was told.", labelNames),
    pending: metrics.gauge("metallb_bgp_pending_prefixes_total", "Prefixes that the peer is to be told.", labelNames),
    counters: figures.map(([name, help, of]) => ({ counter: metrics.counter(`metallb_bgp_${name}`, help, labelNames), of })),
  };
}

/** Keeps the series: one for each peer of this node from the moment it is configured, none for others. */
export class BgpSeries {
  readonly #metrics: BgpMetrics;
  #labels: readonly Labels[] = [];
  #former: ReadonlyMap<string, BgpSessionFacts> = new Map();

  constructor(metrics: BgpMetrics) {
    this.#metrics = metrics;
  }

  /** @param planned also those that may not be opened yet, which have no facts. */
  follow(planned: readonly PlannedSession[], facts: readonly BgpSessionFacts[]): void {
    const known = new Map(facts.map((one) => [one.key, one]));
    const labels = planned.map(labelsOf);
    const kept = new Set(labels.map(textOf));
    for (const former of this.#labels) if (!kept.has(textOf(former))) this.#remove(former);
    for (const one of planned) this.#set(labelsOf(one), known.get(one.key), this.#former.get(one.key));
    this.#labels = labels;
    this.#former = known;
  }

  #set(labels: Labels, facts: BgpSessionFacts | undefined, former: BgpSessionFacts | undefined): void {
    const { up, announced, pending, counters } = this.#metrics;
    up.setFor(labels, facts?.state === "Established" ? 1 : 0);
    announced.setFor(labels, facts?.advertised ?? 0);
    pending.setFor(labels, facts?.wanted ?? 0);
    for (const { counter, of } of counters) {
      const now = facts === undefined ? 0 : of(facts.counts);
      const before = former === undefined ? 0 : of(former.counts);
      // A figure that became smaller is that of another session with the same peer.
      counter.add(labels, now >= before ? now - before : now);
    }
  }

  #remove(labels: Labels): void {
    const { up, announced, pending, counters } = this.#metrics;
    for (const metric of [up, announced, pending, ...counters.map(({ counter }) => counter)]) metric.remove(labels);
  }
}

function labelsOf({ config: { transport } }: PlannedSession): Labels {
  const { endpoint, port, vrf = "default" } = transport;
  const place = endpoint.type === "interface" ? endpoint.name : formatAddress(endpoint.address);
  // As MetalLB writes it: no brackets around an IPv6 address.
  return { peer: `${place}:${port}`, vrf };
}

function textOf({ peer, vrf }: Labels): string {
  return `${peer} ${vrf}`;
}

function sumOf(counts: MessageCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
