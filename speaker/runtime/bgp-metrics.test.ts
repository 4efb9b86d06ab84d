import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "../../operator/framework/metrics.ts";
import type { BgpSessionFacts } from "./bgp-facts.ts";
import { BgpMetrics } from "./bgp-metrics.ts";

const none = { open: 0, update: 0, notification: 0, keepalive: 0, "route-refresh": 0 };
const router: BgpSessionFacts = {
  key: "r",
  peers: ["router"],
  endpoint: { type: "address", address: { family: "IPv4", bits: 0xac1e_0001n } },
  port: 179,
  state: "Connect",
  sinceMs: 0,
  advertised: 0,
  unsendable: 0,
  counts: { sent: none, received: none },
};

function setUp() {
  const metrics = createMetrics();
  const bgp = new BgpMetrics(metrics);
  /** Series of that name with their values. */
  const series = async (name: string): Promise<readonly string[]> =>
    (await metrics.text())
      .split("\n")
      .filter((line) => line.startsWith(`${name}{`))
      .map((line) => line.slice(name.length));
  return { bgp, series };
}

test("a peer has its series with 0 from the moment it is configured", async () => {
  const { bgp, series } = setUp();
  bgp.follow([router]);
  deepEqual(await series("metallb_bgp_session_up"), ['{peer="172.30.0.1:179",vrf="default"} 0']);
  deepEqual(await series("metallb_bgp_opens_sent"), ['{peer="172.30.0.1:179",vrf="default"} 0']);
});

test("the series go with the peer", async () => {
  const { bgp, series } = setUp();
  bgp.follow([router, { ...router, key: "other", vrf: "red" }]);
  bgp.follow([router]);
  deepEqual(await series("metallb_bgp_session_up"), ['{peer="172.30.0.1:179",vrf="default"} 0']);
  deepEqual(await series("metallb_bgp_total_sent"), ['{peer="172.30.0.1:179",vrf="default"} 0']);
});

test("an established session is up and shows how many prefixes it announces", async () => {
  const { bgp, series } = setUp();
  bgp.follow([{ ...router, state: "Established", advertised: 12 }]);
  deepEqual(await series("metallb_bgp_session_up"), ['{peer="172.30.0.1:179",vrf="default"} 1']);
  deepEqual(await series("metallb_bgp_announced_prefixes_total"), ['{peer="172.30.0.1:179",vrf="default"} 12']);
});

test("counters grow by what was counted since, also when a session is made anew and counts from 0", async () => {
  const { bgp, series } = setUp();
  const sent = (update: number): BgpSessionFacts => ({ ...router, counts: { sent: { ...none, update }, received: none } });
  for (const updates of [3, 5, 5, 1]) bgp.follow([sent(updates)]);
  deepEqual(await series("metallb_bgp_updates_total"), ['{peer="172.30.0.1:179",vrf="default"} 6']);
  deepEqual(await series("metallb_bgp_total_sent"), ['{peer="172.30.0.1:179",vrf="default"} 6']);
});

test("an unnumbered peer is named by its interface until its address is known", async () => {
  const { bgp, series } = setUp();
  const unnumbered: BgpSessionFacts = { ...router, endpoint: { type: "interface", name: "eth1" } };
  bgp.follow([unnumbered]);
  deepEqual(await series("metallb_bgp_session_up"), ['{peer="eth1",vrf="default"} 0']);
  const linkLocal = { family: "IPv6", bits: (0xfe80n << 112n) + 1n } as const;
  bgp.follow([{ ...unnumbered, state: "Established", ends: { local: linkLocal, remote: linkLocal } }]);
  deepEqual(await series("metallb_bgp_session_up"), ['{peer="fe80::1:179",vrf="default"} 1']);
});
