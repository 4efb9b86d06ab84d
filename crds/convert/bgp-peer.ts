import { listOf, property } from "../config/identity.ts";
import { formatDuration, parseDuration } from "../duration.ts";

/** A converted object, or why it cannot be converted. */
export type Conversion = { readonly ok: true; readonly object: object } | { readonly ok: false; readonly reason: string };

export type PeerVersion = "v1beta1" | "v1beta2";

/** Fields with one name and meaning in both versions, timers and node selectors left out. */
const shared = [
  "myASN",
  "peerASN",
  "peerAddress",
  "sourceAddress",
  "peerPort",
  "routerID",
  "password",
  "bfdProfile",
  "ebgpMultiHop",
] as const;

const timers = ["holdTime", "keepaliveTime"] as const;

/**
 * Converts a BGPPeer between its versions, with MetalLB's losses: what v1beta1 has no field for is dropped on the way
 * down, and a timer that is not there comes out as `0s` on either way. Metadata and status are taken over as they are.
 * Converting to the version that the object has already is an error. Never throws.
 */
export function convertBGPPeer(object: unknown, to: PeerVersion): Conversion {
  const apiVersion = property(object, "apiVersion");
  const from = to === "v1beta1" ? "v1beta2" : "v1beta1";
  if (apiVersion !== `metallb.io/${from}` || property(object, "kind") !== "BGPPeer") {
    return {
      ok: false,
      reason: `cannot convert ${kindText(object)} to metallb.io/${to}: only a BGPPeer of metallb.io/${from} can be`,
    };
  }
  const spec = property(object, "spec");
  const durations: Record<string, string> = {};
  for (const timer of timers) {
    const text = property(spec, timer) ?? "0s";
    const nanoseconds = typeof text === "string" ? parseDuration(text) : undefined;
    if (nanoseconds === undefined)
      return { ok: false, reason: `spec.${timer}: ${JSON.stringify(text)} is no duration: write one such as 90s` };
    durations[timer] = formatDuration(nanoseconds);
  }
  const nodeSelectors = property(spec, "nodeSelectors");
  const selectors = Array.isArray(nodeSelectors) ? { nodeSelectors: nodeSelectors.map((each) => convertSelector(each, to)) } : {};
  return {
    ok: true,
    object: {
      apiVersion: `metallb.io/${to}`,
      kind: "BGPPeer",
      ...present(object, ["metadata"]),
      spec: { ...present(spec, shared), ...durations, ...selectors },
      ...present(object, ["status"]),
    },
  };
}

/** v1beta1 demands a list of values for every operator; in v1beta2 Exists and DoesNotExist have none. */
function convertSelector(selector: unknown, to: PeerVersion): object {
  const expressions = listOf(property(selector, "matchExpressions")).map((expression) => ({
    ...present(expression, ["key", "operator", "values"]),
    ...(to === "v1beta1" && property(expression, "values") === undefined ? { values: [] } : {}),
  }));
  return { ...present(selector, ["matchLabels"]), ...(expressions.length > 0 ? { matchExpressions: expressions } : {}) };
}

function present(of: unknown, keys: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(keys.map((key) => [key, property(of, key)]).filter(([, value]) => value !== undefined));
}

function kindText(object: unknown): string {
  return `${String(property(object, "kind"))} of ${String(property(object, "apiVersion"))}`;
}
