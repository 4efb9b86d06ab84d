import { Reader, Writer } from "../cursor.ts";
import type { Capability, ExtendedNextHop, RestartFamily } from "./capability.ts";
import { capabilityCode } from "./registry.ts";

/** Octets of the longest capability, code and length included. RFC 5492 §4. */
const maxValueOctets = 255;

/** Flags of RFC 4724 §3 and RFC 8538 §2, before the 12 bits of the restart time. */
const restartingBit = 0x8000;
const notificationBit = 0x4000;
const restartTimeMask = 0x0fff;
const forwardingBit = 0x80;

/**
 * Reads the value of one Capabilities parameter: code(1) length(1) value, until the end.
 *
 * A capability that is unknown, or whose length does not fit, is `unknown`: its feature is then not used. Only where the session
 * depends on it, as on the AS number, a wrong length is an error.
 * @throws {CodecError} when a length reaches over the end, or is wrong for capability 1 or 65.
 */
export function decodeCapabilities(octets: Uint8Array): readonly Capability[] {
  const r = new Reader(octets, "BGP capabilities");
  const capabilities: Capability[] = [];
  while (r.remaining > 0) {
    const code = r.u8("code");
    const length = r.u8("length");
    const value = r.bytes(length, `capability ${code}`);
    const required = requiredOctets.get(code);
    if (required !== undefined && length !== required)
      throw r.error(`capability ${code}`, `has ${length} octets, not ${required}`, length);
    capabilities.push(decodeCapability(code, value));
  }
  return capabilities;
}

/**
 * Inverse of {@link decodeCapabilities}.
 * @throws {RangeError} when a value has more than 255 octets or a restart time more than 12 bits.
 */
export function encodeCapabilities(capabilities: readonly Capability[]): Uint8Array {
  const w = new Writer();
  for (const capability of capabilities) {
    const { code, value } = encodedCapability(capability);
    if (value.length > maxValueOctets) {
      throw new RangeError(`capability ${code} of ${value.length} octets: at most ${maxValueOctets} fit`);
    }
    w.u8(code).u8(value.length).bytes(value);
  }
  return w.finish();
}

const requiredOctets: ReadonlyMap<number, number> = new Map([
  [capabilityCode.multiprotocol, 4],
  [capabilityCode.fourOctetAs, 4],
]);

function decodeCapability(code: number, value: Uint8Array): Capability {
  const r = new Reader(value, "BGP capability");
  switch (code) {
    case capabilityCode.multiprotocol: {
      const afi = r.u16("AFI");
      r.skip(1, "reserved");
      return { type: "multiprotocol", afi, safi: r.u8("SAFI") };
    }
    case capabilityCode.fourOctetAs:
      return { type: "four-octet-as", autonomousSystem: r.u32("AS number") };
    case capabilityCode.routeRefresh:
      return value.length === 0 ? { type: "route-refresh" } : { type: "unknown", code, value };
    case capabilityCode.extendedNextHop:
      return value.length % 6 === 0 ? { type: "extended-next-hop", routes: nextHopRoutes(r) } : { type: "unknown", code, value };
    case capabilityCode.gracefulRestart:
      return value.length % 4 === 2 ? gracefulRestart(r) : { type: "unknown", code, value };
    default:
      return { type: "unknown", code, value };
  }
}

function nextHopRoutes(r: Reader): readonly ExtendedNextHop[] {
  const routes: ExtendedNextHop[] = [];
  while (r.remaining > 0) routes.push({ afi: r.u16("AFI"), safi: r.u16("SAFI"), nextHopAfi: r.u16("next hop AFI") });
  return routes;
}

function gracefulRestart(r: Reader): Capability {
  const head = r.u16("flags and restart time");
  const families: RestartFamily[] = [];
  while (r.remaining > 0) {
    const family = { afi: r.u16("AFI"), safi: r.u8("SAFI") };
    families.push({ ...family, forwardingPreserved: (r.u8("flags") & forwardingBit) !== 0 });
  }
  return {
    type: "graceful-restart",
    restarting: (head & restartingBit) !== 0,
    notification: (head & notificationBit) !== 0,
    restartTimeSeconds: head & restartTimeMask,
    families,
  };
}

function encodedCapability(capability: Capability): { readonly code: number; readonly value: Uint8Array } {
  const w = new Writer();
  switch (capability.type) {
    case "multiprotocol":
      return { code: capabilityCode.multiprotocol, value: w.u16(capability.afi).u8(0).u8(capability.safi).finish() };
    case "route-refresh":
      return { code: capabilityCode.routeRefresh, value: w.finish() };
    case "four-octet-as":
      return { code: capabilityCode.fourOctetAs, value: w.u32(capability.autonomousSystem).finish() };
    case "extended-next-hop":
      for (const { afi, safi, nextHopAfi } of capability.routes) w.u16(afi).u16(safi).u16(nextHopAfi);
      return { code: capabilityCode.extendedNextHop, value: w.finish() };
    case "graceful-restart": {
      const { restarting, notification, restartTimeSeconds, families } = capability;
      if (restartTimeSeconds > restartTimeMask) {
        throw new RangeError(`a restart time of ${restartTimeSeconds} s: at most ${restartTimeMask} s fit`);
      }
      w.u16(restartTimeSeconds + (restarting ? restartingBit : 0) + (notification ? notificationBit : 0));
      for (const family of families)
        w.u16(family.afi)
          .u8(family.safi)
          .u8(family.forwardingPreserved ? forwardingBit : 0);
      return { code: capabilityCode.gracefulRestart, value: w.finish() };
    }
    case "unknown":
      return { code: capability.code, value: capability.value };
  }
}
