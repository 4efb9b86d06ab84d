import type { Peer } from "../../crds/config/snapshot.ts";
import type { ConfigurationState } from "../../crds/types/configuration-state.ts";
import { conditionTypes, configurationState, labels } from "../../crds/types/well-known.ts";
import type { DerivedCondition } from "../framework/conditions.ts";

/** What the speakers say of their sessions with one peer, by node. */
export type PeerSessions = ReadonlyMap<string, { readonly up: boolean; readonly message: string }>;

/** Nodes named in the condition; the rest is a number. */
const named = 10;

/**
 * Of the nodes that are to have a session with a peer, how many have one.
 * @param peer undefined: it is not in force.
 */
export function sessionsUpCondition(peer: Peer | undefined, sessions: PeerSessions, generation: number): DerivedCondition {
  const common = { type: conditionTypes.sessionsUp, observedGeneration: generation };
  if (peer === undefined) {
    return { ...common, status: "Unknown", reason: "NotInForce", message: "The peer is not in force: see Accepted." };
  }
  const nodes = [...peer.nodes].sort();
  if (nodes.length === 0) {
    const message = "No node is selected, so nobody opens a session: label a node so that one of spec.nodeSelectors matches it.";
    return { ...common, status: "False", reason: "NoNodeSelected", message };
  }
  const down = nodes.filter((node) => sessions.get(node)?.up !== true);
  const up = nodes.length - down.length;
  const count = `${up} of ${nodes.length} ${nodes.length === 1 ? "session is" : "sessions are"} up.`;
  if (down.length === 0) return { ...common, status: "True", reason: "AllUp", message: count };
  const lines = down
    .slice(0, named)
    .map((node) => `${node}: ${sessions.get(node)?.message ?? "its speaker has not said anything yet"}`);
  if (down.length > named) lines.push(`and ${down.length - named} more`);
  return { ...common, status: "False", reason: up === 0 ? "NoneUp" : "SomeDown", message: [count, ...lines].join("\n") };
}

/** What the speakers' objects say of one peer. */
export function peerSessions(states: Iterable<ConfigurationState>, peer: string): PeerSessions {
  const type = configurationState.sessionConditionPrefix + peer;
  const sessions = new Map<string, { readonly up: boolean; readonly message: string }>();
  for (const { metadata, status } of states) {
    const node = metadata.labels?.[labels.nodeName];
    const condition = status?.conditions?.find((one) => one.type === type);
    if (node !== undefined && condition !== undefined) {
      sessions.set(node, { up: condition.status === "True", message: condition.message });
    }
  }
  return sessions;
}

/** The peers of which two versions of one object say different things. */
export function changedPeers(before: ConfigurationState | undefined, after: ConfigurationState | undefined): readonly string[] {
  const [old, now] = [wordsOf(before), wordsOf(after)];
  const types = new Set([...old.keys(), ...now.keys()]);
  const { sessionConditionPrefix: prefix } = configurationState;
  return [...types].filter((type) => old.get(type) !== now.get(type)).map((type) => type.slice(prefix.length));
}

function wordsOf(state: ConfigurationState | undefined): ReadonlyMap<string, string> {
  const { sessionConditionPrefix: prefix } = configurationState;
  const own = (state?.status?.conditions ?? []).filter(({ type }) => type.startsWith(prefix));
  return new Map(own.map(({ type, status, message }) => [type, `${status} ${message}`]));
}
