import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../operator/framework/fake/fake-clock.ts";
import { type BfdControl, decodeBfdControl } from "../../codec/bfd.ts";
import { decoded } from "../../codec/decoded.ts";
import { capturedBfd } from "../../codec/fixture/captured-bfd.ts";
import { Chance } from "../../membership/simulation/chance.ts";
import { address, BfdLink, BfdNode, wanting } from "../fake/bfd-world.ts";

/** `make soak` has a million. */
const packets = Number(process.env["HERALD_FUZZED_BFD_PACKETS"] ?? 20_000);

const [own, other] = ["192.0.2.1", "192.0.2.2"];
const originals = Object.values(capturedBfd);
/** Offsets of whole fields, and what stands there that decides. */
const words = [4, 8, 12, 16, 20];
const values = [0, 1, 1_000, 50_000, 1_000_000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/** A captured packet with one to four changes, in two cases of three for the session that there is. */
function mutatedPacket(chance: Chance, discriminator: number): Buffer {
  const packet = Buffer.from(originals[chance.below(originals.length)] ?? new Uint8Array());
  if (chance.below(3) > 0) packet.writeUInt32BE(discriminator, 8);
  for (let change = chance.below(4); change >= 0; change -= 1) {
    const kind = chance.below(8);
    if (kind === 0) packet[chance.below(packet.length)] = chance.below(256);
    else if (kind < 4) packet.writeUInt32BE(values[chance.below(values.length)] ?? 0, words[chance.below(words.length)] ?? 4);
    else if (kind < 6) packet[1] = chance.below(256) & 0xfa;
    else if (kind === 6) packet[2] = chance.below(256);
    else packet[0] = 0x20 | chance.below(32);
  }
  if (chance.below(3) > 0 && packet.readUInt32BE(8) !== 0) packet.writeUInt32BE(discriminator, 8);
  return chance.below(16) === 0 ? packet.subarray(0, chance.below(packet.length + 1)) : packet;
}

/** RFC 5880 §6.8.6, said once more: whether such a packet belongs to the session. */
function isForSession(octets: Buffer, discriminator: number): boolean {
  if (octets.length < 24 || octets[0] === undefined || octets[0] >> 5 !== 1) return false;
  const flags = octets.readUInt8(1);
  const length = octets.readUInt8(3);
  if (length < 24 || length > octets.length || octets[2] === 0 || (flags & 0x05) !== 0) return false;
  const yours = octets.readUInt32BE(8);
  if (octets.readUInt32BE(4) === 0 || (yours === 0 && flags >> 6 > 1)) return false;
  return yours === 0 || yours === discriminator;
}

test(`${packets} mutated packets: those of the session reach it and no others, every answer is sound, and no timers pile up`, async (context) => {
  const chance = new Chance(1);
  const clock = new FakeClock();
  const link = new BfdLink();
  const node = new BfdNode(link, clock, own, 3);
  node.runner.set([wanting(other)]);
  await clock.advance(100);
  const listener = link.listeners.get(`${own} 3784`);
  ok(listener !== undefined);
  const discriminator = said(link).myDiscriminator;
  let reached = 0;
  const states = new Set<string>();
  for (let i = 0; i < packets; i += 1) {
    const packet = mutatedPacket(chance, discriminator);
    const before = node.session?.counts.controlIn ?? 0;
    const expected = isForSession(packet, discriminator);
    if (expected) reached += 1;
    link.sent.length = 0;
    listener.onDatagram(new Uint8Array(packet), address(other), 50_000);
    equal((node.session?.counts.controlIn ?? 0) - before, expected ? 1 : 0, packet.toString("hex"));
    states.add(node.session?.state ?? "");
    ok(link.sent.length <= 2, `${link.sent.length} answers to ${packet.toString("hex")}`);
    for (const { octets } of link.sent) {
      const answer = decoded(() => decodeBfdControl(octets));
      ok(answer.ok && answer.value.myDiscriminator === discriminator);
    }
    clock.tick(chance.below(40));
    node.turn();
    node.notices.length = 0;
    node.reports.length = 0;
  }
  context.diagnostic(`${reached} packets were for the session`);
  ok(reached >= packets / 3, `${reached} were sound`);
  deepEqual([...states].sort(), ["Down", "Init", "Up"]);
  ok(clock.pending <= 8, `${clock.pending} timers`);
  ok(node.log.at("error").length === 0);
});

function said(link: BfdLink): BfdControl {
  return decodeBfdControl(link.sent.at(-1)?.octets ?? new Uint8Array());
}
