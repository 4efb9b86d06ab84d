import { Writer } from "../cursor.ts";
import { CodecError } from "../error.ts";
import { equalOctets, u16At } from "../octets.ts";
import { BgpError } from "./error.ts";
import { errorCode, headerSubcode, type MessageType, messageTypeCode, messageTypeOf } from "./registry.ts";

/** Octets of marker, length and type. RFC 4271 §4.1. */
export const headerOctets = 19;

/** Octets of the longest message, header included: RFC 8654 is not spoken. RFC 4271 §4.1. */
export const maxMessageOctets = 4096;

/** Least octets of a whole message of each type. RFC 4271 §4, RFC 2918 §3. */
const minOctets: { readonly [type in MessageType]: number } = {
  open: 29,
  update: 23,
  notification: 21,
  keepalive: 19,
  "route-refresh": 23,
};

const marker = new Uint8Array(16).fill(0xff);
const lengthAt = 16;
const typeAt = 18;

/** `length`: octets of the whole message. */
export type MessageHeader = { readonly type: MessageType; readonly length: number };

/**
 * @param octets at least 19, those of the header first.
 * @throws {BgpError} with what RFC 4271 §6.1 says of a bad marker, length or type.
 */
export function decodeHeader(octets: Uint8Array): MessageHeader {
  const length = u16At(octets, lengthAt);
  const code = octets[typeAt] ?? 0;
  if (!equalOctets(octets.subarray(0, lengthAt), marker)) {
    throw fault(0, "marker", "is not all ones: the stream is out of step, or this is no BGP", headerSubcode.notSynchronized);
  }
  const lengthField = octets.slice(lengthAt, typeAt);
  if (length < headerOctets || length > maxMessageOctets) {
    const problem = `is ${length}, not ${headerOctets} to ${maxMessageOctets}`;
    throw fault(lengthAt, "length", problem, headerSubcode.badLength, lengthField);
  }
  const type = messageTypeOf(code);
  if (type === undefined)
    throw fault(typeAt, "type", `${code} is unknown`, headerSubcode.badType, octets.slice(typeAt, headerOctets));
  if (length < minOctets[type] || (type === "keepalive" && length > minOctets.keepalive)) {
    throw fault(lengthAt, "length", `${length} is wrong for ${type}`, headerSubcode.badLength, lengthField);
  }
  return { type, length };
}

/**
 * The whole message: header and body.
 * @throws {RangeError} when it is longer than 4096 octets.
 */
export function framed(type: MessageType, body: Uint8Array): Uint8Array {
  const length = headerOctets + body.length;
  if (length > maxMessageOctets) throw new RangeError(`${type} of ${length} octets: at most ${maxMessageOctets} fit a message`);
  return new Writer(length).bytes(marker).u16(length).u8(messageTypeCode[type]).bytes(body).finish();
}

function fault(offset: number, field: string, problem: string, subcode: number, data?: Uint8Array): BgpError {
  return new BgpError(new CodecError("BGP header", field, offset, problem), errorCode.header, subcode, data);
}
