/**
 * Every annotation, label, event reason and condition type that Herald reads or writes, once. There is no finalizer:
 * Herald never holds back a deletion.
 */

const current = "metallb.io";
const deprecated = "metallb.universe.tf";
const own = "herald-lb.io";

/** API group of the nine kinds. */
export const apiGroup = current;

/** Keys that begin with this are still read, and their use is reported by a `deprecatedAnnotation` event. */
export const deprecatedPrefix = deprecated;

/** Keys of Herald's own annotations begin with this. */
export const heraldPrefix = `${own}/`;

/** MetalLB's annotations on Services. */
export const annotations = {
  addressPool: `${current}/address-pool`,
  loadBalancerIPs: `${current}/loadBalancerIPs`,
  allowSharedIP: `${current}/allow-shared-ip`,
  /** Written by the operator: the pool that the addresses come from. */
  ipAllocatedFromPool: `${current}/ip-allocated-from-pool`,
} as const;

/** Herald's own annotations: what MetalLB's API has no field for. The comment names the kinds that carry them. */
export const heraldAnnotations = {
  /** Pod: set on Herald's own Pods, absent on MetalLB's, which may run beside them during an upgrade. */
  generation: `${own}/generation`,
  /** Node: announcements move away. IPAddressPool: no new addresses, existing ones stay. */
  drain: `${own}/drain`,
  /** IPAddressPool: a Go duration for which a released address is kept for the Service's name. */
  reserveFor: `${own}/reserve-for`,
  /** IPAddressPool: what to do when a foreign host answers for an address: report, defend or quarantine. */
  conflictPolicy: `${own}/conflict-policy`,
  /** BGPPeer: hops of TTL security (GTSM, RFC 5082). */
  ttlSecurity: `${own}/ttl-security`,
  /** BGPPeer: wait for the peer to connect. */
  passive: `${own}/passive`,
  /** BGPAdvertisement: attach the link-bandwidth community. */
  linkBandwidth: `${own}/link-bandwidth`,
  /** ValidatingWebhookConfiguration: `Fail` (the default) or `Ignore`, for all entries. */
  webhookFailurePolicy: `${own}/webhook-failure-policy`,
  /** ValidatingWebhookConfiguration: its entries still ignore failures, as no replica was seen in service yet. */
  webhookProvisional: `${own}/webhook-provisional`,
  /** Lease `herald-admission`: the pools that replicas have admitted and that are not seen stored yet. */
  admissionClaims: `${own}/admission-claims`,
} as const;

/** Whether a map of annotations says drain: the key is there and its value is not `false`, in whatever case and between blanks. */
export function isDraining(annotationsOfObject: Readonly<Record<string, string>> | undefined): boolean {
  const value = ownValue(annotationsOfObject, heraldAnnotations.drain);
  return value !== undefined && value.trim().toLowerCase() !== "false";
}

/** The user's annotations that also have a deprecated spelling. */
export type UserAnnotation = "address-pool" | "loadBalancerIPs" | "allow-shared-ip";

/**
 * Reads one of the user's annotations: `metallb.io/<name>`, or `metallb.universe.tf/<name>` only when the first is
 * absent. A present but empty current key hides the deprecated one.
 */
export function annotationOf(of: Readonly<Record<string, string>> | undefined, name: UserAnnotation): string | undefined {
  return ownValue(of, `${current}/${name}`) ?? ownValue(of, `${deprecated}/${name}`);
}

/** The annotation keys with MetalLB's old prefix, sorted. */
export function deprecatedKeys(of: Readonly<Record<string, string>> | undefined): readonly string[] {
  return Object.keys(of ?? {})
    .filter((key) => key.startsWith(deprecated))
    .sort();
}

function ownValue(of: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return of !== undefined && Object.hasOwn(of, key) ? of[key] : undefined;
}

export const labels = {
  /** On ServiceL2Status and ServiceBGPStatus. */
  node: `${current}/node`,
  serviceName: `${current}/service-name`,
  serviceNamespace: `${current}/service-namespace`,
  /** On ConfigurationState: `controller` or `speaker`. */
  componentType: `${current}/component-type`,
  /** On a speaker's ConfigurationState. */
  nodeName: `${current}/node-name`,
  /** Kubernetes: a Node with this label is left out when the speaker honours it. */
  excludeFromExternalLoadBalancers: "node.kubernetes.io/exclude-from-external-load-balancers",
  /** Kubernetes: the Service of an EndpointSlice. */
  serviceOfEndpointSlice: "kubernetes.io/service-name",
  /** Kubernetes: on EndpointSlices of Services that have no cluster IP. */
  headless: "service.kubernetes.io/headless",
} as const;

/** Source component of events. */
export const eventComponents = { operator: "metallb-controller", speaker: "metallb-speaker" } as const;

/** MetalLB's event reasons on Services. One of them has blanks indeed. */
export const eventReasons = {
  ipAllocated: "IPAllocated",
  allocationFailed: "AllocationFailed",
  clearAssignment: "ClearAssignment",
  loadBalancerFailed: "LoadBalancerFailed",
  additionalAssignFailed: "AdditionalAssignFailed",
  notEnoughClusterIPs: "not enough clusterips",
  noLoadBalancerIPFamily: "nolbIPsIPFamily",
  noClusterIPFamily: "noclusterIPsIPFamily",
  deprecatedAnnotation: "deprecatedAnnotation",
  internalError: "InternalError",
  nodeAssigned: "nodeAssigned",
  announceFailed: "announceFailed",
} as const;

/** Herald's own event reasons on Services. */
export const heraldEventReasons = {
  /** The operator's: no node announces the Service, and some node does after that was told. */
  notAnnounced: "NotAnnounced",
  announced: "Announced",
  /** The owner's: what it and all others lack to be asked for the addresses. */
  subnetNotReached: "SubnetNotReached",
  interfaceMissing: "InterfaceMissing",
  /** Another machine claims an address of the Service, or does no more. */
  addressConflict: "AddressConflict",
  addressConflictOver: "AddressConflictOver",
} as const;

/** Condition types on the six kinds that users write. Never Ready, Reconciling or Stalled: kstatus would wait for them. */
export const conditionTypes = {
  /** The object's present generation is valid and in force. */
  accepted: "Accepted",
  /** Everything that the object names exists. */
  referenced: "Referenced",
  /** Something uses the object. */
  inUse: "InUse",
  /** BGPPeer: how many nodes have a session. */
  sessionsUp: "SessionsUp",
} as const;

/**
 * Condition types on Services, where others write conditions too. Each appears when something is wrong and turns True when
 * it is mended: a Service without them is in order.
 */
export const serviceConditions = {
  /** The Service has the addresses that it asks for. */
  allocated: `${own}/Allocated`,
  /** Some node announces its addresses. */
  announced: `${own}/Announced`,
} as const;

/** Condition types, reasons and field managers on ConfigurationState, as MetalLB writes them. */
export const configurationState = {
  operatorName: "controller",
  operatorCondition: "poolReconcilerValid",
  operatorFieldManager: "poolReconciler",
  speakerCondition: "configReconcilerValid",
  speakerFieldManager: "configReconciler",
  reasonValid: "Reconciled",
  reasonInvalid: "ConfigurationError",
  /** Beside MetalLB's: its old ConfigMap is there and is ignored. */
  legacyCondition: "legacyConfigurationFound",
  reasonLegacy: "Ignored",
  /** Of a speaker, while what it knows of the others is not as it should be. */
  membershipCondition: "membershipDegraded",
  reasonMembership: "Degraded",
  /** Of a speaker, one for each BGPPeer that its node is to have a session with: whether it is up. */
  sessionConditionPrefix: `bgp-session.${own}/`,
  /** Of a speaker, while it announces addresses that all nodes lack something for. */
  unreachableCondition: "addressesUnreachable",
  reasonUnknown: "UnknownError",
  /** Before the text of each error. */
  errorPrefix: "configuration error: ",
} as const;
