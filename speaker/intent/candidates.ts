import { compareText } from "../../crds/config/seniority.ts";
import type { L2Advertisement } from "../../crds/config/snapshot.ts";
import type { MemberFacts } from "../codec/membership-facts.ts";
import type { Members } from "../membership/members.ts";
import { objectKey } from "../membership/own-facts.ts";
import type { Announceable } from "./announceable.ts";
import type { ClusterContext } from "./context.ts";
import { candidatesAmong, exclusionOf } from "./eligibility.ts";
import type { Candidate } from "./l2-election.ts";
import { type Answer, hasInterface, reachOf } from "./reach.ts";
import type { NodeReason, Shortcoming } from "./reason.ts";

/** A node that may own the Service's addresses, and does not because others can do more. */
export type PassedOver = { readonly node: string; readonly reason: NodeReason };

/** Who of our members is elected among. */
export type Candidacy = {
  /** The Service as members understand it alike: an advertisement that one of them cannot read is left out, where another will do. */
  readonly subject: Announceable;
  readonly candidates: readonly Candidate[];
  readonly passedOver: readonly PassedOver[];
  /** All candidates are known to lack it. */
  readonly shortcoming: Shortcoming | undefined;
};

/**
 * The members that may own the Service's addresses: where some have an interface that the advertisements name, those; where some of
 * these reach the subnet of the first address, those. Where nobody does, all, as MetalLB. Of a node that did not say, the best is
 * assumed. Asks for the first address alone, like the election: what shares it elects alike.
 */
export function candidacyFor(subject: Announceable, context: ClusterContext): Candidacy {
  const understood = understoodByMost(subject, context);
  const candidates = candidatesAmong(ableMembers(understood, context), understood, context);
  const { facts } = context.members;
  const [first] = understood.addresses;
  if (facts.size === 0 || first === undefined) return { subject: understood, candidates, passedOver: [], shortcoming: undefined };
  const withInterface = narrowed(candidates, (node) => hasInterface(node, understood, facts), "interfaceMissing");
  const inSubnet = narrowed(withInterface.candidates, reachOf(first, understood, facts), "subnetNotReached");
  const shortcoming = withInterface.allLack ? "noNodeHasInterface" : inSubnet.allLack ? "noNodeReachesSubnet" : undefined;
  const passedOver = [...withInterface.passedOver, ...inSubnet.passedOver];
  return { subject: understood, candidates: inSubnet.candidates, passedOver, shortcoming };
}

/** Why one of our members may not own the Service's addresses, whoever else may; undefined: it may. */
export function memberExclusionOf(node: string, subject: Announceable, context: ClusterContext): NodeReason | undefined {
  const exclusion = exclusionOf(node, subject, context);
  if (exclusion !== undefined) return exclusion;
  return cannotRead(node, subject, context.members.facts.get(node)) ? "objectSetAside" : undefined;
}

/** Without the pool, or without any advertisement that lists it, the node has nothing to announce by. */
function cannotRead(node: string, { pool, advertisements }: Announceable, facts: MemberFacts | undefined): boolean {
  if (facts === undefined || facts.setAside.length === 0) return false;
  if (facts.setAside.includes(objectKey("IPAddressPool", pool.name))) return true;
  return advertisements.every(
    ({ name, nodes }) => !nodes.has(node) || facts.setAside.includes(objectKey("L2Advertisement", name)),
  );
}

function* ableMembers(subject: Announceable, { members: { alive, facts } }: ClusterContext): IterableIterator<string> {
  for (const node of alive) if (!cannotRead(node, subject, facts.get(node))) yield node;
}

/**
 * Whoever cannot read an advertisement elects without it. So do all others, as long as somebody may then own the addresses: two
 * nodes that elect from different advertisements could both announce. Where nobody may, those who can read least elect nobody
 * by themselves, and what they cannot read binds the others no longer.
 */
function understoodByMost(subject: Announceable, context: ClusterContext): Announceable {
  const unread = unreadBy(subject, context.members);
  for (let most = 0; most < unread.length; most++) {
    const unreadBySome = new Set(unread.slice(most).flat());
    const advertisements = subject.advertisements.filter((each) => !unreadBySome.has(each));
    const understood = { ...subject, advertisements };
    if (candidatesAmong(ableMembers(understood, context), understood, context).length > 0) return understood;
  }
  return subject;
}

/** Which of the Service's advertisements members cannot read: each different set once, the largest first. */
function unreadBy({ advertisements }: Announceable, members: Members): readonly (readonly L2Advertisement[])[] {
  const bySet = new Map<string, readonly L2Advertisement[]>();
  for (const setAside of setAsideByMembers(members)) {
    const unread = advertisements.filter(({ name }) => setAside.has(objectKey("L2Advertisement", name)));
    if (unread.length > 0) bySet.set(unread.map(({ name }) => name).join(" "), unread);
  }
  return [...bySet]
    .toSorted(([a, { length: ofA }], [b, { length: ofB }]) => ofB - ofA || compareText(a, b))
    .map(([, unread]) => unread);
}

const setAsideOf = new WeakMap<Members, readonly ReadonlySet<string>[]>();

/** What members cannot read, of those that lack something; found once for all Services. */
function setAsideByMembers(members: Members): readonly ReadonlySet<string>[] {
  const known = setAsideOf.get(members);
  if (known !== undefined) return known;
  const lists = [...members.alive].map((node) => members.facts.get(node)?.setAside ?? []);
  const sets = lists.filter(({ length }) => length > 0).map((list) => new Set(list));
  setAsideOf.set(members, sets);
  return sets;
}

type Narrowed = {
  readonly candidates: readonly Candidate[];
  readonly passedOver: readonly PassedOver[];
  readonly allLack: boolean;
};

/** Without those that say no, where one says yes. */
function narrowed(candidates: readonly Candidate[], ask: (node: string) => Answer, reason: NodeReason): Narrowed {
  const answers = candidates.map(({ node }) => ask(node));
  if (!answers.includes(true)) {
    return { candidates, passedOver: [], allLack: answers.length > 0 && answers.every((answer) => answer === false) };
  }
  if (!answers.includes(false)) return { candidates, passedOver: [], allLack: false };
  return {
    candidates: candidates.filter((_, i) => answers[i] !== false),
    passedOver: candidates.flatMap(({ node }, i) => (answers[i] === false ? [{ node, reason }] : [])),
    allLack: false,
  };
}
