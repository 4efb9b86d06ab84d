import { ok } from "node:assert/strict";
import { test } from "node:test";
import { decodeMembershipBody, encodeMembershipBody } from "../../codec/membership-body.ts";
import type { MembershipMessage } from "../../codec/membership-message.ts";
import { MemberTable } from "../../membership/member-table.ts";
import { Membership } from "../../membership/membership.ts";
import { nodeNames } from "../../membership/simulation/agreement.ts";
import { Chance } from "../../membership/simulation/chance.ts";
import { World } from "../../membership/simulation/world.ts";
import { lanTiming } from "../../membership/timing.ts";
import { MembershipSeal } from "./membership-seal.ts";

/** For longer runs by hand. */
const packets = Number(process.env["HERALD_FUZZED_PACKETS"] ?? 8_000);

const secret = Buffer.from("abcdefghijklmnopqrstuv");
const target = [{ name: "node-0", address: "node-0" }];

/** Messages of every type, as a small cluster with a death and a start really sends them. */
function corpus(): readonly MembershipMessage[] {
  const names = nodeNames(4);
  const world = new World({ seed: 1 });
  const seen = new Map<string, MembershipMessage[]>();
  world.onSend = (_from, _to, message) => {
    const same = seen.get(message.type) ?? [];
    if (same.length < 50) seen.set(message.type, [...same, message]);
  };
  world.setPods(names);
  for (const name of names) world.start(name);
  world.run(2000);
  world.event("node-1", { type: "facts", facts: new Uint8Array(700) });
  world.kill("node-3");
  world.run(1000);
  world.start("node-3");
  world.run(1000);
  ok(seen.size === 9);
  return [...seen.values()].flat();
}

/** Another message whose octets differ in one to three places; undefined when all attempts are no messages at all. */
function mutantOf(message: MembershipMessage, chance: Chance): MembershipMessage | undefined {
  const octets = encodeMembershipBody(message);
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const body = Uint8Array.from(octets);
    for (let change = chance.below(3); change >= 0; change -= 1) body[chance.below(body.length)] = chance.below(256);
    const decoded = decodeMembershipBody(body);
    if (decoded.ok) return decoded.value;
  }
  return undefined;
}

/** A machine that has proven one peer, whose start then says anything that can be said. */
function targetMachine(chance: Chance) {
  const table = new MemberTable(100);
  const identity = { name: "node-0", address: "node-0", startId: chance.id() };
  const machine = new Membership({ ...identity, timing: lanTiming, random: chance.next, nonce: chance.id, table }, 0);
  const seal = new MembershipSeal({ nodeName: "node-0", startId: identity.startId, cluster: "uid" }, secret);
  return { machine, seal, table };
}

test(`${packets} mutated packets, most of them sealed after the mutation: nothing throws, grows or is believed unsealed`, (context) => {
  const chance = new Chance(1);
  const messages = corpus();
  const { machine, seal, table } = targetMachine(chance);
  const peer = new MembershipSeal({ nodeName: "node-1", startId: chance.id(), cluster: "uid" }, secret);
  let now = 0;
  let reached = 0;
  let nonce = chance.id();
  const feed = (octets: Uint8Array) => {
    const opened = seal.open(octets, "node-1", now);
    if (!opened.ok) return opened.reason;
    reached += 1;
    for (const effect of machine.transition(opened.event, now))
      if (effect.type === "send" && "nonce" in effect.message) nonce = effect.message.nonce;
    return undefined;
  };
  for (let i = 0; i < packets; i += 1) {
    if (i % 10 === 0) {
      now += 20;
      machine.transition({ type: "tick" }, now);
    }
    const message = messages[chance.below(messages.length)];
    if (message === undefined) continue;
    if (i % 4 === 0) {
      const octets = Uint8Array.from(peer.seal(target, message, now)[0]?.octets ?? []);
      octets[chance.below(octets.length)] = chance.below(256);
      const before = machine.view();
      if (feed(octets) !== undefined) ok(machine.view() === before);
    } else {
      const known = "nonce" in message && chance.below(2) === 0 ? { ...message, nonce } : message;
      const mutant = mutantOf(known, chance);
      if (mutant !== undefined) feed(peer.seal(target, mutant, now)[0]?.octets ?? new Uint8Array());
    }
  }
  context.diagnostic(`${reached} reached the machine, its table has ${table.size} nodes`);
  ok(reached >= packets / 3);
  ok(table.size <= 100);
});
