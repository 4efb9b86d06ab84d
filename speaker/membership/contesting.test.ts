import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import type { MembershipMessage } from "../codec/membership-message.ts";
import type { MembershipEffect, Received } from "./event.ts";
import { nodeNames } from "./simulation/agreement.ts";
import { World } from "./simulation/world.ts";

type ContestEffect = Extract<MembershipEffect, { readonly type: "contested" | "stood" }>;

/** Many nodes, so that two of them need not watch each other; whoever is asked stands for the addresses that end in 1. */
function answering(seed: number, count = 40) {
  const world = new World({ seed });
  const effects: { readonly node: string; readonly effect: ContestEffect }[] = [];
  const sent: { readonly to: string; readonly message: MembershipMessage }[] = [];
  world.onContest = (node, effect) => {
    effects.push({ node, effect });
    if (effect.type !== "contested") return;
    const { by: to, nonce, addresses } = effect;
    const mine = addresses.filter((address) => address.endsWith("1"));
    const stands = mine.map((address) => ({ address, key: address, score: 7, lapsing: false }));
    world.event(node, { type: "stands", to, nonce, stands, denied: addresses.filter((address) => !mine.includes(address)) });
  };
  world.onSend = (_from, to, message) => sent.push({ to, message });
  world.startJoined(nodeNames(count));
  world.run(300);
  return { world, effects, sent };
}

const addresses = ["192.0.2.1", "192.0.2.2"];

test("a member that is asked hears the addresses, and its answer comes back", () => {
  const { world, effects } = answering(1);
  for (const member of nodeNames(40).slice(1)) {
    effects.length = 0;
    world.event("node-0", { type: "contest", member, addresses, standing: true });
    world.run(20);
    const [asked, answer] = effects;
    equal(asked?.node, member);
    ok(asked?.effect.type === "contested" && asked.effect.by === "node-0" && asked.effect.standing);
    deepEqual(answer, {
      node: "node-0",
      effect: {
        type: "stood",
        by: member,
        stands: [{ address: "192.0.2.1", key: "192.0.2.1", score: 7, lapsing: false }],
        denied: ["192.0.2.2"],
      },
    });
  }
});

test("more addresses than a packet holds are asked for in several", () => {
  const { world, effects, sent } = answering(2, 3);
  sent.length = 0;
  const many = Array.from({ length: 60 }, (_, i) => `198.51.100.${i}`);
  world.event("node-0", { type: "contest", member: "node-1", addresses: many, standing: false });
  equal(sent.filter(({ message }) => message.type === "contest").length, 3);
  world.run(20);
  const asked = effects.flatMap(({ effect }) => (effect.type === "contested" ? effect.addresses : []));
  deepEqual(asked.toSorted(), many.toSorted());
});

test("an answer that was heard before, or that holds a nonce of long ago, is not handed on", () => {
  const { world, effects } = answering(3, 3);
  const packets: Received[] = [];
  world.onPacket = (to, packet) => {
    if (to === "node-0" && packet.message.type === "stands") packets.push(packet);
  };
  world.event("node-0", { type: "contest", member: "node-1", addresses, standing: true });
  world.run(20);
  const [answer] = packets;
  ok(answer !== undefined);
  effects.length = 0;
  world.event("node-0", answer);
  world.run(4_000);
  world.event("node-0", { ...answer, counter: answer.counter + 500 });
  deepEqual(effects, []);
});

test("a stranger's contest brings a challenge and nothing else", () => {
  const { world, effects, sent } = answering(4, 3);
  sent.length = 0;
  const message: MembershipMessage = { type: "contest", nonce: "0".repeat(32), addresses, standing: true };
  const startId = "f".repeat(32);
  world.event("node-0", { type: "received", from: "node-9", sender: "node-9", startId, counter: 1, message });
  deepEqual(effects, []);
  deepEqual(
    sent.filter(({ to }) => to === "node-9").map(({ message: { type } }) => type),
    ["probe"],
  );
});

test("of a flood of contests only some are handed on", () => {
  const { world, effects } = answering(5, 3);
  world.event("node-0", {
    type: "contest",
    member: "node-1",
    addresses: new Array<string>(24 * 1_000).fill("192.0.2.1"),
    standing: true,
  });
  world.run(20);
  const asked = effects.filter(({ effect }) => effect.type === "contested").length;
  ok(asked >= 200 && asked <= 210, `${asked}`);
});
