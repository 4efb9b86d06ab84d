import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import type { PlannedSession } from "../../bgp/session/session-plan.ts";
import { MindWorld, namespace } from "../fake/mind-world.ts";
import { stateOf } from "../report/facts.ts";

function sessionsOf({ posted }: MindWorld): readonly (readonly PlannedSession[])[] {
  return posted.flatMap((message) => (message.type === "bgp-sessions" ? [message.sessions] : []));
}

/** What the wire was told of sessions: peers, password, why not ready; one list for each time. */
function told(world: MindWorld): readonly (readonly string[])[] {
  return sessionsOf(world).map((sessions) =>
    sessions.map(({ peers, config: { transport }, notReady }) => {
      const { password } = transport;
      const secret =
        password === undefined ? "-" : password.type === "octets" ? Buffer.from(password.octets).toString("latin1") : "?";
      return `${peers.join("+")} ${secret}${notReady === undefined ? "" : " not ready"}`;
    }),
  );
}

function peer(world: MindWorld, spec: object = {}, name = "router"): void {
  world.api.put(resourceTypes.bgppeers, {
    metadata: { name, namespace, generation: 1 },
    spec: { myASN: 64512, peerASN: 64513, peerAddress: "172.30.0.1", ...spec },
  });
}

function secret(world: MindWorld, password: string | readonly number[]): void {
  world.api.put(resourceTypes.secrets, {
    metadata: { name: "bgp", namespace },
    type: "kubernetes.io/basic-auth",
    data: { password: Buffer.from(password).toString("base64") },
  } as never);
}

async function started(before: (world: MindWorld) => void): Promise<MindWorld> {
  const world = new MindWorld();
  world.node("n1");
  world.speaker("n1");
  world.pool();
  before(world);
  await world.start();
  await world.pass(200);
  return world;
}

test("the wire is told the peers of this node, once", async () => {
  const world = await started((w) => {
    peer(w);
    peer(w, { peerAddress: "172.30.0.2", nodeSelectors: [{ matchLabels: { other: "node" } }] }, "elsewhere");
  });
  await world.pass(5_000);
  deepEqual(told(world), [["router -"]]);
  world.stop();
});

test("the sessions come before the word that the routes are complete", async () => {
  const world = await started((w) => peer(w));
  const types = world.posted.map(({ type }) => type).filter((type) => type === "bgp-sessions" || type === "routes-complete");
  deepEqual(types, ["bgp-sessions", "routes-complete"]);
  world.stop();
});

test("a peer comes and goes with its object", async () => {
  const world = await started(() => undefined);
  peer(world);
  await world.pass(200);
  world.api.remove(resourceTypes.bgppeers, { namespace, name: "router" });
  await world.pass(200);
  deepEqual(told(world), [["router -"], []]);
  world.stop();
});

test("the password of a Secret is read, and until then the peer is not ready", async () => {
  const world = await started((w) => {
    secret(w, "s3cret");
    peer(w, { passwordSecret: { name: "bgp" } });
  });
  deepEqual(told(world).at(-1), ["router s3cret"]);
  equal(
    told(world)
      .slice(0, -1)
      .every(([text]) => text?.endsWith("not ready") ?? false),
    true,
  );
  world.stop();
});

test("a peer whose Secret is missing is shown as not ready, with the reason", async () => {
  const world = await started((w) => peer(w, { passwordSecret: { name: "bgp" } }));
  await world.pass(200);
  const { bgp } = stateOf(world.mind, "n1") as {
    readonly bgp: readonly { readonly peers: readonly string[]; readonly notReady: string }[];
  };
  deepEqual(
    bgp.map(({ peers }) => peers),
    [["router"]],
  );
  match(bgp[0]?.notReady ?? "", /secret ref not found|not read yet/);
  world.stop();
});

test("a password in a Secret need be no text: its octets are the key", async () => {
  const world = await started((w) => {
    secret(w, [0xff, 0xc3, 0x28, 0x80]);
    peer(w, { passwordSecret: { name: "bgp" } });
  });
  deepEqual(told(world).at(-1), ["router \xff\xc3\x28\x80"]);
  world.stop();
});

test("another password in the Secret reaches the wire", async () => {
  const world = await started((w) => {
    secret(w, "s3cret");
    peer(w, { passwordSecret: { name: "bgp" } });
  });
  secret(world, "fresh");
  await world.pass(200);
  deepEqual(told(world).at(-1), ["router fresh"]);
  world.stop();
});

test("a Secret that goes takes no password away", async () => {
  const world = await started((w) => {
    secret(w, "s3cret");
    peer(w, { passwordSecret: { name: "bgp" } });
  });
  world.api.remove(resourceTypes.secrets, { namespace, name: "bgp" });
  await world.pass(200);
  match(told(world).at(-1)?.[0] ?? "", /^router s3cret/);
  world.stop();
});

test("the wire is told when the node is not ready, and when it is again", async () => {
  const world = await started((w) => peer(w));
  world.node("n1", false);
  await world.pass(200);
  world.node("n1");
  await world.pass(200);
  deepEqual(
    world.posted.flatMap((message) => (message.type === "node-drains" ? [message.drains] : [])),
    [true, false],
  );
  world.stop();
});

test("while MetalLB's speaker runs on this node it has the sessions", async () => {
  const world = await started((w) => {
    peer(w);
    const labels = { app: "metallb", component: "speaker" };
    const running = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
    w.api.put(resourceTypes.pods, {
      metadata: { name: "metallb-n1", namespace, labels },
      spec: { nodeName: "n1" },
      status: running,
    } as never);
  });
  deepEqual(told(world).at(-1) ?? [], []);
  world.api.remove(resourceTypes.pods, { namespace, name: "metallb-n1" });
  await world.pass(1_000);
  deepEqual(told(world).at(-1), ["router -"]);
  world.stop();
});
