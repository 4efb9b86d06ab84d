import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { bfdProfileSchemas } from "./generated/bfd-profile.ts";
import { bgpAdvertisementSchemas } from "./generated/bgp-advertisement.ts";
import { bgpPeerSchemas } from "./generated/bgp-peer.ts";
import { communitySchemas } from "./generated/community.ts";
import { configurationStateSchemas } from "./generated/configuration-state.ts";
import { ipAddressPoolSchemas } from "./generated/ip-address-pool.ts";
import { l2AdvertisementSchemas } from "./generated/l2-advertisement.ts";
import { serviceBGPStatusSchemas } from "./generated/service-bgp-status.ts";
import { serviceL2StatusSchemas } from "./generated/service-l2-status.ts";
import type { BFDProfileSpec } from "./types/bfd-profile.ts";
import type { BGPAdvertisementSpec } from "./types/bgp-advertisement.ts";
import type { BGPPeerSpec } from "./types/bgp-peer.ts";
import type { CommunitySpec } from "./types/community.ts";
import type { IPAddressPoolSpec } from "./types/ip-address-pool.ts";
import type { L2AdvertisementSpec } from "./types/l2-advertisement.ts";

/** One place where an object does not have the shape that its CRD demands. */
export type SchemaError = {
  /** Such as `spec.addresses[2]`; empty for the object itself. */
  readonly path: string;
  readonly reason: string;
};

/** The schemas of the nine kinds, by kind and version. */
export const schemas: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  IPAddressPool: ipAddressPoolSchemas,
  L2Advertisement: l2AdvertisementSchemas,
  BGPAdvertisement: bgpAdvertisementSchemas,
  BGPPeer: bgpPeerSchemas,
  BFDProfile: bfdProfileSchemas,
  Community: communitySchemas,
  ServiceL2Status: serviceL2StatusSchemas,
  ServiceBGPStatus: serviceBGPStatusSchemas,
  ConfigurationState: configurationStateSchemas,
};

/** Enough to mend an object by; a list of a million wrong entries needs no million sentences. */
const errorsAtMost = 20;

/** The schemas were made from our own manifests: no time is spent on checking them against the schema of schemas. */
const schemaIsTrusted = { meta: false, validateSchema: false } as const;

const validators = new Map<string, ValidateFunction>();

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

/** Compiled once, on first use: a process pays only for the kinds it reads. */
function validatorOf(kind: string, version: string): ValidateFunction | undefined {
  const key = `${version}/${kind}`;
  const known = validators.get(key);
  if (known !== undefined) return known;
  const versions = Object.hasOwn(schemas, kind) ? schemas[kind] : undefined;
  const schema = versions !== undefined && Object.hasOwn(versions, version) ? versions[version] : undefined;
  if (schema === undefined) return undefined;
  const ajv = new Ajv({
    ...schemaIsTrusted,
    strict: false,
    allErrors: true,
    validateFormats: false,
    ownProperties: true,
    messages: true,
  });
  const compiled = ajv.compile(schema);
  validators.set(key, compiled);
  return compiled;
}

function schemaError({ instancePath, keyword, params, message }: ErrorObject): SchemaError {
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
