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
  | "membershipUnknown"
  | "notMember"
  | "foreignSpeaker"
  | "notOwner";

/** The reasons that speak of one node only: another node may announce all the same. */
export type NodeReason = Extract<
  Reason,
  "noMatchingAdvertisement" | "nodeNetworkUnavailable" | "nodeLabeledExcludeBalancers" | "noLocalEndpoints" | "notMember"
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
  membershipUnknown: "the other speakers are not known yet",
  notMember: "the node's speaker does not count as alive",
  foreignSpeaker: "a speaker of MetalLB's still announces the address",
  notOwner: "another node was elected",
};
