import { property } from "../config/identity.ts";
import { bgpPeerSchemas } from "../generated/bgp-peer.ts";

/** A converted object, or why it cannot be converted. */
export type Conversion = { readonly ok: true; readonly object: object } | { readonly ok: false; readonly reason: string };

export type PeerVersion = "v1beta1" | "v1beta2";

const fields: { readonly [version in PeerVersion]: readonly string[] } = {
  v1beta1: Object.keys(bgpPeerSchemas.v1beta1.properties.spec.properties),
  v1beta2: Object.keys(bgpPeerSchemas.v1beta2.properties.spec.properties),
};

/** Fields of `spec` that v1beta1 does not have: they are not there when a BGPPeer is read as v1beta1, nor after it was written so. */
export const fieldsWithoutV1beta1: readonly string[] = fields.v1beta2.filter((field) => !fields.v1beta1.includes(field));

const sharedFields = fields.v1beta1.filter((field) => fields.v1beta2.includes(field));

/**
 * Converts a BGPPeer between its versions. The fields that both have are taken over as they stand: what is absent stays absent,
 * a zero stays a zero, a text stays as it was written, valid or not, since one object that could not be converted would hide
 * all others of a list. The one exception is port 0, which v1beta2 cannot hold: it means in v1beta1 that none was chosen. What
 * v1beta1 has no field for is dropped on the way down. Metadata and status are taken over.
 * Converting to the version that the object has already is an error. Never throws.
 */
export function convertBGPPeer(object: unknown, to: PeerVersion): Conversion {
  const from = to === "v1beta1" ? "v1beta2" : "v1beta1";
  if (property(object, "apiVersion") !== `metallb.io/${from}` || property(object, "kind") !== "BGPPeer") {
    return {
      ok: false,
      reason: `cannot convert ${kindText(object)} to metallb.io/${to}: only a BGPPeer of metallb.io/${from} can be`,
    };
  }
  const spec = property(object, "spec");
  return {
    ok: true,
    object: {
      apiVersion: `metallb.io/${to}`,
      kind: "BGPPeer",
      ...present(object, ["metadata"]),
      ...(spec !== undefined && { spec: convertSpec(spec, to) }),
      ...present(object, ["status"]),
    },
  };
}

function convertSpec(spec: unknown, to: PeerVersion): object {
  const { peerPort, ...shared } = present(spec, sharedFields);
  return to === "v1beta2" && peerPort === 0 ? shared : present(spec, sharedFields);
}

function present(of: unknown, keys: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(keys.map((key) => [key, property(of, key)]).filter(([, value]) => value !== undefined));
}

function kindText(object: unknown): string {
  return `${String(property(object, "kind"))} of ${String(property(object, "apiVersion"))}`;
}
