import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import { MindWorld, namespace } from "../fake/mind-world.ts";
import { stateOf } from "../report/facts.ts";

type Named = { readonly metadata: { readonly name: string } };

test("a BGPPeer with a profile becomes a session that the beat is asked for, and what the beat says of it is in the state", async () => {
  const world = new MindWorld();
  world.node("n1");
  world.api.put(resourceTypes.bfdprofiles, {
    apiVersion: "metallb.io/v1beta1",
    kind: "BFDProfile",
    metadata: { name: "fast", namespace },
    spec: { transmitInterval: 60 },
  } as Named);
  world.api.put(resourceTypes.bgppeers, {
    apiVersion: "metallb.io/v1beta2",
    kind: "BGPPeer",
    metadata: { name: "router", namespace },
    spec: { myASN: 64_512, peerASN: 64_513, peerAddress: "192.0.2.2", bfdProfile: "fast" },
  } as Named);
  await world.start();
  const asked = world.toBeat.filter((message) => message.type === "bfd");
  deepEqual(
    asked.map(({ requests }) => requests.map(({ peer, hops, profile }) => [peer, hops, profile.transmitIntervalMs])),
    [[["router", "single", 60]]],
  );
  const waiting = [{ peer: "router", reason: "there is no route to the peer" }];
  world.mind.receive({ type: "bfd", sessions: [], waiting });
  deepEqual("bfd" in stateOf(world.mind, "n1") && world.mind.bfd.state(), { sessions: [], waiting });
  world.stop();
});
