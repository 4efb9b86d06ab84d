/** Why a node does not announce a Service on layer 2. A closed list; MetalLB's words where it has one. */
export type Reason =
  | "serviceDeleted"
  | "notLoadBalancer"
  | "loadBalancerClassNotOurs"
  | "noIPAllocated"
  | "invalidIP"
  | "ipNotAllowed"
  | "noEndpoints"
  | "sharedIPWithServiceSelector"
  | "noMatchingAdvertisement"
  | "nodeNetworkUnavailable"
  | "nodeLabeledExcludeBalancers"
  | "noLocalEndpoints"
  | "objectSetAside"
  | "interfaceMissing"
  | "subnetNotReached"
  | "membershipUnknown"
  | "cutOff"
  | "notMember"
  | "foreignSpeaker"
  | "notOwner";

/** Why the Service's addresses are announced by no node, in no way. */
export type PlacementReason = Extract<
  Reason,
  "notLoadBalancer" | "loadBalancerClassNotOurs" | "noIPAllocated" | "invalidIP" | "ipNotAllowed"
>;

/** The reasons that speak of one node only: another node may announce all the same. */
export type NodeReason = Extract<
  Reason,
  | "noMatchingAdvertisement"
  | "nodeNetworkUnavailable"
  | "nodeLabeledExcludeBalancers"
  | "noLocalEndpoints"
  | "objectSetAside"
  | "interfaceMissing"
  | "subnetNotReached"
  | "notMember"
>;

/** What the reason means and what the user can do about it, as one sentence for logs, conditions and pages. */
export const reasonText: { readonly [reason in Reason]: string } = {
  serviceDeleted: "the Service is gone",
  notLoadBalancer: "the Service is not of type LoadBalancer",
  loadBalancerClassNotOurs: "spec.loadBalancerClass names another load balancer; compare it with the flag --lb-class",
  noIPAllocated: "no address is assigned yet; the Service's events say what allocation waits for",
  invalidIP: "status.loadBalancer.ingress holds an entry without a readable IP address",
  ipNotAllowed: "no single IPAddressPool holds all addresses of the Service; restore the pool or release the addresses",
  noEndpoints: "no endpoint of the Service is ready or serving; look at its Pods and selector",
  sharedIPWithServiceSelector:
    "the Service shares its address, and an L2Advertisement of the pool has serviceSelectors: remove one of the two",
  noMatchingAdvertisement: "no L2Advertisement of the pool selects this Service and this node",
  nodeNetworkUnavailable: "the node's condition NetworkUnavailable is True",
  nodeLabeledExcludeBalancers: "the node has the label node.kubernetes.io/exclude-from-external-load-balancers",
  noLocalEndpoints: "externalTrafficPolicy is Local, and the node has no endpoint that is ready or serving",
  objectSetAside: "the node has set the pool or the L2Advertisement aside and knows no valid version of it; mend the object",
  interfaceMissing: "the node has none of the interfaces that the L2Advertisements name, and another node has one",
  subnetNotReached: "no interface of the node lies in the address's subnet, and another node has one there",
  membershipUnknown: "the other speakers are not known yet",
  cutOff: "the node hears neither other speakers nor the segment, and takes nothing until it does",
  notMember: "the node's speaker does not count as alive",
  foreignSpeaker: "a speaker of MetalLB's still announces the address",
  notOwner: "another node was elected",
};

/** What is missing on every node that may own an address. One of them is elected all the same, as MetalLB does. */
export type Shortcoming = "noNodeHasInterface" | "noNodeReachesSubnet";

/** The same for people, with the way out. */
export const shortcomingText: { readonly [shortcoming in Shortcoming]: string } = {
  noNodeHasInterface:
    "no node that may announce has one of the interfaces that the L2Advertisements name, so nobody answers: compare spec.interfaces with the nodes",
  noNodeReachesSubnet:
    "no node that may announce has an interface in the address's subnet: only who asks for the address on a segment of the nodes, such as a router that is told to, gets an answer",
};
