import { attributeCode, attributeFlag } from "../../speaker/codec/bgp/registry.ts";
import { fromHex } from "../../speaker/codec/octets.ts";
import type { Chance } from "../../speaker/membership/simulation/chance.ts";

/** Header, and the two lengths of an UPDATE that withdraws nothing. */
const headOctets = 19 + 4;

/** One attribute as it stands in a message. */
type Attribute = { readonly flags: number; readonly code: number; readonly value: Uint8Array };

/** Attributes that are wrong in ways of their own, and one that is not known. */
const strangers: readonly string[] = [
  "400101",
  "4001020000",
  "40010103",
  "c00803010203",
  "c0200b0102030405060708090a0b",
  "c00705fde9010203",
];

/**
 * An UPDATE with one fault, or change, in its path attributes. Its lengths fit, and what it announces and the next hop's value stay.
 * @param sound a whole UPDATE that withdraws nothing.
 */
export function faultyUpdate(chance: Chance, sound: Uint8Array): Uint8Array {
  const [attributes, routes] = partsOf(sound);
  const at = chance.below(attributes.length);
  const chosen = attributes[at];
  if (chosen === undefined) return sound;
  const changed = [...attributes];
  switch (chance.below(6)) {
    case 0:
      changed.splice(at, 1);
      break;
    case 1:
      changed.splice(chance.below(attributes.length + 1), 0, chosen);
      break;
    case 2:
      changed[at] = {
        ...chosen,
        flags: chosen.flags ^ (chance.below(2) === 0 ? attributeFlag.optional : attributeFlag.transitive),
      };
      break;
    case 3:
      changed[at] = { ...chosen, value: resized(chosen.value, chance) };
      break;
    case 4:
      changed[at] = holdsRoutes(chosen) ? chosen : { ...chosen, value: withOtherOctet(chosen.value, chance) };
      break;
    default:
      changed.push(...attributesOf(fromHex(strangers[chance.below(strangers.length)] ?? "")));
  }
  return messageOf(changed, routes);
}

/** Whether a change of the value would be one of the routes or of the next hop. */
function holdsRoutes({ code }: Attribute): boolean {
  return code === attributeCode.nextHop || code === attributeCode.mpReach;
}

function resized(value: Uint8Array, chance: Chance): Uint8Array {
  if (value.length > 0 && chance.below(2) === 0) return value.subarray(0, value.length - 1);
  return Uint8Array.of(...value, chance.below(256));
}

function withOtherOctet(value: Uint8Array, chance: Chance): Uint8Array {
  const changed = value.slice();
  const at = chance.below(value.length);
  if (at < changed.length) changed[at] = chance.below(256);
  return changed;
}

function partsOf(message: Uint8Array): readonly [readonly Attribute[], Uint8Array] {
  const length = (message[headOctets - 2] ?? 0) * 256 + (message[headOctets - 1] ?? 0);
  return [attributesOf(message.subarray(headOctets, headOctets + length)), message.subarray(headOctets + length)];
}

function attributesOf(octets: Uint8Array): readonly Attribute[] {
  const attributes: Attribute[] = [];
  for (let at = 0; at < octets.length; ) {
    const [flags = 0, code = 0, high = 0, low = 0] = octets.subarray(at, at + 4);
    const isLong = (flags & attributeFlag.extendedLength) !== 0;
    const start = at + (isLong ? 4 : 3);
    at = start + (isLong ? high * 256 + low : high);
    attributes.push({ flags: flags & ~attributeFlag.extendedLength, code, value: octets.subarray(start, at) });
  }
  return attributes;
}

function messageOf(attributes: readonly Attribute[], routes: Uint8Array): Uint8Array {
  const octets = attributes.flatMap(({ flags, code, value }) => {
    const { length } = value;
    if (length < 256) return [flags, code, length, ...value];
    return [flags | attributeFlag.extendedLength, code, length >> 8, length & 255, ...value];
  });
  const total = headOctets + octets.length + routes.length;
  const head = [...Array<number>(16).fill(255), total >> 8, total & 255, 2, 0, 0, octets.length >> 8, octets.length & 255];
  return Uint8Array.of(...head, ...octets, ...routes);
}
