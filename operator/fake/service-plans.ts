import fc from "fast-check";
import type { Service } from "../../crds/types/kubernetes.ts";

type Texts = Readonly<Record<string, string>>;
type Spec = NonNullable<Service["spec"]>;

/** Every Service that there may be, as `namespace/name`. */
export const serviceKeys = ["default/a", "default/b", "default/c", "default/d", "team/e", "team/f"] as const;

const none: readonly Texts[] = Array.from({ length: 12 }, () => ({}));
const wish = fc.constantFrom<Texts>(
  ...none,
  { "metallb.io/address-pool": "p" },
  { "metallb.io/address-pool": "q" },
  { "metallb.universe.tf/address-pool": "q" },
  { "metallb.io/address-pool": "", "metallb.universe.tf/address-pool": "q" },
  { "metallb.io/loadBalancerIPs": "10.0.0.1" },
  { "metallb.io/loadBalancerIPs": "10.0.0.2, fd00::1" },
  { "metallb.universe.tf/loadBalancerIPs": "fd01::1" },
  { "metallb.io/loadBalancerIPs": "10.1.0.1", "metallb.io/address-pool": "q" },
  { "metallb.io/loadBalancerIPs": "nonsense" },
);

const sharing = fc.constantFrom<Texts>(
  {},
  {},
  { "metallb.io/allow-shared-ip": "k" },
  { "metallb.io/allow-shared-ip": "k" },
  { "metallb.io/allow-shared-ip": "m" },
  { "metallb.universe.tf/allow-shared-ip": "k" },
);

const one = { clusterIPs: ["10.96.0.1"], ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" } as const;
const two = { clusterIPs: ["10.96.0.1", "fd00:96::1"], ipFamilies: ["IPv4", "IPv6"] } as const;

const stack = fc.constantFrom<Spec>(
  one,
  one,
  one,
  one,
  { clusterIPs: ["fd00:96::1"], ipFamilies: ["IPv6"], ipFamilyPolicy: "SingleStack" },
  { ...two, ipFamilyPolicy: "PreferDualStack" },
  { ...two, ipFamilies: ["IPv6", "IPv4"], ipFamilyPolicy: "PreferDualStack" },
  { ...two, ipFamilyPolicy: "RequireDualStack" },
  { clusterIPs: ["None"] },
  { ...one, loadBalancerIP: "10.0.0.3" },
);

const policy = fc.constantFrom<Spec>(
  { selector: { app: "x" } },
  { selector: { app: "x" }, externalTrafficPolicy: "Local" },
  { selector: { app: "y" }, externalTrafficPolicy: "Local" },
);

const ofClass = fc.constantFrom<Spec>(
  {},
  {},
  {},
  {},
  {},
  {},
  { loadBalancerClass: "metallb.io/lb" },
  { loadBalancerClass: "other" },
);

/** A load balancer as its user writes it. */
export const asking: fc.Arbitrary<Service> = fc
  .record({
    key: fc.constantFrom(...serviceKeys),
    wish,
    sharing,
    stack,
    policy,
    ofClass,
    port: fc.constantFrom(80, 443, 8443),
    labels: fc.constantFrom<Texts>({}, { tier: "gold" }),
  })
  .map(({ key, wish, sharing, stack, policy, ofClass, port, labels }) => ({
    metadata: { ...nameOf(key), annotations: { ...wish, ...sharing }, labels },
    spec: { type: "LoadBalancer", ...stack, ...policy, ...ofClass, ports: [{ port }] },
  }));

/** `namespace/name` as the key of an object. */
export function nameOf(key: string): { readonly namespace: string; readonly name: string } {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, name };
}
