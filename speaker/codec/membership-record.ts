import { Fields, FieldWriter, fieldHeadOctets } from "./membership-field.ts";
import { factsPartOctets, idOctets, maxFactsParts } from "./membership-limit.ts";

/** What a node says of itself: only a `candidate` wants addresses. */
export type Standing = "candidate" | "joining" | "damped" | "unwilling" | "leaving" | "held" | "cut-off" | "returning";

/** What the sender of a record holds of the node. left: it said goodbye. */
export type Verdict = "alive" | "dead" | "left";

/** One part of what is known of a node. Small facts have one part. */
export type RecordPart = {
  readonly name: string;
  /** IPv4 or IPv6 text; empty: unknown. */
  readonly address: string;
  readonly startId: string;
  /** A node's life: ends with its death, begins when it has heard of that. */
  readonly incarnation: number;
  /** Counts the changes of what follows within one incarnation. */
  readonly generation: number;
  readonly standing: Standing;
  /** How often the node was declared dead within the hour, as far as it knows. */
  readonly deaths: number;
  /** The newest version that the node speaks. */
  readonly speaks: number;
  readonly verdict: Verdict;
  readonly part: number;
  readonly parts: number;
  /** At most 320 octets. */
  readonly facts: Uint8Array;
};

/** In the order of their numbers on the wire. */
export const standings: readonly Standing[] = [
  "candidate",
  "joining",
  "damped",
  "unwilling",
  "leaving",
  "held",
  "cut-off",
  "returning",
];
export const verdicts: readonly Verdict[] = ["alive", "dead", "left"];

const tags = {
  name: 1,
  address: 2,
  startId: 3,
  incarnation: 4,
  generation: 5,
  standing: 6,
  deaths: 7,
  speaks: 8,
  verdict: 9,
  facts: 10,
} as const;

const protocol = "membership record";

/** The fields of one record, without a tag of its own. */
export function encodeRecordPart(record: RecordPart): Uint8Array {
  const facts = new Uint8Array(2 + record.facts.length);
  facts[0] = record.part;
  facts[1] = record.parts;
  facts.set(record.facts, 2);
  return new FieldWriter()
    .name(tags.name, record.name)
    .address(tags.address, record.address)
    .id(tags.startId, record.startId)
    .u32(tags.incarnation, record.incarnation)
    .u32(tags.generation, record.generation)
    .u8(tags.standing, standings.indexOf(record.standing))
    .u8(tags.deaths, record.deaths)
    .u8(tags.speaks, record.speaks)
    .u8(tags.verdict, verdicts.indexOf(record.verdict))
    .octets(tags.facts, facts)
    .finish();
}

/** Inverse of {@link encodeRecordPart}. @throws {CodecError} */
export function decodeRecordPart(octets: Uint8Array): RecordPart {
  const fields = new Fields(octets, protocol);
  const facts = fields.octets(tags.facts, "facts");
  const [part = 0, parts = 0] = facts;
  if (parts === 0 || parts > maxFactsParts || part >= parts) throw fields.error("facts", `part ${part} of ${parts}`);
  if (facts.length > 2 + factsPartOctets) throw fields.error("facts", `a part of ${facts.length - 2} octets`);
  return {
    name: fields.name(tags.name, "name"),
    address: fields.address(tags.address, "address"),
    startId: fields.id(tags.startId, "start id"),
    incarnation: fields.u32(tags.incarnation, "incarnation"),
    generation: fields.u32(tags.generation, "generation"),
    standing: fields.choice(tags.standing, standings, "standing"),
    deaths: fields.u8(tags.deaths, "deaths"),
    speaks: fields.u8(tags.speaks, "speaks"),
    verdict: fields.choice(tags.verdict, verdicts, "verdict"),
    part,
    parts,
    facts: facts.slice(2), // a copy: it outlives the packet by far
  };
}

/** At most so many octets does the record take as a field of a message. */
export function recordPartOctets({ name, facts }: Pick<RecordPart, "name" | "facts">): number {
  return 11 * fieldHeadOctets + name.length + 16 + idOctets + 4 + 4 + 4 + 2 + facts.length;
}
