import { annotations } from "../../../crds/types/well-known.ts";
import type { Dice } from "../dice.ts";
import { labelsOf, serviceLabels } from "../manifest/selector.ts";
import type { Item } from "./history.ts";

export const namespaces = ["team-a", "team-b", "default"] as const;

/** Pools of histories: pool `index` has IPv4 addresses of 10.40.index.0/24 and IPv6 addresses of fd00:40:index::/64. */
export const poolNames: readonly string[] = ["pool-0", "pool-1", "pool-2", "pool-3"];

type Spec = Readonly<Record<string, unknown>>;
type Annotations = Readonly<Record<string, string>>;

export function serviceItem(dice: Dice, name: string): Item {
  const families = dice.weighted<Spec>([
    [4, { ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv4"] }],
    [1, { ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv6"] }],
    [3, { ipFamilyPolicy: "PreferDualStack" }],
    [1, { ipFamilyPolicy: "PreferDualStack", ipFamilies: ["IPv6", "IPv4"] }],
    [1, { ipFamilyPolicy: "RequireDualStack" }],
  ]);
  const spec = {
    type: "LoadBalancer",
    allocateLoadBalancerNodePorts: false,
    externalTrafficPolicy: dice.chance(0.25) ? "Local" : "Cluster",
    selector: { app: dice.pick(["web", "db"]) },
    ports: portsOf(dice),
    ...families,
    ...dice.maybe(0.06, () => ({ loadBalancerClass: "example.com/other" })),
    ...dice.maybe(0.08, () => ({ loadBalancerIP: addressOf(dice) })),
  };
  const wishes = { ...dice.maybe(0.35, () => request(dice)), ...dice.maybe(0.35, () => sharing(dice)) };
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: dice.pick(namespaces), labels: labelsOf(dice, serviceLabels), annotations: wishes },
    spec,
  };
}

type Change = readonly [weight: number, what: string, apply: (item: Item, dice: Dice) => Item];

const changes: readonly Change[] = [
  [
    4,
    "asks for something else",
    (item, dice) => annotated(item, { ...without(item, "loadBalancerIPs", "address-pool"), ...request(dice) }),
  ],
  [2, "asks for nothing any more", (item) => annotated(item, without(item, "loadBalancerIPs", "address-pool"))],
  [2, "changes its sharing key", (item, dice) => annotated(item, { ...without(item, "allow-shared-ip"), ...sharing(dice) })],
  [1, "shares no more", (item) => annotated(item, without(item, "allow-shared-ip"))],
  [2, "changes its ports", (item, dice) => respecified(item, { ports: portsOf(dice) })],
  [2, "changes its traffic policy", (item) => respecified(item, { externalTrafficPolicy: item.spec?.["externalTrafficPolicy"] === "Local" ? "Cluster" : "Local" })], // biome-ignore format: a table
  [1, "changes its selector", (item, dice) => respecified(item, { selector: { app: dice.pick(["web", "db", "cache"]) } })],
  [2, "changes its labels", (item, dice) => ({ ...item, metadata: { ...item.metadata, labels: labelsOf(dice, serviceLabels) } })],
  [2, "changes its family policy", (item, dice) => respecified(item, { ipFamilyPolicy: dice.pick(["SingleStack", "PreferDualStack", "RequireDualStack"]) })], // biome-ignore format: a table
  [
    1,
    "changes spec.loadBalancerIP",
    (item, dice) => respecified(item, { loadBalancerIP: dice.chance(0.4) ? undefined : addressOf(dice) }),
  ],
];

/** A change to a Service that is or was of type LoadBalancer; the API server may refuse it. */
export function changedService(item: Item, dice: Dice): { readonly item: Item; readonly what: string } {
  if (item.spec?.["type"] !== "LoadBalancer" || dice.chance(0.08)) return retyped(item);
  const [, what, apply] = dice.weighted(changes.map((change) => [change[0], change] as const));
  return { item: apply(item, dice), what };
}

/** Away from LoadBalancer, or back: the fields that only this type has go and come with it. */
function retyped(item: Item): { readonly item: Item; readonly what: string } {
  const {
    externalTrafficPolicy: _,
    allocateLoadBalancerNodePorts: __,
    loadBalancerClass: ___,
    loadBalancerIP: ____,
    ...rest
  } = item.spec ?? {};
  if (rest["type"] === "LoadBalancer")
    return { item: { ...item, spec: { ...rest, type: "ClusterIP" } }, what: "becomes ClusterIP" };
  const spec = { ...rest, type: "LoadBalancer", allocateLoadBalancerNodePorts: false, externalTrafficPolicy: "Cluster" };
  return { item: { ...item, spec }, what: "becomes LoadBalancer" };
}

function annotated(item: Item, wanted: Annotations): Item {
  return { ...item, metadata: { ...item.metadata, annotations: wanted } };
}

function respecified(item: Item, changes: Spec): Item {
  const spec = Object.fromEntries(Object.entries({ ...item.spec, ...changes }).filter(([, value]) => value !== undefined));
  return { ...item, spec };
}

/** The annotations without these, in either spelling. */
function without({ metadata }: Item, ...names: readonly string[]): Annotations {
  const kept = Object.entries(metadata.annotations ?? {}).filter(([key]) => !names.includes(key.slice(key.indexOf("/") + 1)));
  return Object.fromEntries(kept);
}

/** Now and then under the deprecated prefix. */
function annotation(dice: Dice, name: "addressPool" | "loadBalancerIPs" | "allowSharedIP", value: string): Annotations {
  const key: string = annotations[name];
  return { [dice.chance(0.1) ? key.replace("metallb.io/", "metallb.universe.tf/") : key]: value };
}

function request(dice: Dice): Annotations {
  return dice.weighted<() => Annotations>([
    [5, () => annotation(dice, "addressPool", dice.pick(poolNames))],
    [1, () => annotation(dice, "addressPool", "no-such-pool")],
    [5, () => annotation(dice, "loadBalancerIPs", addressOf(dice))],
    [3, () => annotation(dice, "loadBalancerIPs", pairOf(dice))],
    [1, () => annotation(dice, "loadBalancerIPs", dice.pick(["nonsense", "10.40.0.1,10.40.0.2", "10.99.99.99", ","]))],
    [
      1,
      () => ({
        ...annotation(dice, "loadBalancerIPs", addressOf(dice)),
        ...annotation(dice, "addressPool", dice.pick(poolNames)),
      }),
    ],
  ])();
}

function sharing(dice: Dice): Annotations {
  return annotation(dice, "allowSharedIP", dice.weighted([[5, "key-1"], [2, "key-2"], [1, ""]])); // biome-ignore format: a table
}

/** An address that some pool may have. */
function addressOf(dice: Dice): string {
  const pool = dice.int(0, 2);
  return dice.chance(0.75) ? `10.40.${pool}.${dice.int(0, 4)}` : `fd00:40:${pool}::${dice.int(1, 4)}`;
}

function pairOf(dice: Dice): string {
  const pool = dice.int(0, 2);
  const pair = [`10.40.${pool}.${dice.int(0, 4)}`, `fd00:40:${dice.chance(0.9) ? pool : 3}::${dice.int(1, 4)}`];
  return (dice.chance(0.3) ? pair.reverse() : pair).join(dice.pick([",", ", "]));
}

function portsOf(dice: Dice): readonly object[] {
  const ports = dice.some(
    [
      { name: "http", port: 80, protocol: "TCP" },
      { name: "https", port: 443, protocol: "TCP" },
      { name: "dns", port: 53, protocol: "UDP" },
      { name: "quic", port: 443, protocol: "UDP" },
    ],
    1,
    2,
  );
  return ports.map((port) => ({ ...port, targetPort: 8080 }));
}
