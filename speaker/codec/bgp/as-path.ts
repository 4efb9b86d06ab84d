import { Reader, Writer } from "../cursor.ts";
import type { AsPathSegment } from "./path-attribute.ts";
import { asTrans } from "./registry.ts";

/** Segment type by code. RFC 4271 §4.3, RFC 5065 §3. */
const segmentTypes: ReadonlyMap<number, AsPathSegment["type"]> = new Map([
  [1, "set"],
  [2, "sequence"],
  [3, "confederation-sequence"],
  [4, "confederation-set"],
]);

const segmentCode: { readonly [type in AsPathSegment["type"]]: number } = {
  set: 1,
  sequence: 2,
  "confederation-sequence": 3,
  "confederation-set": 4,
};

/** AS numbers in one segment at most: their count is one octet. */
const maxNumbers = 255;

/** What is wrong with the value of AS_PATH or AS4_PATH; undefined when it is sound. RFC 7606 §7.2, RFC 7607 §2. */
export function asPathProblem(value: Uint8Array, width: 2 | 4): string | undefined {
  for (let at = 0; at < value.length; ) {
    const type = value[at] ?? 0;
    const count = value[at + 1];
    if (!segmentTypes.has(type)) return `segment type ${type} is unknown`;
    if (count === undefined) return "a segment has no length";
    if (count === 0) return "a segment is empty";
    const end = at + 2 + count * width;
    if (end > value.length) return `a segment reaches ${end - value.length} octets over the end`;
    for (at += 2; at < end; at += width) if (isZero(value, at, width)) return "holds AS 0";
  }
  return undefined;
}

/** The segments of a value in which {@link asPathProblem} finds nothing. */
export function readAsPath(value: Uint8Array, width: 2 | 4): readonly AsPathSegment[] {
  const r = new Reader(value, "BGP AS_PATH");
  const segments: AsPathSegment[] = [];
  while (r.remaining > 0) {
    const code = r.u8("segment type");
    const type = segmentTypes.get(code);
    if (type === undefined) throw r.error("segment type", `${code} is unknown`, 1);
    const count = r.u8("segment length");
    const autonomousSystems = Array.from({ length: count }, () => (width === 4 ? r.u32("AS number") : r.u16("AS number")));
    segments.push({ type, autonomousSystems });
  }
  return segments;
}

/**
 * Inverse of {@link readAsPath}. A number that does not fit two octets is written as 23456 (AS_TRANS); a sequence of more than 255
 * numbers as several.
 * @throws {RangeError} for a segment that is empty, or a set of more than 255 numbers.
 */
export function asPathOctets(segments: readonly AsPathSegment[], width: 2 | 4): Uint8Array {
  const w = new Writer();
  for (const { type, autonomousSystems } of segments) {
    const count = autonomousSystems.length;
    const isSet = type === "set" || type === "confederation-set";
    if (count < 1 || (isSet && count > maxNumbers)) throw new RangeError(`a ${type} of the AS path has ${count} numbers`);
    for (let from = 0; from < count; from += maxNumbers) {
      writeSegment(w, segmentCode[type], autonomousSystems.slice(from, from + maxNumbers), width);
    }
  }
  return w.finish();
}

function writeSegment(w: Writer, code: number, autonomousSystems: readonly number[], width: 2 | 4): void {
  w.u8(code).u8(autonomousSystems.length);
  for (const number of autonomousSystems) {
    if (width === 4) w.u32(number);
    else w.u16(number > 0xffff ? asTrans : number);
  }
}

/** What AS4_PATH must say beside an AS_PATH of two octets; undefined when every number fits. RFC 6793 §4.2.2. */
export function as4PathOf(segments: readonly AsPathSegment[]): readonly AsPathSegment[] | undefined {
  const told = segments.filter(isNoConfederation);
  return told.some(({ autonomousSystems }) => autonomousSystems.some((number) => number > 0xffff)) ? told : undefined;
}

/** The path that AS_PATH of two octets and AS4_PATH tell together. RFC 6793 §4.2.3. */
export function mergedAsPath(asPath: readonly AsPathSegment[], as4Path: readonly AsPathSegment[]): readonly AsPathSegment[] {
  const tail = as4Path.filter(isNoConfederation);
  let missing = pathLength(asPath) - pathLength(tail);
  if (missing < 0) return asPath;
  const head: AsPathSegment[] = [];
  for (const segment of asPath) {
    if (isNoConfederation(segment)) {
      if (missing === 0) break;
      const taken = segment.type === "set" ? segment.autonomousSystems : segment.autonomousSystems.slice(0, missing);
      missing -= segment.type === "set" ? 1 : taken.length;
      head.push({ type: segment.type, autonomousSystems: taken });
    } else head.push(segment);
  }
  return joined(head, tail);
}

/** Two sequences that meet are one, as long as it can be written. */
function joined(head: readonly AsPathSegment[], tail: readonly AsPathSegment[]): readonly AsPathSegment[] {
  const last = head.at(-1);
  const first = tail[0];
  if (last?.type !== "sequence" || first?.type !== "sequence") return [...head, ...tail];
  const autonomousSystems = [...last.autonomousSystems, ...first.autonomousSystems];
  if (autonomousSystems.length > maxNumbers) return [...head, ...tail];
  return [...head.slice(0, -1), { type: "sequence", autonomousSystems }, ...tail.slice(1)];
}

/** A set counts as one, a confederation as none. RFC 4271 §9.1.2.2, RFC 5065 §5.3. */
function pathLength(segments: readonly AsPathSegment[]): number {
  let length = 0;
  for (const { type, autonomousSystems } of segments)
    length += type === "set" ? 1 : type === "sequence" ? autonomousSystems.length : 0;
  return length;
}

function isNoConfederation({ type }: AsPathSegment): boolean {
  return type === "set" || type === "sequence";
}

function isZero(value: Uint8Array, at: number, width: 2 | 4): boolean {
  for (let i = at; i < at + width; i += 1) if (value[i] !== 0) return false;
  return true;
}
