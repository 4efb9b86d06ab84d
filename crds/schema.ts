import type { BFDProfileSpec } from "./types/bfd-profile.ts";
import type { BGPAdvertisementSpec } from "./types/bgp-advertisement.ts";
import type { BGPPeerSpec } from "./types/bgp-peer.ts";
import type { CommunitySpec } from "./types/community.ts";
import type { IPAddressPoolSpec } from "./types/ip-address-pool.ts";
import type { L2AdvertisementSpec } from "./types/l2-advertisement.ts";
import { type Violation, validatorOf } from "./validators.ts";

/** One place where an object does not have the shape that its CRD demands. */
export type SchemaError = {
  /** Such as `spec.addresses[2]`; empty for the object itself. */
  readonly path: string;
  readonly reason: string;
};

/** Enough to mend an object by; a list of a million wrong entries needs no million sentences. */
const errorsAtMost = 20;

/**
 * Checks the shape of an object against its CRD's schema: types, required fields, enums, bounds. Not checked: CEL rules,
 * formats and unknown fields, which the API server prunes. Defaults are not applied. Never throws.
 * @param version such as `v1beta1`.
 * @returns nothing wrong: an empty list; at most 20 errors otherwise.
 */
export function validateObject(kind: string, version: string, object: unknown): readonly SchemaError[] {
  const validate = validatorOf(kind, version);
  if (validate === undefined) return [{ path: "", reason: `there is no kind ${kind} in metallb.io/${version}` }];
  try {
    if (validate(object)) return [];
  } catch {
    return [{ path: "", reason: "the object cannot be read" }];
  }
  return (validate.errors ?? []).slice(0, errorsAtMost).map(schemaError);
}

/** Whether the spec can be read as its type says; metadata is not looked at. */
export function isIPAddressPool(object: unknown): object is { readonly spec: IPAddressPoolSpec } {
  return validateObject("IPAddressPool", "v1beta1", object).length === 0;
}

/** Whether the spec can be read as its type says; metadata is not looked at. */
export function isL2Advertisement(object: unknown): object is { readonly spec?: L2AdvertisementSpec } {
  return validateObject("L2Advertisement", "v1beta1", object).length === 0;
}

/** Whether the spec can be read as its type says; metadata is not looked at. */
export function isBGPAdvertisement(object: unknown): object is { readonly spec?: BGPAdvertisementSpec } {
  return validateObject("BGPAdvertisement", "v1beta1", object).length === 0;
}

/** Whether the spec can be read as that of v1beta2; metadata is not looked at. */
export function isBGPPeer(object: unknown): object is { readonly spec?: BGPPeerSpec } {
  return validateObject("BGPPeer", "v1beta2", object).length === 0;
}

/** Whether the spec can be read as its type says; metadata is not looked at. */
export function isBFDProfile(object: unknown): object is { readonly spec?: BFDProfileSpec } {
  return validateObject("BFDProfile", "v1beta1", object).length === 0;
}

/** Whether the spec can be read as its type says; metadata is not looked at. */
export function isCommunity(object: unknown): object is { readonly spec?: CommunitySpec } {
  return validateObject("Community", "v1beta1", object).length === 0;
}

function schemaError({ instancePath, keyword, params, message }: Violation): SchemaError {
  const path = readablePath(instancePath);
  if (keyword === "required") return { path: joined(path, String(params["missingProperty"])), reason: "is required" };
  if (keyword === "enum") return { path, reason: `must be one of ${list(params["allowedValues"])}` };
  return { path, reason: message ?? keyword };
}

/** A JSON pointer (RFC 6901) as kubectl writes paths. */
function readablePath(pointer: string): string {
  const parts = pointer.split("/").slice(1);
  return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~")).reduce(joined, "");
}

function joined(path: string, part: string): string {
  if (/^\d+$/.test(part)) return `${path}[${part}]`;
  if (!/^\w+$/.test(part)) return `${path}[${part}]`;
  return path === "" ? part : `${path}.${part}`;
}

function list(values: unknown): string {
  return Array.isArray(values) ? values.map((value) => JSON.stringify(value)).join(", ") : String(values);
}
