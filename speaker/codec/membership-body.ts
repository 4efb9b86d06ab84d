import { Reader, Writer } from "./cursor.ts";
import { type Decoded, decoded } from "./decoded.ts";
import { CodecError } from "./error.ts";
import { Fields, FieldWriter, fieldHeadOctets, nameOfOctets, octetsOfName } from "./membership-field.ts";
import { bucketCount, maxContested } from "./membership-limit.ts";
import type { Claim, Cursor, MembershipMessage, Stance } from "./membership-message.ts";
import { decodeRecordPart, encodeRecordPart, verdicts } from "./membership-record.ts";
import { decodeStand, encodeStand, octetsOf, textOf } from "./membership-stand.ts";

/** The first octet of a body. */
const types = {
  beat: 1,
  probe: 2,
  answer: 3,
  inquiry: 4,
  word: 5,
  claims: 6,
  records: 7,
  pull: 8,
  page: 9,
  contest: 10,
  stands: 11,
} as const;

const tags = {
  incarnation: 1,
  generation: 2,
  digest: 3,
  nonce: 4,
  fresh: 5,
  about: 6,
  address: 7,
  heardAgo: 8,
  stance: 9,
  alive: 10,
  claim: 11,
  record: 12,
  digests: 13,
  after: 14,
  verdict: 15,
  deaths: 16,
  joined: 17,
  more: 18,
  standing: 19,
  stand: 20,
} as const;

const stances: readonly Stance[] = ["stranger", "waits", "suspects"];
const protocol = "membership";

/** The body of a packet before it is sealed. @throws {RangeError} for names and ids that no decoder gives. */
export function encodeMembershipBody(message: MembershipMessage): Uint8Array {
  const w = new FieldWriter().head(types[message.type]);
  switch (message.type) {
    case "beat":
      w.u32(tags.incarnation, message.incarnation).u32(tags.generation, message.generation).u32(tags.digest, message.digest);
      for (const claim of message.claims) w.octets(tags.claim, encodeClaim(claim));
      return w.finish();
    case "probe":
    case "answer":
      return w.id(tags.nonce, message.nonce).finish();
    case "inquiry":
      return w
        .name(tags.about, message.about)
        .address(tags.address, message.address)
        .u32(tags.incarnation, message.incarnation)
        .finish();
    case "word":
      return w
        .name(tags.about, message.about)
        .u32(tags.incarnation, message.incarnation)
        .u32(tags.heardAgo, message.heardAgoMs)
        .u8(tags.stance, stances.indexOf(message.stance))
        .finish();
    case "claims":
      w.u16(tags.alive, message.alive).flag(tags.fresh, message.fresh);
      for (const claim of message.claims) w.octets(tags.claim, encodeClaim(claim));
      return w.finish();
    case "records":
      for (const record of message.records) w.octets(tags.record, encodeRecordPart(record));
      return w.finish();
    case "pull":
      w.id(tags.nonce, message.nonce)
        .octets(tags.record, encodeRecordPart(message.own))
        .octets(tags.digests, encodeDigests(message.digests));
      return w.octets(tags.after, message.after && encodeCursor(message.after)).finish();
    case "page":
      w.id(tags.nonce, message.nonce)
        .u16(tags.alive, message.alive)
        .u8(tags.verdict, verdicts.indexOf(message.you.verdict))
        .u32(tags.incarnation, message.you.incarnation)
        .u8(tags.deaths, message.you.deaths)
        .flag(tags.joined, message.joined)
        .flag(tags.more, message.more);
      for (const record of message.records) w.octets(tags.record, encodeRecordPart(record));
      return w.finish();
    case "contest":
      return addresses(w.id(tags.nonce, message.nonce), message.addresses).flag(tags.standing, message.standing).finish();
    case "stands":
      addresses(w.id(tags.nonce, message.nonce), message.denied);
      for (const stand of message.stands) w.octets(tags.stand, encodeStand(stand));
      return w.finish();
  }
}

/** Inverse of {@link encodeMembershipBody}; total. Fields that this version does not know are skipped. */
export function decodeMembershipBody(body: Uint8Array): Decoded<MembershipMessage> {
  return decoded(() => {
    const r = new Reader(body, protocol);
    const octet = r.u8("type");
    const type = (Object.keys(types) as (keyof typeof types)[]).find((name) => types[name] === octet);
    if (type === undefined) throw r.error("type", `${octet} is unknown`, 1);
    return decodeFields(type, new Fields(r.rest(), protocol));
  });
}

/** Octets that the claim takes in its message. */
export function claimOctets({ name }: Claim): number {
  return fieldHeadOctets + 6 + name.length;
}

function decodeFields(type: keyof typeof types, fields: Fields): MembershipMessage {
  const incarnation = (): number => fields.u32(tags.incarnation, "incarnation");
  const records = () => fields.all(tags.record).map(decodeRecordPart);
  const about = (): string => fields.name(tags.about, "about");
  const nonce = (): string => fields.id(tags.nonce, "nonce");
  const alive = (): number => fields.u16(tags.alive, "alive");
  switch (type) {
    case "beat":
      return {
        type,
        incarnation: incarnation(),
        generation: fields.u32(tags.generation, "generation"),
        digest: fields.u32(tags.digest, "digest"),
        claims: fields.all(tags.claim).map(decodeClaim),
      };
    case "probe":
    case "answer":
      return { type, nonce: nonce() };
    case "inquiry":
      return { type, about: about(), address: fields.address(tags.address, "address"), incarnation: incarnation() };
    case "word":
      return {
        type,
        about: about(),
        incarnation: incarnation(),
        heardAgoMs: fields.flag(tags.heardAgo) ? fields.u32(tags.heardAgo, "heard ago") : undefined,
        stance: fields.choice(tags.stance, stances, "stance"),
      };
    case "claims":
      return { type, alive: alive(), fresh: fields.flag(tags.fresh), claims: fields.all(tags.claim).map(decodeClaim) };
    case "records":
      return { type, records: records() };
    case "pull":
      return {
        type,
        nonce: nonce(),
        own: decodeRecordPart(fields.octets(tags.record, "record")),
        digests: decodeDigests(fields.octets(tags.digests, "digests")),
        after: decodeCursor(fields.optional(tags.after)),
      };
    case "page":
      return {
        type,
        nonce: nonce(),
        alive: alive(),
        you: {
          verdict: fields.choice(tags.verdict, verdicts, "verdict"),
          incarnation: incarnation(),
          deaths: fields.u8(tags.deaths, "deaths"),
        },
        joined: fields.flag(tags.joined),
        records: records(),
        more: fields.flag(tags.more),
      };
    case "contest":
      return { type, nonce: nonce(), addresses: decodeAddresses(fields), standing: fields.flag(tags.standing) };
    case "stands": {
      const stands = fields.all(tags.stand).map((octets) => decodeStand(new Reader(octets, protocol)));
      return { type, nonce: nonce(), stands, denied: decodeAddresses(fields) };
    }
  }
}

function addresses(w: FieldWriter, texts: readonly string[]): FieldWriter {
  for (const text of texts) w.octets(tags.address, octetsOf(text));
  return w;
}

/** As many as an answer has room for: a packet of IPv4 addresses could ask for more. */
function decodeAddresses(fields: Fields): readonly string[] {
  const values = fields.all(tags.address);
  if (values.length > maxContested) throw fields.error("address", `stands ${values.length} times, more than ${maxContested}`);
  return values.map((octets) => textOf(new Reader(octets, protocol), octets, "address"));
}

/** verdict(1) incarnation(4) deaths(1) name. */
function encodeClaim({ name, incarnation, verdict, deaths }: Claim): Uint8Array {
  const w = new Writer(6 + name.length).u8(verdicts.indexOf(verdict)).u32(incarnation).u8(deaths);
  return w.bytes(octetsOfName(name)).finish();
}

function decodeClaim(octets: Uint8Array): Claim {
  const r = new Reader(octets, protocol);
  const verdict = verdicts[r.u8("verdict")];
  if (verdict === undefined) throw r.error("verdict", "is unknown", 1);
  return { verdict, incarnation: r.u32("incarnation"), deaths: r.u8("deaths"), name: nameOfOctets(r.rest(), protocol, "name") };
}

function encodeCursor({ name, part }: Cursor): Uint8Array {
  return new Writer(1 + name.length).u8(part).bytes(octetsOfName(name)).finish();
}

function decodeCursor(octets: Uint8Array | undefined): Cursor | undefined {
  if (octets === undefined) return undefined;
  const r = new Reader(octets, protocol);
  return { part: r.u8("part"), name: nameOfOctets(r.rest(), protocol, "name") };
}

function encodeDigests(digests: readonly number[]): Uint8Array {
  const w = new Writer(4 * bucketCount);
  for (let i = 0; i < bucketCount; i += 1) w.u32(digests[i] ?? 0);
  return w.finish();
}

function decodeDigests(octets: Uint8Array): readonly number[] {
  if (octets.length !== 4 * bucketCount) {
    throw new CodecError(protocol, "digests", 0, `has ${octets.length} octets, not ${4 * bucketCount}`);
  }
  const r = new Reader(octets, protocol);
  return Array.from({ length: bucketCount }, () => r.u32("digests"));
}
