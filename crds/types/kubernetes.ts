/** Slim shapes of the objects of Kubernetes itself that Herald reads: only the fields that it looks at. */

/** A Kubernetes API resource: where its objects live. `group` is empty for the core group. */
type Resource = { readonly group: string; readonly version: string; readonly plural: string; readonly kind: string };

function resource<const K extends string>(
  group: string,
  version: string,
  plural: string,
  kind: K,
): Resource & { readonly kind: K } {
  return { group, version, plural, kind };
}

const metallb = "metallb.io";

/** Every resource that Herald talks to the API server about. */
export const resourceTypes = {
  services: resource("", "v1", "services", "Service"),
  endpointslices: resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
  nodes: resource("", "v1", "nodes", "Node"),
  namespaces: resource("", "v1", "namespaces", "Namespace"),
  pods: resource("", "v1", "pods", "Pod"),
  secrets: resource("", "v1", "secrets", "Secret"),
  events: resource("", "v1", "events", "Event"),
  configmaps: resource("", "v1", "configmaps", "ConfigMap"),
  leases: resource("coordination.k8s.io", "v1", "leases", "Lease"),
  ipaddresspools: resource(metallb, "v1beta1", "ipaddresspools", "IPAddressPool"),
  l2advertisements: resource(metallb, "v1beta1", "l2advertisements", "L2Advertisement"),
  bgpadvertisements: resource(metallb, "v1beta1", "bgpadvertisements", "BGPAdvertisement"),
  bgppeers: resource(metallb, "v1beta2", "bgppeers", "BGPPeer"),
  bfdprofiles: resource(metallb, "v1beta1", "bfdprofiles", "BFDProfile"),
  communities: resource(metallb, "v1beta1", "communities", "Community"),
  servicel2statuses: resource(metallb, "v1beta1", "servicel2statuses", "ServiceL2Status"),
  servicebgpstatuses: resource(metallb, "v1beta1", "servicebgpstatuses", "ServiceBGPStatus"),
  configurationstates: resource(metallb, "v1beta1", "configurationstates", "ConfigurationState"),
  validatingwebhookconfigurations: resource(
    "admissionregistration.k8s.io",
    "v1",
    "validatingwebhookconfigurations",
    "ValidatingWebhookConfiguration",
  ),
  customresourcedefinitions: resource("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition"),
  tokenreviews: resource("authentication.k8s.io", "v1", "tokenreviews", "TokenReview"),
  subjectaccessreviews: resource("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview"),
} as const;

export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
};

export type ObjectMeta = {
  readonly name: string;
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  /** RFC 3339, whole seconds. */
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
};

/** What every object has; items of a list lack apiVersion and kind. */
export type ObjectBase = { readonly apiVersion?: string; readonly kind?: string; readonly metadata: ObjectMeta };

export type ConditionStatus = "True" | "False" | "Unknown";

/** meta/v1 Condition. */
export type Condition = {
  readonly type: string;
  readonly status: ConditionStatus;
  /** CamelCase word. */
  readonly reason: string;
  readonly message: string;
  /** RFC 3339, whole seconds. */
  readonly lastTransitionTime: string;
  /** `metadata.generation` that the condition speaks of. */
  readonly observedGeneration?: number;
};

/** meta/v1 LabelSelector. */
export type LabelSelector = {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
};

export type IPFamily = "IPv4" | "IPv6";

export type ServicePort = {
  readonly name?: string;
  /** TCP when absent. */
  readonly protocol?: "TCP" | "UDP" | "SCTP";
  readonly port: number;
};

export type LoadBalancerIngress = { readonly ip?: string; readonly hostname?: string; readonly ipMode?: string };

export type Service = ObjectBase & {
  readonly spec?: {
    readonly type?: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
    readonly loadBalancerClass?: string;
    readonly loadBalancerIP?: string;
    readonly clusterIP?: string;
    readonly clusterIPs?: readonly string[];
    readonly ipFamilies?: readonly IPFamily[];
    readonly ipFamilyPolicy?: "SingleStack" | "PreferDualStack" | "RequireDualStack";
    readonly externalTrafficPolicy?: "Cluster" | "Local";
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly ServicePort[];
  };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly LoadBalancerIngress[] };
    readonly conditions?: readonly Condition[];
  };
};

export type Endpoint = {
  readonly addresses?: readonly string[];
  readonly nodeName?: string;
  readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
};

export type EndpointSlice = ObjectBase & { readonly addressType?: string; readonly endpoints?: readonly Endpoint[] };

export type Node = ObjectBase & {
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
  };
};

export type Namespace = ObjectBase;

export type Pod = ObjectBase & {
  readonly spec?: {
    readonly nodeName?: string;
    readonly hostNetwork?: boolean;
    readonly containers?: readonly { readonly args?: readonly string[] }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly state?: { readonly running?: object } }[];
  };
};

export type Secret = ObjectBase & {
  readonly type?: string;
  /** Values in base64. */
  readonly data?: Readonly<Record<string, string>>;
};
