import { communityText, pathTextOf } from "../canonical-text.ts";
import type { BfdView, LearntPath, SessionState, SessionView } from "../router.ts";

/** Reads `show protocols all NAME` and, for the drops, the log since the start. @throws {Error} when there is no such protocol. */
export function birdSession(answer: string, log: string, name: string): SessionView {
  const state = field(answer, "BGP state") as SessionState | undefined;
  if (state === undefined) throw new Error(`BIRD does not know neighbour "${name}": ${answer}`);
  const hold = field(answer, "Hold timer")?.split("/")[1];
  const keepalive = field(answer, "Keepalive timer")?.split("/")[1];
  const lastError = field(answer, "Last error");
  const imported = [...answer.matchAll(/^ +Routes: +(\d+) imported/gm)].map(([, count]) => Number(count));
  return {
    state,
    ...(hold !== undefined && { holdSeconds: Number(hold) }),
    ...(keepalive !== undefined && { keepaliveSeconds: Number(keepalive) }),
    ...(lastError !== undefined && { lastError }),
    drops: dropsIn(log, name),
    prefixes: imported.reduce((sum, count) => sum + count, 0),
  };
}

/** How often the protocol left the state "up", in a log with `debug protocols { states }`. */
function dropsIn(log: string, name: string): number {
  const states = [...log.matchAll(new RegExp(`<TRACE> ${name}: State changed to (\\w+)$`, "gm"))].map(([, state]) => state);
  return states.filter((state, index) => state !== "up" && states[index - 1] === "up").length;
}

/** True while the routes of a protocol are kept for a neighbour that restarts: BIRD marks the session, not each route. */
export function isRestarting(answer: string): boolean {
  return /^ +Neighbor graceful restart active/m.test(answer);
}

/** Reads `show route for PREFIX all`, of routes from BGP. `restarting`: names of the neighbours of which {@link isRestarting} is true. */
export function birdPaths(answer: string, restarting: ReadonlySet<string>): readonly LearntPath[] {
  const blocks = answer.split(/^(?=\S+ +\w+ \[|\t? {10,}\w+ \[)/m).filter((block) => /^\s+Type: BGP /m.test(block));
  return blocks.flatMap((block) => {
    const head = /\[(\w+) [^\]]*\] (\* )?\(/.exec(block);
    return head === null ? [] : [learntPath(block, head[1] ?? "", head[2] !== undefined, restarting)];
  });
}

function learntPath(block: string, neighbor: string, best: boolean, restarting: ReadonlySet<string>): LearntPath {
  const [med, localPref] = [field(block, "BGP.med"), field(block, "BGP.local_pref")];
  return {
    neighbor,
    nextHops: field(block, "BGP.next_hop")?.split(" ") ?? [],
    asPath: pathTextOf(field(block, "BGP.as_path") ?? ""),
    origin: originOf(field(block, "BGP.origin")),
    ...(med !== undefined && { med: Number(med) }),
    ...(localPref !== undefined && { localPref: Number(localPref) }),
    communities: tuples(field(block, "BGP.community")).map(communityText).sort(),
    largeCommunities: [...tuples(field(block, "BGP.large_community"))].sort(),
    best,
    stale: restarting.has(neighbor),
  };
}

/** Reads `show route where source = RTS_BGP` of one table. */
export function birdPrefixes(answer: string): readonly string[] {
  return [...answer.matchAll(/^([0-9a-f.:]+\/\d+) /gm)].flatMap(([, prefix]) => prefix ?? []);
}

const bfdStates = { Up: "Up", Down: "Down", Init: "Init", AdminDown: "AdminDown" } as const;

/** Reads `show bfd sessions` and, for the drops, the log since the start. */
export function birdBfd(answer: string, log: string, address: string): BfdView | undefined {
  const line = answer.split("\n").find((candidate) => candidate.startsWith(`${address} `));
  const [, , state = "", , , timeout] = line?.split(/\s+/) ?? [];
  const known = bfdStates[state as keyof typeof bfdStates];
  if (known === undefined) return undefined;
  const fell = `: Session to ${address} changed state from Up to `;
  return { state: known, detectionMs: Math.round(Number(timeout) * 1000), drops: log.split(fell).length - 1 };
}

/** The value of a line `NAME: VALUE`. */
function field(answer: string, name: string): string | undefined {
  return new RegExp(`^\\s+${name.replaceAll(".", "\\.")}:[ \t]*(.*?)[ \t]*$`, "m").exec(answer)?.[1];
}

function originOf(text: string | undefined): LearntPath["origin"] {
  return text === "IGP" ? "igp" : text === "EGP" ? "egp" : "incomplete";
}

/** `(65001,1) (65001,2)` as `65001:1`, `65001:2`. */
function tuples(text = ""): readonly string[] {
  return [...text.matchAll(/\(([^)]*)\)/g)].map(([, tuple = ""]) => tuple.replaceAll(/, ?/g, ":"));
}
