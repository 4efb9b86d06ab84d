import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "../../../operator/framework/metrics.ts";
import { addBfdCounts, createBfdMetrics } from "../bfd/bfd-metrics.ts";
import { BgpSeries, createBgpMetrics } from "../bgp/bgp-metrics.ts";
import { planned } from "../fake/bgp-world.ts";

/** What MetalLB's exporter for FRR has; the last of the gauges is of its own BGP. */
const ofMetalLB = {
  metallb_bgp_session_up: "gauge",
  metallb_bgp_announced_prefixes_total: "gauge",
  metallb_bgp_pending_prefixes_total: "gauge",
  metallb_bgp_opens_sent: "counter",
  metallb_bgp_opens_received: "counter",
  metallb_bgp_notifications_sent: "counter",
  metallb_bgp_updates_total: "counter",
  metallb_bgp_updates_total_received: "counter",
  metallb_bgp_keepalives_sent: "counter",
  metallb_bgp_keepalives_received: "counter",
  metallb_bgp_route_refresh_sent: "counter",
  metallb_bgp_total_sent: "counter",
  metallb_bgp_total_received: "counter",
  metallb_bfd_session_up: "gauge",
  metallb_bfd_control_packet_input: "counter",
  metallb_bfd_control_packet_output: "counter",
  metallb_bfd_echo_packet_input: "counter",
  metallb_bfd_echo_packet_output: "counter",
  metallb_bfd_session_up_events: "counter",
  metallb_bfd_session_down_events: "counter",
  metallb_bfd_zebra_notifications: "counter",
} as const;

test("every metric of MetalLB's about routers is there, with its name, type and labels, and no other", async () => {
  const metrics = createMetrics();
  new BgpSeries(createBgpMetrics(metrics)).follow([planned()], []);
  const counts = { controlIn: 0, controlOut: 0, echoIn: 0, echoOut: 0, ups: 0, downs: 0, notices: 0 };
  const session = { id: "s", peers: ["router"], remote: "10.0.0.2", local: "10.0.0.1", multihop: false, passive: false };
  const status = { ...session, state: "Down", diagnostic: "", transmitIntervalMs: 300, receiveIntervalMs: 300 } as const;
  addBfdCounts(createBfdMetrics(metrics), { ...status, counts }, undefined);
  const lines = (await metrics.text()).split("\n").filter((line) => /^(# TYPE )?metallb_b/.test(line));
  const types = lines.flatMap((line) => (line.startsWith("# TYPE ") ? [line.slice(7)] : []));
  deepEqual(
    types.sort(),
    Object.entries(ofMetalLB)
      .map(([name, type]) => `${name} ${type}`)
      .sort(),
  );
  const samples = lines.filter((line) => !line.startsWith("#"));
  const labelled = (name: string): string => {
    const peer = name.startsWith("metallb_bgp_") ? "10.0.0.2:179" : "10.0.0.2";
    return `${name}{peer="${peer}",vrf="default"} 0`;
  };
  deepEqual(samples.sort(), Object.keys(ofMetalLB).map(labelled).sort());
});
