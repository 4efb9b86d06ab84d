import { labels } from "../../crds/types/well-known.ts";
import { bgpReasonText } from "../../speaker/intent/bgp-reason.ts";
import { type NodeReason, reasonText } from "../../speaker/intent/reason.ts";
import type { ExcludedNodes, Obstacle, Obstacles } from "./obstacle.ts";

/** Of all nodes together; the rest is a number. */
const namedNodes = 10;

/** Which addresses no node announces, everything that is in the way, and the way out. */
export function describeObstacles({ ips, obstacles }: Obstacles): string {
  return `no node announces ${shortList(ips)}: ${obstacles.map(describe).join("; ")}`;
}

function describe(obstacle: Obstacle): string {
  switch (obstacle.code) {
    case "AddressUnreadable":
      return reasonText.invalidIP;
    case "AddressInNoPool":
      return reasonText.ipNotAllowed;
    case "NoEndpoints":
      return reasonText.noEndpoints;
    case "NoAdvertisement":
      return (
        `no advertisement selects pool "${obstacle.pool}": add an L2Advertisement that names it in spec.ipAddressPools, ` +
        "or one that names no pool and so takes them all"
      );
    case "OnlyBGPAdvertisements":
      return (
        `only BGPAdvertisements (${quoted(obstacle.advertisements)}) select pool "${obstacle.pool}", ` +
        `and no node announces by BGP: ${bgpReasonText[obstacle.reason]}`
      );
    case "ServiceNotSelected":
      return (
        `the L2Advertisements of pool "${obstacle.pool}" (${quoted(obstacle.advertisements)}) have serviceSelectors, ` +
        "and none matches the Service's labels"
      );
    case "SharedAddress":
      return reasonText.sharedIPWithServiceSelector;
    case "NoNodeSelected":
      return `${advertisementsText(obstacle.advertisements)} no node: compare nodeSelectors with the nodes' labels`;
    case "NoEligibleNode":
      return `no node may announce: ${nodesText(obstacle.excluded, obstacle.advertisements)}`;
  }
}

function nodesText(excluded: readonly ExcludedNodes[], advertisements: readonly string[]): string {
  if (excluded.length === 0) return "there is no node";
  let left = namedNodes;
  const texts = excluded.map(({ reason, nodes }) => {
    const named = nodes.slice(0, left);
    left -= named.length;
    return `${countedText(named, nodes.length)}: ${nodeText(reason, advertisements)}`;
  });
  return texts.join("; ");
}

function countedText(named: readonly string[], count: number): string {
  const noun = count === 1 ? "node" : "nodes";
  if (named.length === 0) return `${count} ${noun}`;
  const more = count === named.length ? "" : ` and ${count - named.length} more`;
  return `${noun} ${named.join(", ")}${more}`;
}

function nodeText(reason: NodeReason, advertisements: readonly string[]): string {
  switch (reason) {
    case "notMember":
      return "no speaker that is ready runs there";
    case "noLocalEndpoints":
      return "no endpoint there is ready or serving, and externalTrafficPolicy is Local";
    case "nodeLabeledExcludeBalancers":
      return `label ${labels.excludeFromExternalLoadBalancers}`;
    case "nodeNetworkUnavailable":
      return "condition NetworkUnavailable is True";
    case "objectSetAside":
    case "interfaceMissing":
    case "subnetNotReached":
      return reasonText[reason];
    case "noMatchingAdvertisement":
      return `not selected by L2Advertisement ${quoted(advertisements)}`;
  }
}

function advertisementsText(names: readonly string[]): string {
  return names.length === 1 ? `L2Advertisement ${quoted(names)} selects` : `L2Advertisements ${quoted(names)} select`;
}

function quoted(names: readonly string[]): string {
  return shortList(names.map((name) => `"${name}"`));
}

function shortList(texts: readonly string[]): string {
  return texts.length <= 10 ? texts.join(", ") : `${texts.slice(0, 10).join(", ")} and ${texts.length - 10} more`;
}
