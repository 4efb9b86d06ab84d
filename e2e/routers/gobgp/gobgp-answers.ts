import type { LearntPath, SessionState, SessionView } from "../router.ts";

type NeighborAnswer = {
  readonly state: { readonly session_state?: number };
  readonly timers: { readonly state?: { readonly negotiated_hold_time?: number; readonly keepalive_interval?: number } };
  readonly afi_safis?: readonly { readonly state?: { readonly accepted?: number } }[];
};

/** By GoBGP's numbers. */
const states: readonly SessionState[] = ["Idle", "Idle", "Connect", "Active", "OpenSent", "OpenConfirm", "Established"];

/** Reads `neighbor ADDRESS -j` and, for drops and the last error, the log since the start. */
export function gobgpSession(json: string, log: string, address: string): SessionView {
  const { state, timers, afi_safis: families = [] } = JSON.parse(json) as NeighborAnswer;
  const events = eventsOf(log, address);
  const lastError = lastErrorIn(events);
  const { negotiated_hold_time: holdSeconds, keepalive_interval: keepaliveSeconds } = timers.state ?? {};
  const name = states[state.session_state ?? 0] ?? "Idle";
  return {
    state: name,
    ...(name === "Established" && holdSeconds !== undefined && { holdSeconds }),
    ...(name === "Established" && keepaliveSeconds !== undefined && { keepaliveSeconds }),
    ...(lastError !== undefined && { lastError }),
    drops: events.filter(({ msg }) => msg === "Peer Down").length,
    prefixes: families.reduce((sum, family) => sum + (family.state?.accepted ?? 0), 0),
  };
}

/** What GoBGP writes when a session, or an attempt at one, ends. */
const endings = new Set(["Peer Down", "sent notification", "received notification", "hold timer expired"]);

type LogLine = { readonly Key?: string; readonly level: string; readonly msg: string; readonly [field: string]: unknown };

/** GoBGP's interface tells neither why a session ended nor how often; its log does. */
function eventsOf(log: string, address: string): readonly LogLine[] {
  const lines = log.split("\n").filter((line) => line.startsWith("{") && line.endsWith("}"));
  return lines.map((line) => JSON.parse(line) as LogLine).filter(({ Key }) => Key === address);
}

function lastErrorIn(events: readonly LogLine[]): string | undefined {
  const last = events.findLast(({ msg }) => endings.has(msg));
  if (last === undefined) return undefined;
  const detail = last["Reason"] ?? last["Error"] ?? last["Data"];
  return detail === undefined ? last.msg : `${last.msg}: ${typeof detail === "string" ? detail : JSON.stringify(detail)}`;
}

type Attribute =
  | { readonly type: 1; readonly value: number }
  | { readonly type: 5; readonly value: number }
  | { readonly type: 2; readonly as_paths: readonly { readonly segment_type: number; readonly asns: readonly number[] }[] }
  | { readonly type: 3; readonly nexthop: string }
  | { readonly type: 4; readonly metric: number }
  | { readonly type: 8; readonly communities: readonly number[] }
  | { readonly type: 14; readonly nexthop: string }
  | { readonly type: 32; readonly value: readonly Readonly<Record<"ASN" | "LocalData1" | "LocalData2", number>>[] };

type PathAnswer = {
  readonly best: boolean;
  readonly stale: boolean;
  readonly attrs: readonly Attribute[];
  readonly "neighbor-ip"?: string;
};

type RibAnswer = Readonly<Record<string, readonly PathAnswer[]>>;

/** Reads `global rib PREFIX -j`; `nameOf` tells a neighbour's name from its address. */
export function gobgpPaths(json: string, nameOf: (address: string) => string | undefined): readonly LearntPath[] {
  const paths = Object.values((JSON.parse(json) ?? {}) as RibAnswer).flat();
  return paths.flatMap((path) => {
    const neighbor = nameOf(path["neighbor-ip"] ?? "");
    return neighbor === undefined ? [] : [learntPath(path, neighbor)];
  });
}

/** Reads `global rib -j`. */
export function gobgpPrefixes(json: string): readonly string[] {
  const rib = (JSON.parse(json) ?? {}) as RibAnswer;
  return Object.entries(rib).flatMap(([prefix, paths]) =>
    paths.some((path) => path["neighbor-ip"] !== undefined) ? [prefix] : [],
  );
}

function learntPath({ attrs, best, stale }: PathAnswer, neighbor: string): LearntPath {
  const attribute = <T extends Attribute["type"]>(type: T): Extract<Attribute, { type: T }> | undefined =>
    attrs.find((candidate): candidate is Extract<Attribute, { type: T }> => candidate.type === type);
  const [med, localPref] = [attribute(4)?.metric, attribute(5)?.value];
  const nextHop = attribute(14)?.nexthop ?? attribute(3)?.nexthop;
  return {
    neighbor,
    nextHops: nextHop === undefined ? [] : [nextHop],
    asPath: (attribute(2)?.as_paths ?? []).map(segmentText).join(" "),
    origin: (["igp", "egp"] as const)[attribute(1)?.value ?? 2] ?? "incomplete",
    ...(med !== undefined && { med }),
    ...(localPref !== undefined && { localPref }),
    communities: (attribute(8)?.communities ?? []).map((value) => `${Math.floor(value / 65536)}:${value % 65536}`).sort(),
    largeCommunities: (attribute(32)?.value ?? [])
      .map(({ ASN, LocalData1, LocalData2 }) => `${ASN}:${LocalData1}:${LocalData2}`)
      .sort(),
    best,
    stale,
  };
}

/** Segment type 1 is a set. */
function segmentText({ segment_type: type, asns }: { readonly segment_type: number; readonly asns: readonly number[] }): string {
  return type === 1 ? `{${asns.toSorted((a, b) => a - b).join(",")}}` : asns.join(" ");
}
