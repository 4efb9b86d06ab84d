/** Objects that tests apply. Herald's own live in its namespace, everything else in `default`. */
export const heraldNamespace = "metallb-system";

export type ServiceOptions = {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly app?: string;
  readonly families?: "SingleStack" | "PreferDualStack" | "RequireDualStack";
  readonly spec?: object;
};

export function pool(name: string, addresses: readonly string[], spec: object = {}): object {
  return herald("IPAddressPool", name, { addresses, ...spec });
}

export function l2Advertisement(name: string, pools: readonly string[], spec: object = {}): object {
  return herald("L2Advertisement", name, { ipAddressPools: pools, ...spec });
}

export function bgpAdvertisement(name: string, pools: readonly string[], spec: object = {}): object {
  return herald("BGPAdvertisement", name, { ipAddressPools: pools, ...spec });
}

export function bgpPeer(name: string, spec: object): object {
  return { ...herald("BGPPeer", name, spec), apiVersion: "metallb.io/v1beta2" };
}

export function bfdProfile(name: string, spec: object): object {
  return herald("BFDProfile", name, spec);
}

/** A Service of type LoadBalancer on port 80 for the pods of `app`. */
export function service(name: string, options: ServiceOptions = {}): object {
  const { annotations = {}, app = name, families = "PreferDualStack", spec = {} } = options;
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default", annotations },
    spec: {
      type: "LoadBalancer",
      ipFamilyPolicy: families,
      selector: { app },
      ports: [{ port: 80, targetPort: 8080 }],
      ...spec,
    },
  };
}

/** Pods that answer HTTP with `pod NAME node NODE client IP` in the lab, and with their name in kind. */
export function echoDeployment(app: string, replicas: number, spec: object = {}): object {
  const container = {
    name: "echo",
    image: "registry.k8s.io/e2e-test-images/agnhost:2.53",
    args: ["netexec", "--http-port=8080"],
    ports: [{ containerPort: 8080 }],
    readinessProbe: { httpGet: { path: "/hostname", port: 8080 }, periodSeconds: 1 },
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: app, namespace: "default" },
    spec: {
      replicas,
      selector: { matchLabels: { app } },
      template: {
        metadata: { labels: { app } },
        spec: { terminationGracePeriodSeconds: 1, containers: [container], ...spec },
      },
    },
  };
}

/** One document for `kubectl apply -f -`. */
export function listOf(objects: readonly object[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
}

function herald(kind: string, name: string, spec: object): object {
  return { apiVersion: "metallb.io/v1beta1", kind, metadata: { name, namespace: heraldNamespace }, spec };
}
