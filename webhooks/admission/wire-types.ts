import { parseDuration } from "../../crds/duration.ts";
import { isJsonObject, member } from "./json.ts";

/** What a field is decoded into, by MetalLB's API types; the CRD schemas alone let some wider values pass. */
type WireType = "uint16" | "uint32" | "int32" | "duration";

const fields: { readonly [kind: string]: { readonly [field: string]: WireType } } = {
  BGPPeer: {
    myASN: "uint32",
    peerASN: "uint32",
    localASN: "uint32",
    peerPort: "uint16",
    holdTime: "duration",
    keepaliveTime: "duration",
    connectTime: "duration",
  },
  BGPAdvertisement: { aggregationLength: "int32", aggregationLengthV6: "int32", localPref: "uint32" },
  BFDProfile: {
    receiveInterval: "uint32",
    transmitInterval: "uint32",
    detectMultiplier: "uint32",
    echoInterval: "uint32",
    minimumTtl: "uint32",
  },
};

const bounds: { readonly [type in Exclude<WireType, "duration">]: readonly [number, number] } = {
  uint16: [0, 0xffff],
  uint32: [0, 0xffff_ffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
};

/**
 * What of `object` cannot be decoded at all: a number outside of its field's width, a text that is no duration.
 * @returns one sentence for each such field; empty when everything can be read.
 */
export function decodeErrors(kind: string, object: unknown): readonly string[] {
  if (!isJsonObject(object)) return [`the request holds no ${kind} object`];
  const spec = object["spec"];
  const errors: string[] = [];
  for (const [field, type] of Object.entries(fields[kind] ?? {})) {
    const value = member(spec, field);
    if (value === undefined || value === null) continue;
    const problem = type === "duration" ? durationProblem(value) : integerProblem(value, type);
    if (problem !== undefined) errors.push(`spec.${field}: ${problem}`);
  }
  return errors;
}

function durationProblem(value: unknown): string | undefined {
  if (typeof value === "string" && parseDuration(value) !== undefined) return undefined;
  return `${JSON.stringify(value)} is not a duration; write one such as "90s" or "1m30s"`;
}

function integerProblem(value: unknown, type: Exclude<WireType, "duration">): string | undefined {
  const [low, high] = bounds[type];
  if (typeof value === "number" && Number.isInteger(value) && value >= low && value <= high) return undefined;
  return `${JSON.stringify(value)} is not a whole number from ${low} to ${high}`;
}
