/** The part of a Service that announcements depend on. */
export type ServiceView = {
  /** `namespace/name`. */
  readonly key: string;
  readonly isLoadBalancer: boolean;
  /** spec.loadBalancerClass. */
  readonly loadBalancerClass?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly externalTrafficPolicy: "Cluster" | "Local";
  /** status.loadBalancer.ingress[].ip as written, hostname-only entries as empty text. */
  readonly ingress: readonly string[];
};

/** One endpoint of a Service, from its EndpointSlices. */
export type EndpointView = {
  readonly nodeName?: string;
  /** ready nil or true, or serving true. */
  readonly canServe: boolean;
  /** So many endpoints of the node that are alike; absent: one. */
  readonly count?: number;
};

/** The part of a Node that announcements depend on. */
export type NodeView = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Condition NetworkUnavailable is exactly True. */
  readonly networkUnavailable: boolean;
  /** Condition Ready is exactly True. */
  readonly ready: boolean;
};
