import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "../../../operator/framework/metrics.ts";
import { ip, planned } from "../fake/bgp-world.ts";
import { BgpCounter } from "./bgp-counts.ts";
import type { BgpSessionFacts } from "./bgp-facts.ts";
import { BgpSeries, createBgpMetrics } from "./bgp-metrics.ts";

const session = planned();

function facts(state: BgpSessionFacts["state"], updates: number, advertised = 0): BgpSessionFacts {
  const counter = new BgpCounter();
  counter.sent("open");
  for (let i = 0; i < updates; i += 1) counter.sent("update");
  const { endpoint, port } = session.config.transport;
  const { key, peers } = session;
  return {
    key,
    peers,
    endpoint,
    port,
    state,
    sinceMs: 0,
    wanted: advertised + 1,
    advertised,
    unsendable: 0,
    counts: counter.counts,
  };
}

function setUp() {
  const metrics = createMetrics();
  const series = new BgpSeries(createBgpMetrics(metrics));
  const values = async (name: string): Promise<readonly string[]> =>
    (await metrics.text()).split("\n").filter((line) => line.startsWith(`metallb_bgp_${name}{`));
  return { series, values };
}

const labels = '{peer="10.0.0.2:179",vrf="default"}';

test("a peer has its series with 0 as soon as it is configured, also while it may not be opened", async () => {
  const { series, values } = setUp();
  series.follow([{ ...session, notReady: "no password" }], []);
  deepEqual(await values("session_up"), [`metallb_bgp_session_up${labels} 0`]);
  deepEqual(await values("updates_total"), [`metallb_bgp_updates_total${labels} 0`]);
});

test("a session that is up is 1, with its prefixes and messages", async () => {
  const { series, values } = setUp();
  series.follow([session], [facts("Established", 3, 17)]);
  deepEqual(await values("session_up"), [`metallb_bgp_session_up${labels} 1`]);
  deepEqual(await values("announced_prefixes_total"), [`metallb_bgp_announced_prefixes_total${labels} 17`]);
  deepEqual(await values("pending_prefixes_total"), [`metallb_bgp_pending_prefixes_total${labels} 18`]);
  deepEqual(await values("updates_total"), [`metallb_bgp_updates_total${labels} 3`]);
  deepEqual(await values("total_sent"), [`metallb_bgp_total_sent${labels} 4`]);
});

test("any other state is 0", async () => {
  const { series, values } = setUp();
  series.follow([session], [facts("Established", 3)]);
  series.follow([session], [facts("OpenConfirm", 3)]);
  deepEqual(await values("session_up"), [`metallb_bgp_session_up${labels} 0`]);
});

test("counters never go back, also when the session is made anew", async () => {
  const { series, values } = setUp();
  for (const updates of [3, 5, 1, 2]) series.follow([session], [facts("Established", updates)]);
  deepEqual(await values("updates_total"), [`metallb_bgp_updates_total${labels} 7`]);
});

test("with the peer its series go", async () => {
  const { series, values } = setUp();
  series.follow([session], [facts("Established", 3)]);
  series.follow([], []);
  for (const name of ["session_up", "announced_prefixes_total", "pending_prefixes_total", "updates_total"])
    deepEqual(await values(name), []);
});

test("an IPv6 peer is its address and port without brackets, and a VRF has its own series", async () => {
  const { series, values } = setUp();
  const endpoint = { type: "address", address: ip("2001:db8::1") } as const;
  series.follow([planned({ transport: { endpoint, port: 180, ttl: 1, onConnectedPrefix: false, vrf: "red" } })], []);
  const [line = ""] = await values("session_up");
  equal(line, 'metallb_bgp_session_up{peer="2001:db8::1:180",vrf="red"} 0');
});
