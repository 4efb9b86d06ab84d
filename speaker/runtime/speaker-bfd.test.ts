import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { whyNoNamespaces, withNamespacePair } from "../native/fake/network-namespaces.ts";
import { BfdHost, every, neighbour, noticeClock } from "./fake/bfd-host.ts";
import { SpeakerProcess } from "./fake/speaker-process.ts";

const namespace = "metallb-system";
const [own, router] = ["198.51.100.1", "198.51.100.2"];

/** One node with a BGPPeer on its link that has a profile. */
function fill(world: SpeakerProcess): void {
  const put = (plural: string, object: object): void =>
    world.command({ put: plural, object: object as { readonly metadata: { readonly name: string } } });
  put("pods", { metadata: { name: "speaker-n1", namespace }, spec: { nodeName: "n1" }, status: { phase: "Running" } });
  put("nodes", { metadata: { name: "n1" }, status: { conditions: [{ type: "Ready", status: "True" }] } });
  put("bfdprofiles", {
    metadata: { name: "fast", namespace },
    spec: { transmitInterval: 100, receiveInterval: 100, detectMultiplier: 3 },
  });
  const spec = { myASN: 64_512, peerASN: 64_513, peerAddress: router, bfdProfile: "fast" };
  put("bgppeers", { metadata: { name: "router", namespace }, spec });
}

test("a whole speaker speaks BFD with a peer, goes down while its main thread stands still, and leaves without a loss", {
  skip: whyNoNamespaces ?? false,
}, async () => {
  await withNamespacePair(async (pair) => {
    await pair.ip("a", "address", "add", `${own}/24`, "dev", "va");
    await pair.ip("b", "address", "add", `${router}/24`, "dev", "vb");
    const world = await SpeakerProcess.prepare(pair);
    const peer = new BfdHost(pair.nameOf("b"));
    try {
      fill(world);
      world.start();
      peer.want(neighbour(own, every(100)));
      await peer.notice(({ state }) => state === "Up", 20);

      const heldAt = noticeClock();
      world.signal("SIGUSR2");
      const lost = await peer.notice(({ lost: isLost }) => isLost, 5, heldAt);
      deepEqual([lost.state, lost.cause], ["Down", "neighbour-down"]);
      const back = await peer.notice(({ state }) => state === "Up", 10, lost.at);
      ok(back.at - heldAt > 4_000, `up again after ${back.at - heldAt} ms, and 5 s were stood still`);

      const stoppedAt = noticeClock();
      world.signal("SIGTERM");
      const gone = await peer.notice(({ state }) => state === "Down", 10, stoppedAt);
      deepEqual([gone.cause, gone.lost], ["neighbour-admin-down", false]);
    } finally {
      await peer.leave();
      await world.close();
    }
  });
});
