import { createInterface } from "node:readline";
import { compile } from "../../crds/config/compile.ts";
import { emptyResources } from "../../crds/config/resources.ts";
import { systemClock as clock } from "../../operator/framework/system-clock.ts";
import { announcementOf } from "../../speaker/bgp/fixture/sample-routes.ts";
import { planSessions } from "../../speaker/bgp/session/session-plan.ts";
import { routerTaps } from "../../speaker/native/af-packet.ts";
import { createGroupMembership } from "../../speaker/native/group-membership.ts";
import { createLinkMonitor } from "../../speaker/native/link-monitor.ts";
import { createTcpConnector } from "../../speaker/native/tcp/tcp-connector.ts";
import { createTcpListening } from "../../speaker/native/tcp/tcp-listener.ts";
import { BgpSpeaker } from "../../speaker/runtime/bgp/bgp-speaker.ts";
import { UnnumberedWatch } from "../../speaker/runtime/bgp/unnumbered-watch.ts";
import type { SpeakerOrder } from "./speaker-order.ts";

const [nodeName = ""] = process.argv.slice(2);
const after = (ms: number, run: () => void) => clock.after(ms, run);
const say = (word: string, detail: unknown): void => {
  console.log(JSON.stringify({ [word]: detail }, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)));
};
const logged =
  (level: string) =>
  (message: string, fields: object = {}): void =>
    say("log", { at: new Date().toISOString(), level, message, ...fields });

const log = { debug: logged("debug"), info: logged("info"), warn: logged("warn"), error: logged("error") };

/** The part of a speaker's main thread that speaks BGP, fed by lines on stdin in place of the mind; facts are lines on stdout. */
const speaker = new BgpSpeaker({
  connector: createTcpConnector(after),
  listening: createTcpListening(after),
  listenPort: 0,
  neighbours: (onNeighbour) =>
    new UnnumberedWatch({ taps: routerTaps, groups: createGroupMembership(), clock, log, random: Math.random, onNeighbour }),
  clock,
  log,
  random: Math.random,
  yieldThen: (run) => setImmediate(run),
  onFacts: (sessions) => say("facts", sessions),
  onTrace: (_, messages) => say("trace", messages),
  postToBeat: () => undefined,
});
createLinkMonitor({ after, onTrouble: (reason) => say("trouble", reason) }).start((links) => speaker.setLinks(links));

function obey(order: SpeakerOrder): void {
  switch (order.type) {
    case "peers": {
      const { annotations = {} } = order;
      const bgpPeers = Object.entries(order.peers).map(([name, spec]) => ({
        apiVersion: "metallb.io/v1beta2",
        kind: "BGPPeer",
        metadata: { name, namespace: "metallb-system", generation: 1, annotations },
        spec,
      }));
      const nodes = [{ apiVersion: "v1", kind: "Node", metadata: { name: nodeName } }];
      const { snapshot, findings } = compile({ ...emptyResources, bgpPeers, nodes });
      if (findings.length > 0) say("findings", findings);
      const sessions = planSessions([...snapshot.peers], { nodeName, listening: false });
      speaker.receive({ type: "bgp-sessions", sessions });
      return;
    }
    case "routes": {
      const announcements = order.routes.map(({ prefix, ...said }) => announcementOf(prefix, said));
      speaker.receive({ type: "routes", changes: [{ service: order.source, announcements }] });
      return;
    }
    case "complete":
      speaker.receive({ type: "routes-complete" });
      return;
    case "leave":
      speaker.leave();
      after(1000, () => process.exit(0));
      return;
  }
}

createInterface(process.stdin)
  .on("line", (line) => obey(JSON.parse(line) as SpeakerOrder))
  .on("close", () => process.exit(0));
