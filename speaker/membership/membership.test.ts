import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyMessage } from "../codec/fixture/membership-message.ts";
import { encodeMembershipBody } from "../codec/membership-body.ts";
import { encodeMembershipHeader } from "../codec/membership-frame.ts";
import { maxPacketOctets, sealTagOctets } from "../codec/membership-limit.ts";
import type { MembershipEffect, MembershipEvent } from "./event.ts";
import { Membership } from "./membership.ts";
import { nodeNames } from "./simulation/agreement.ts";
import { Chance } from "./simulation/chance.ts";
import { World } from "./simulation/world.ts";
import { lanTiming } from "./timing.ts";

function machine(seed = 1): Membership {
  const { next: random, id: nonce } = new Chance(seed);
  const identity = { name: "a", address: "192.0.2.1", startId: "0".repeat(32) };
  return new Membership({ ...identity, timing: lanTiming, random, nonce }, 0);
}

const name = fc.constantFrom("a", "b", "c", "d", "e");
const startId = fc.constantFrom("0".repeat(32), "1".repeat(32));
const received: fc.Arbitrary<MembershipEvent> = fc.record({
  type: fc.constant("received" as const),
  from: fc.constantFrom("192.0.2.1", "192.0.2.2", ""),
  sender: name,
  startId,
  counter: fc.oneof(fc.integer({ min: -1, max: 2000 }), fc.constantFrom(Number.NaN, 2 ** 60)),
  message: anyMessage,
});
const pods = fc.array(fc.record({ node: name, address: fc.constantFrom("", "192.0.2.7"), ready: fc.boolean() }), {
  maxLength: 5,
});
const anyEvent: fc.Arbitrary<MembershipEvent> = fc.oneof(
  { weight: 6, arbitrary: received },
  { weight: 6, arbitrary: fc.constant<MembershipEvent>({ type: "tick" }) },
  fc.record({ type: fc.constant("speakers" as const), pods }),
  fc.record({ type: fc.constant("facts" as const), facts: fc.uint8Array({ maxLength: 2000 }) }),
  fc.record({ type: fc.constant("wire" as const), alive: fc.boolean() }),
  fc.record({ type: fc.constant("willing" as const), willing: fc.boolean() }),
  fc.record({
    type: fc.constant("segment" as const),
    question: fc.nat(3),
    answered: fc.boolean(),
    seen: fc.array(name, { maxLength: 3 }),
  }),
  { weight: 1, arbitrary: fc.constant<MembershipEvent>({ type: "leave" }) },
);
const step = fc.tuple(anyEvent, fc.oneof(fc.nat(200), fc.constantFrom(-50, 5000, 4_000_000, Number.NaN)));

/** Nonces that the machine asks with: with them even forged answers are believed, as of one who knows the Secret. */
function nonceIn(effects: readonly MembershipEffect[]): string | undefined {
  for (const effect of effects) {
    if (effect.type === "send" && (effect.message.type === "probe" || effect.message.type === "pull"))
      return effect.message.nonce;
  }
  return undefined;
}

test("no event in no order makes the machine throw, and its next tick is never in the past", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const membership = machine();
      let now = 0;
      let nonce = "";
      for (const [event, ms] of steps) {
        now += Number.isNaN(ms) ? 0 : ms;
        const answer = event.type === "received" && "nonce" in event.message ? { ...event.message, nonce } : undefined;
        const known = event.type === "received" && answer !== undefined ? { ...event, message: answer } : event;
        const effects = membership.transition(known, Number.isNaN(ms) ? ms : now);
        nonce = nonceIn(effects) ?? nonce;
        ok(membership.nextAt() >= now - 51 || ms < 0);
        membership.view();
      }
    }),
    { numRuns: 400 },
  );
});

test("packets of starts that proved nothing change no view", () => {
  fc.assert(
    fc.property(fc.array(received, { maxLength: 100 }), (events) => {
      const membership = machine();
      membership.transition({ type: "tick" }, 0);
      const before = membership.view();
      for (const [i, event] of events.entries()) membership.transition(event, i);
      equal(membership.view(), before);
    }),
    { numRuns: 200 },
  );
});

test("after stop nothing is sent and nothing changes", () => {
  const membership = machine();
  membership.transition({ type: "speakers", pods: [{ node: "b", address: "192.0.2.2", ready: true }] }, 0);
  membership.transition({ type: "stop" }, 10);
  deepEqual(membership.transition({ type: "tick" }, 1000), []);
});

test("a view keeps its generation until it changes, and says when it does", () => {
  const membership = machine();
  const first = membership.view();
  equal(first.conduct, "joining");
  deepEqual(membership.transition({ type: "tick" }, 50), []);
  equal(membership.view(), first);
  const effects = membership.transition({ type: "speakers", pods: [] }, 60);
  const generation = first.generation + 1;
  deepEqual(effects, [{ type: "view-changed", generation }]);
  equal(membership.view().generation, generation);
  deepEqual(membership.transition({ type: "wire", alive: true }, 70), []);
});

test("no packet is longer than 1400 octets, with the longest names, facts of many packets and many deaths", () => {
  const names = nodeNames(40).map((node) => node.padEnd(253, "x"));
  const world = new World({ seed: 1 });
  const lengths: number[] = [];
  world.onSend = (from, _to, message) => {
    const head = encodeMembershipHeader({ version: 1, sealing: "sealed", sender: from, startId: "0".repeat(32), counter: 1 });
    lengths.push(head.length + encodeMembershipBody(message).length + sealTagOctets);
  };
  world.startJoined(names);
  for (const node of names) world.event(node, { type: "facts", facts: new Uint8Array(900) });
  world.run(200);
  for (const node of world.chance.some(names, 15)) world.kill(node);
  world.run(800);
  ok(lengths.length > 1000);
  ok(Math.max(...lengths) <= maxPacketOctets, `${Math.max(...lengths)}`);
});
