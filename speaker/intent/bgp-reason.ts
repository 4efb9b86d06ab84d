import { type PlacementReason, reasonText } from "./reason.ts";

/** Why a node does not announce a Service by BGP. A closed list; MetalLB's words where it has one. */
export type BgpReason =
  | PlacementReason
  | "serviceDeleted"
  | "notOwner"
  | "noMatchingAdvertisement"
  | "conflictingAdvertisements"
  | "nodeNetworkUnavailable"
  | "nodeLabeledExcludeBalancers"
  | "noLocalEndpoints"
  | "noEndpoints"
  | "advertisementNotReady"
  | "nodeDrained"
  | "foreignSpeaker";

const { serviceDeleted, notLoadBalancer, loadBalancerClassNotOurs, noIPAllocated, invalidIP, ipNotAllowed } = reasonText;
const { nodeNetworkUnavailable, nodeLabeledExcludeBalancers, noLocalEndpoints, noEndpoints } = reasonText;

/** What the reason means and what the user can do about it, as one sentence for logs and pages. */
export const bgpReasonText: { readonly [reason in BgpReason]: string } = {
  serviceDeleted,
  notLoadBalancer,
  loadBalancerClassNotOurs,
  noIPAllocated,
  invalidIP,
  ipNotAllowed,
  nodeNetworkUnavailable,
  nodeLabeledExcludeBalancers,
  noLocalEndpoints,
  noEndpoints,
  notOwner: "no BGPAdvertisement of the pool selects this node",
  noMatchingAdvertisement: "no BGPAdvertisement of the pool that selects this node also selects the Service",
  conflictingAdvertisements:
    "two BGPAdvertisements announce one prefix of the Service to one peer with two values of localPref: give both one",
  advertisementNotReady: "the BGPAdvertisements name communities that are not known: create the Community, or write its value",
  nodeDrained: "the node has the annotation herald-lb.io/drain",
  foreignSpeaker: "a speaker of MetalLB's runs on the node and announces the Service",
};
