import { communityText, pathTextOf } from "../canonical-text.ts";
import type { BfdView, LearntPath, SessionState, SessionView } from "../router.ts";

type NeighborAnswer = {
  readonly bgpState: SessionState;
  readonly bgpTimerHoldTimeMsecs?: number;
  readonly bgpTimerKeepAliveIntervalMsecs?: number;
  readonly connectionsDropped: number;
  readonly lastResetDueTo?: string;
  readonly lastNotificationReason?: string;
  readonly lastErrorCodeSubcode?: string;
  readonly addressFamilyInfo?: Readonly<Record<string, { readonly acceptedPrefixCounter?: number }>>;
};

/** Reads `show bgp neighbors NAME json`. @throws {Error} when bgpd does not know the neighbour. */
export function frrSession(json: string): SessionView {
  const [answer] = Object.values(JSON.parse(json) as Readonly<Record<string, NeighborAnswer>>);
  if (answer?.bgpState === undefined) throw new Error(`bgpd does not know this neighbour: ${json}`);
  const established = answer.bgpState === "Established";
  const { bgpTimerHoldTimeMsecs: hold = 0, bgpTimerKeepAliveIntervalMsecs: keepalive = 0 } = answer;
  const lastError = answer.lastNotificationReason ?? answer.lastResetDueTo;
  const counters = Object.values(answer.addressFamilyInfo ?? {});
  return {
    state: answer.bgpState,
    ...(established && { holdSeconds: hold / 1000, keepaliveSeconds: keepalive / 1000 }),
    ...(lastError !== undefined && { lastError }),
    drops: answer.connectionsDropped,
    prefixes: counters.reduce((sum, { acceptedPrefixCounter = 0 }) => sum + acceptedPrefixCounter, 0),
  };
}

type PathAnswer = {
  readonly aspath: { readonly string: string };
  readonly origin: "IGP" | "EGP" | "incomplete";
  readonly metric?: number;
  readonly locPrf?: number;
  readonly stale?: boolean;
  readonly bestpath?: { readonly overall?: boolean };
  readonly community?: { readonly list: readonly string[] };
  readonly largeCommunity?: { readonly list: readonly string[] };
  readonly nexthops: readonly { readonly ip: string; readonly scope?: "global" | "link-local" }[];
  readonly peer: { readonly peerId: string; readonly interface?: string };
};

/** Reads `show bgp FAMILY unicast PREFIX json`; `nameOf` tells a neighbour's name from FRR's. */
export function frrPaths(json: string, nameOf: (peer: string) => string | undefined): readonly LearntPath[] {
  const { paths = [] } = JSON.parse(json) as { readonly paths?: readonly PathAnswer[] };
  return paths.flatMap((path) => {
    const neighbor = nameOf(path.peer.interface ?? path.peer.peerId) ?? nameOf(path.peer.peerId);
    return neighbor === undefined ? [] : [learntPath(path, neighbor)];
  });
}

function learntPath(path: PathAnswer, neighbor: string): LearntPath {
  const { metric: med, locPrf: localPref } = path;
  return {
    neighbor,
    nextHops: path.nexthops.map(({ ip }) => ip),
    asPath: path.aspath.string === "Local" ? "" : pathTextOf(path.aspath.string),
    origin: path.origin === "incomplete" ? "incomplete" : path.origin === "IGP" ? "igp" : "egp",
    ...(med !== undefined && { med }),
    ...(localPref !== undefined && { localPref }),
    communities: (path.community?.list ?? []).map(communityText).sort(),
    largeCommunities: [...(path.largeCommunity?.list ?? [])].sort(),
    best: path.bestpath?.overall === true,
    stale: path.stale === true,
  };
}

/** Reads `show bgp FAMILY unicast json`. */
export function frrPrefixes(json: string): readonly string[] {
  const { routes = {} } = JSON.parse(json) as {
    readonly routes?: Readonly<Record<string, readonly { readonly peerId: string }[]>>;
  };
  return Object.entries(routes).flatMap(([prefix, paths]) => (paths.some(({ peerId }) => peerId !== "(unspec)") ? [prefix] : []));
}

type BfdAnswer = {
  readonly peer: string;
  readonly interface?: string;
  readonly status: "up" | "down" | "init" | "shutdown";
  readonly "receive-interval": number;
  readonly "remote-receive-interval"?: number;
  readonly "remote-transmit-interval"?: number;
  readonly "remote-echo-receive-interval"?: number;
  readonly "remote-detect-multiplier"?: number;
  readonly "session-down"?: number;
};

const bfdStates = { up: "Up", down: "Down", init: "Init", shutdown: "AdminDown" } as const;

/** Reads `show bfd peers json` and `show bfd peers counters json` for one neighbour, by address or interface. */
export function frrBfd(peers: string, counters: string, name: string): BfdView | undefined {
  const own = ({ peer, interface: at }: BfdAnswer): boolean => peer === name || at === name;
  const answer = (JSON.parse(peers) as readonly BfdAnswer[]).find(own);
  if (answer === undefined) return undefined;
  const counted = (JSON.parse(counters) as readonly BfdAnswer[]).find(({ peer }) => peer === answer.peer);
  const remote = {
    receiveMs: answer["remote-receive-interval"] ?? 0,
    transmitMs: answer["remote-transmit-interval"] ?? 0,
    echoReceiveMs: answer["remote-echo-receive-interval"] ?? 0,
    multiplier: answer["remote-detect-multiplier"] ?? 0,
  };
  return {
    state: bfdStates[answer.status],
    remote,
    detectionMs: Math.max(answer["receive-interval"], remote.transmitMs) * remote.multiplier,
    drops: counted?.["session-down"] ?? 0,
  };
}
