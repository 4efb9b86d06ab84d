import { type Address, parseAddress } from "../../../crds/net/address.ts";
import { FakeClock } from "../../../operator/framework/fake/fake-clock.ts";
import { FakeLog } from "../../../operator/framework/fake/fake-log.ts";
import { sessionConfig } from "../../bgp/fixture/session.ts";
import { RouteTable } from "../../bgp/rib/route-table.ts";
import { unitedRoutes } from "../../bgp/rib/united-routes.ts";
import type { SessionConfig } from "../../bgp/session/session-config.ts";
import type { PlannedSession } from "../../bgp/session/session-plan.ts";
import { TcpNetwork } from "../../native/fake/tcp.ts";
import { BgpSession, type BgpSessionOptions } from "../bgp/bgp-session.ts";
import { FakeRouter } from "./fake-router.ts";

export function ip(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new RangeError(text);
  return address;
}

export const nodeAddress = ip("10.0.0.1");
export const routerAddress = ip("10.0.0.2");

/** The node's one interface, with 10.0.0.1/24. */
export const nodeLinks = [
  {
    index: 2,
    name: "eth0",
    up: true,
    loopback: false,
    addresses: [{ address: "10.0.0.1", prefixLength: 24, tentative: false }],
  },
];

export function planned(changes: Partial<SessionConfig> = {}, peers: readonly string[] = ["router"]): PlannedSession {
  return { key: "session", config: sessionConfig(changes), peers };
}

/**
 * A node at 10.0.0.1 and a router at 10.0.0.2 that takes its connections.
 * @param complete every Service has been decided on.
 */
export function setUpBgp(changes: Partial<SessionConfig> = {}, complete = true) {
  const clock = new FakeClock();
  const log = new FakeLog();
  const network = new TcpNetwork((ms, run) => clock.after(ms, run));
  const host = network.host(nodeAddress);
  const routerHost = network.host(routerAddress);
  const router = new FakeRouter(routerHost, [{ remote: nodeAddress }]);
  const table = new RouteTable();
  if (complete) table.setComplete();
  const surroundings = { links: nodeLinks as BgpSessionOptions["surroundings"]["links"], neighbourOn: () => undefined };
  const options: BgpSessionOptions = {
    connector: host,
    clock,
    log,
    random: () => 0,
    yieldThen: (run) => setImmediate(run),
    surroundings,
    routesOf: (peers) => unitedRoutes(peers.map((peer) => table.routesFor(peer))),
    wantedFor: (peers, families) => table.sizeFor(peers, families),
    onChanged: () => undefined,
  };
  const session = new BgpSession(planned(changes), options);
  /** Until nothing moves any more, as long as no time passes. */
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await clock.advance(0);
  };
  const established = async (): Promise<void> => {
    session.start();
    await clock.advance(300);
    await settled();
  };
  return { clock, log, network, host, routerHost, router, table, session, options, settled, established };
}
