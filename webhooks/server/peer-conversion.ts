import { convertBGPPeer, type PeerVersion } from "../../crds/convert/bgp-peer.ts";
import type { Converted } from "../admission/conversion-review.ts";
import { isJsonObject, type JsonObject } from "../admission/json.ts";

const versions: { readonly [apiVersion: string]: PeerVersion } = {
  "metallb.io/v1beta1": "v1beta1",
  "metallb.io/v1beta2": "v1beta2",
};

/** Converts one BGPPeer for the API server; any other kind or version is an error. */
export function convertPeer(object: JsonObject, desiredAPIVersion: string): Converted {
  const version = Object.hasOwn(versions, desiredAPIVersion) ? versions[desiredAPIVersion] : undefined;
  if (version === undefined) return { ok: false, message: `${desiredAPIVersion} is no version of BGPPeer` };
  const converted = convertBGPPeer(object, version);
  if (!converted.ok) return { ok: false, message: converted.reason };
  return isJsonObject(converted.object)
    ? { ok: true, object: converted.object }
    : { ok: false, message: "the result is no object" };
}
