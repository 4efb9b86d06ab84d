import { setImmediate as turn } from "node:timers/promises";
import { formatCommunity } from "../../../crds/community.ts";
import { formatAddress } from "../../../crds/net/address.ts";
import { formatPrefix } from "../../../crds/net/prefix.ts";
import type { BgpAnnouncement } from "../../bgp/route.ts";
import { decideBgp } from "../../intent/bgp.ts";
import { bgpReasonText } from "../../intent/bgp-reason.ts";
import type { Context } from "../../intent/context.ts";
import { decide } from "../../intent/desired.ts";
import { type Evidence, evidenceFor } from "../../intent/evidence.ts";
import { reasonText, shortcomingText } from "../../intent/reason.ts";
import type { Mind } from "../mind/mind.ts";

/** Services in one answer, and decided on before others get their turn. */
const perPage = 500;
const perTurn = 16;

/**
 * What this node decides on Services, in the order of their keys, and why: plain data. Takes its time, so that
 * decisions that somebody waits for are not kept.
 * @param after the key after which to go on; empty: from the first. `next` of the answer, unless that was all.
 */
export async function decisionsPage(mind: Mind, after: string): Promise<object> {
  const context = mind.context();
  const keys = context === undefined ? [] : [...mind.cluster.serviceKeys()].filter((key) => key > after).sort();
  const page = keys.slice(0, perPage);
  const services: object[] = [];
  for (const key of page) {
    if (context !== undefined) services.push(decisionOn(mind, key, context));
    if (services.length % perTurn === 0) await turn();
  }
  return { deciding: context !== undefined, services, ...(keys.length > page.length && { next: page.at(-1) }) };
}

/** One decision with its reasons for every node: plain data. Undefined: there is no such Service, or nothing can be decided yet. */
export function explainedDecision(mind: Mind, key: string): object | undefined {
  const context = mind.context();
  const service = mind.cluster.service(key);
  if (context === undefined || service === undefined) return undefined;
  const evidence = evidenceFor(service, mind.cluster.endpoints(key), context);
  const { pool, ip, advertisements } = evidence;
  return { ...decisionOn(mind, key, context), pool, ip, advertisements, nodes: nodesOf(evidence, mind) };
}

/** One route of a Service: plain data. */
export function routeFact({ advertisement, prefix, peers, attributes }: BgpAnnouncement): object {
  const { localPref, asPathPrepend, communities, linkBandwidth } = attributes;
  return {
    prefix: formatPrefix(prefix),
    advertisement,
    peers,
    localPref,
    asPathPrepend,
    communities: communities.map(formatCommunity),
    ...(linkBandwidth !== undefined && { linkBandwidth }),
  };
}

/** Nothing is said of BGP where nothing is to be announced by it at all. */
function decisionOn(mind: Mind, key: string, context: Context): object {
  const layer2 = layer2Decision(mind, key, context);
  const speaksBgp = context.snapshot.pools.some(({ bgp }) => bgp.length > 0);
  return speaksBgp ? { ...layer2, bgp: bgpDecision(mind, key, context) } : layer2;
}

function bgpDecision({ cluster, bgp }: Mind, key: string, context: Context): object {
  const verdict = decideBgp(cluster.service(key), cluster.endpoints(key), context, bgp.of(key));
  if (verdict.type === "announce") return { announced: true, routes: verdict.announcements.map(routeFact) };
  const { reason } = verdict;
  return { announced: false, reason, why: bgpReasonText[reason] };
}

function layer2Decision({ cluster, announcements }: Mind, key: string, context: Context): object {
  const verdict = decide(cluster.service(key), cluster.endpoints(key), context, announcements.of(key));
  if (verdict.type === "silent") {
    const { reason, owner } = verdict;
    return { service: key, announced: false, reason, why: reasonText[reason], ...(owner !== undefined && { owner }) };
  }
  const { shortcoming } = verdict;
  const addresses = verdict.announcements.map(({ address, interfaces }) => ({ ip: formatAddress(address), interfaces }));
  const lack = shortcoming === undefined ? {} : { shortcoming, why: shortcomingText[shortcoming] };
  return { service: key, announced: true, addresses, ...lack };
}

/** Candidates in the order of the election, then the others by name, each with what is held of it. */
function nodesOf({ candidates, excluded }: Evidence, mind: Mind): readonly object[] {
  const members = mind.memberView()?.members;
  const wordsOf = (node: string): object => {
    const member = members?.get(node);
    return member === undefined ? {} : { member: member.reason };
  };
  return [
    ...candidates.map(({ node, score, hash }) => ({ node, candidate: true, score, hash: hexOf(hash), ...wordsOf(node) })),
    ...excluded.map(({ node, reason }) => ({ node, candidate: false, reason, why: reasonText[reason], ...wordsOf(node) })),
  ];
}

function hexOf(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}
