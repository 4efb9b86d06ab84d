import { formatAddress } from "../../crds/net/address.ts";
import type { Counter, Gauge, Metrics } from "../../operator/framework/metrics.ts";
import type { BgpCounts } from "./bgp-counts.ts";
import type { BgpSessionFacts } from "./bgp-facts.ts";

type SessionLabel = "peer" | "vrf";
type Labels = { readonly [label in SessionLabel]: string };

/** How a counter is read from what a session has counted. */
const counters: readonly (readonly [name: string, help: string, read: (counts: BgpCounts) => number])[] = [
  ["opens_sent", "Number of BGP open messages sent.", ({ sent }) => sent.open],
  ["opens_received", "Number of BGP open messages received.", ({ received }) => received.open],
  ["notifications_sent", "Number of BGP notification messages sent.", ({ sent }) => sent.notification],
  ["updates_total", "Number of BGP UPDATE messages sent.", ({ sent }) => sent.update],
  ["updates_total_received", "Number of BGP UPDATE messages received.", ({ received }) => received.update],
  ["keepalives_sent", "Number of BGP keepalive messages sent.", ({ sent }) => sent.keepalive],
  ["keepalives_received", "Number of BGP keepalive messages received.", ({ received }) => received.keepalive],
  ["route_refresh_sent", "Number of BGP route refresh messages sent.", ({ sent }) => sent["route-refresh"]],
  ["total_sent", "Number of BGP messages sent.", ({ sent }) => total(sent)],
  ["total_received", "Number of BGP messages received.", ({ received }) => total(received)],
];

/**
 * The sessions of this node by the names that MetalLB's exporter for FRR has. A series is there from the moment a peer is
 * configured here, since an alert is made of `metallb_bgp_session_up == 0`, and goes with it.
 */
export class BgpMetrics {
  readonly #up: Gauge<SessionLabel>;
  readonly #announced: Gauge<SessionLabel>;
  readonly #counters: readonly Counter<SessionLabel>[];
  /** By the session's key: what was added, and for whom. */
  readonly #told = new Map<string, { readonly labels: Labels; readonly values: readonly number[] }>();

  constructor(metrics: Metrics) {
    const labels = ["peer", "vrf"] as const;
    this.#up = metrics.gauge("metallb_bgp_session_up", "BGP session state (1 is up, 0 is down).", labels);
    this.#announced = metrics.gauge(
      "metallb_bgp_announced_prefixes_total",
      "Number of prefixes currently being advertised.",
      labels,
    );
    this.#counters = counters.map(([name, help]) => metrics.counter(`metallb_bgp_${name}`, help, labels));
  }

  /** @param sessions all of this node's. */
  follow(sessions: readonly BgpSessionFacts[]): void {
    const present = new Set(sessions.map(({ key }) => key));
    for (const [key, { labels }] of this.#told) {
      if (present.has(key)) continue;
      this.#told.delete(key);
      this.#remove(labels);
    }
    for (const session of sessions) this.#tell(session);
  }

  #tell(session: BgpSessionFacts): void {
    const labels = labelsOf(session);
    const before = this.#told.get(session.key);
    if (before !== undefined && before.labels.peer !== labels.peer) this.#remove(before.labels);
    const values = counters.map(([, , read]) => read(session.counts));
    const same = before?.labels.peer === labels.peer ? before.values : [];
    this.#counters.forEach((counter, i) => {
      const [now, told] = [values[i] ?? 0, same[i] ?? 0];
      // A session that was made anew counts from 0.
      counter.add(labels, now >= told ? now - told : now);
    });
    this.#told.set(session.key, { labels, values });
    this.#up.setFor(labels, session.state === "Established" ? 1 : 0);
    this.#announced.setFor(labels, session.advertised);
  }

  #remove(labels: Labels): void {
    for (const series of [this.#up, this.#announced, ...this.#counters]) series.remove(labels);
  }
}

/** Whom a session is with, as text: address and port; for an unnumbered one that has found nobody yet, the interface. */
export function neighbourOf({ endpoint, ends, port }: BgpSessionFacts): string {
  const remote = ends?.remote ?? (endpoint.type === "address" ? endpoint.address : undefined);
  if (remote !== undefined) return `${formatAddress(remote)}:${port}`;
  return endpoint.type === "interface" ? endpoint.name : "";
}

function labelsOf(session: BgpSessionFacts): Labels {
  return { peer: neighbourOf(session), vrf: session.vrf ?? "default" };
}

function total(counts: BgpCounts["sent"]): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
