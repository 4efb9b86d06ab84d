import type { MemberFacts } from "../codec/membership-facts.ts";

/**
 * joining: own nothing yet. member: elect. freeze: keep what is announced, take nothing new: the node is cut off, or it
 * does not know yet whether it is.
 */
export type Conduct = "joining" | "member" | "freeze";

/** What the election knows of the other speakers. A value; every source of membership produces it. */
export type Members = {
  readonly conduct: Conduct;
  /** Candidates: nodes whose speaker lives and takes addresses, own node included while it may announce. */
  readonly alive: ReadonlySet<string>;
  /** Nodes that are known to be dead; none of them is a candidate. */
  readonly dead: ReadonlySet<string>;
  /** What each node says of itself. Nothing is held against a node that is absent here. */
  readonly facts: ReadonlyMap<string, MemberFacts>;
};

/** Candidates of whom nothing else is known. */
export function membersNamed(alive: Iterable<string>): Members {
  return { conduct: "member", alive: new Set(alive), dead: new Set(), facts: new Map() };
}

/** Before the first answer: nothing is announced. */
export const unknownMembers: Members = { ...membersNamed([]), conduct: "joining" };

/** What elections read of it, to be compared: all but the hardware addresses. */
export function electoralText(facts: MemberFacts | undefined): string {
  if (facts === undefined) return "";
  const { interfaces, setAside, complete } = facts;
  const links = interfaces.map(({ name, prefixes }) => [name, prefixes.map(({ bits, length }) => `${bits}/${length}`)]);
  return JSON.stringify([links, setAside, complete]);
}
