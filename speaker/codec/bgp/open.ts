import { Reader, Writer } from "../cursor.ts";
import type { Capability } from "./capability.ts";
import { decodeCapabilities, encodeCapabilities } from "./capability-codec.ts";
import { type BgpDecoded, BgpError, bgpDecoded } from "./error.ts";
import type { OpenMessage } from "./message.ts";
import { capabilitiesParameter, errorCode, openSubcode } from "./registry.ts";

/** The one version there is. RFC 4271 §4.2. */
export const bgpVersion = 4;

/** Octets of optional parameters from which on their lengths have two octets, and what says so. RFC 9072 §2. */
const extendedMark = 255;

/**
 * Total. Refuses what cannot be read; whether AS number, identifier and hold time are acceptable is for the session to say.
 * @param body of the message, without its header.
 * @returns NOTIFICATION 2/1 with version 4 for another version, 2/4 for a parameter other than capabilities, else 2/0.
 */
export function decodeOpen(body: Uint8Array): BgpDecoded<OpenMessage> {
  return bgpDecoded(() => readOpen(body), errorCode.open, openSubcode.unspecific);
}

/**
 * Inverse of {@link decodeOpen}: version(1) AS(2) hold time(2) identifier(4) parameters. All capabilities stand in one parameter.
 * @throws {RangeError} when a capability does not fit, or the AS number has more than 16 bits: say 23456 (AS_TRANS) then.
 */
export function encodeOpen({ version, autonomousSystem, holdTimeSeconds, identifier, capabilities }: OpenMessage): Uint8Array {
  if (autonomousSystem > 0xffff)
    throw new RangeError(`AS ${autonomousSystem} has more than two octets: say 23456 in the message`);
  if (holdTimeSeconds > 0xffff) throw new RangeError(`a hold time of ${holdTimeSeconds} s has more than two octets`);
  const w = new Writer().u8(version).u16(autonomousSystem).u16(holdTimeSeconds).u32(identifier);
  const value = encodeCapabilities(capabilities);
  if (value.length === 0) return w.u8(0).finish();
  const length = 2 + value.length;
  if (length < extendedMark) return w.u8(length).u8(capabilitiesParameter).u8(value.length).bytes(value).finish();
  w.u8(extendedMark)
    .u8(extendedMark)
    .u16(1 + length);
  return w.u8(capabilitiesParameter).u16(value.length).bytes(value).finish();
}

function readOpen(body: Uint8Array): OpenMessage {
  const r = new Reader(body, "BGP OPEN");
  const version = r.u8("version");
  if (version !== bgpVersion) {
    const highest = new Writer(2).u16(bgpVersion).finish();
    throw new BgpError(r.error("version", `is ${version}, not ${bgpVersion}`, 1), errorCode.open, openSubcode.version, highest);
  }
  const autonomousSystem = r.u16("AS number");
  const holdTimeSeconds = r.u16("hold time");
  const identifier = r.u32("identifier");
  return { type: "open", version, autonomousSystem, holdTimeSeconds, identifier, capabilities: readParameters(r) };
}

/** The length of all parameters in one octet; or 255, 255 and the length in two octets, then each length has two. RFC 9072 §2. */
function readParameters(r: Reader): readonly Capability[] {
  let length = r.u8("parameters' length");
  const extended = length > 0 && r.next === extendedMark;
  if (extended) {
    r.skip(1, "extended mark");
    length = r.u16("parameters' length");
  }
  if (length !== r.remaining)
    throw r.error("parameters' length", `is ${length}, ${r.remaining} octets are left`, extended ? 2 : 1);
  const capabilities: Capability[] = [];
  while (r.remaining > 0) {
    const type = r.u8("parameter type");
    if (type !== capabilitiesParameter) {
      const unsupported = r.error("parameter type", `${type} is not supported`, 1);
      throw new BgpError(unsupported, errorCode.open, openSubcode.unsupportedParameter);
    }
    const size = extended ? r.u16("parameter length") : r.u8("parameter length");
    capabilities.push(...decodeCapabilities(r.bytes(size, "parameter")));
  }
  return capabilities;
}
