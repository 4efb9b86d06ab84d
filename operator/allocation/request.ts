import { type Address, parseAddress } from "../../crds/net/address.ts";
import { parsePoolEntry } from "../../crds/net/range.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { annotationOf } from "../../crds/types/well-known.ts";
import { type Families, familiesOf, type Preference } from "./families.ts";
import { quote } from "./quotation.ts";
import type { Reason } from "./reason.ts";
import type { Scoped } from "./scope.ts";
import type { Terms } from "./sharing.ts";

/** What a Service asks for, read from its spec and annotations alone. */
export type Request = Terms &
  Scoped &
  Preference & {
    /** `namespace/name`. */
    readonly service: string;
    /** Whether it names a load balancer class. */
    readonly hasClass: boolean;
    readonly clusterIPs: readonly string[];
    /** Family of the cluster IPs; undefined when they do not tell. */
    readonly families: Families | undefined;
    readonly wish: Wish;
  };

/** Which addresses a Service wants. */
export type Wish =
  | { readonly kind: "any" }
  | { readonly kind: "pool"; readonly pool: string }
  | { readonly kind: "addresses"; readonly addresses: readonly Address[]; readonly pool: string | undefined }
  | { readonly kind: "invalid"; readonly reason: Reason };

/** `namespace/name`: how the allocator calls a Service. */
export function serviceKey(service: Service): string {
  return `${service.metadata.namespace ?? ""}/${service.metadata.name}`;
}

/** Total: whatever the Service holds, the answer is a Request; what is wrong with it is in `wish` and `families`. */
export function requestOf(service: Service): Request {
  const spec = service.spec ?? {};
  const clusterIPs = clusterIPsOf(service);
  return {
    service: serviceKey(service),
    namespace: service.metadata.namespace ?? "",
    labels: service.metadata.labels ?? {},
    hasClass: (spec.loadBalancerClass ?? "") !== "",
    clusterIPs,
    families: familiesOfTexts(clusterIPs),
    requireDual: spec.ipFamilyPolicy === "RequireDualStack",
    primary: spec.ipFamilies?.[0] === "IPv6" ? "IPv6" : "IPv4",
    wish: wishOf(service),
    sharingKey: annotationOf(service.metadata.annotations, "allow-shared-ip") ?? "",
    backendKey: backendKeyOf(service),
    ports: portsOf(service),
  };
}

function familiesOfTexts(texts: readonly string[]): Families | undefined {
  const addresses = texts.map(parseAddress).filter((address) => address !== undefined);
  return addresses.length === texts.length ? familiesOf(addresses) : undefined;
}

function clusterIPsOf({ spec }: Service): readonly string[] {
  if (spec?.clusterIPs !== undefined && spec.clusterIPs.length > 0) return spec.clusterIPs;
  return spec?.clusterIP === undefined || spec.clusterIP === "" ? [] : [spec.clusterIP];
}

function wishOf(service: Service): Wish {
  const pool = annotationOf(service.metadata.annotations, "address-pool") || undefined;
  const annotation = annotationOf(service.metadata.annotations, "loadBalancerIPs") ?? "";
  const loadBalancerIP = service.spec?.loadBalancerIP ?? "";
  if (annotation !== "" && loadBalancerIP !== "") {
    return { kind: "invalid", reason: { code: "TwoRequests", annotation, loadBalancerIP } };
  }
  if (annotation !== "") return addressesOf(annotation, annotation.split(","), pool);
  if (loadBalancerIP !== "") return addressesOf(loadBalancerIP, [loadBalancerIP], pool);
  return pool === undefined ? { kind: "any" } : { kind: "pool", pool };
}

function addressesOf(text: string, parts: readonly string[], pool: string | undefined): Wish {
  const addresses: Address[] = [];
  for (const part of parts) {
    const address = parseAddress(part.trim());
    if (address === undefined) return invalid(text, whyNoAddress(part.trim()));
    addresses.push(address);
  }
  if (familiesOf(addresses) === undefined)
    return invalid(text, "one address, or one IPv4 and one IPv6 address, can be requested");
  return { kind: "addresses", addresses, pool };
}

/** What stands where one address is expected, and the way out where it is plain. */
function whyNoAddress(text: string): string {
  if (text === "") return "an address is missing";
  const said = `${quote(text)} is not an IP address`;
  if (text.includes("%")) return `${said}: remove the zone`;
  const parts = text.split(/[\s,;]+/);
  if (parts.length > 1 && parts.every((part) => parseAddress(part) !== undefined))
    return `${said}: write two addresses in the annotation metallb.io/loadBalancerIPs, with a comma between them`;
  return parsePoolEntry(text).ok ? `${said}: write one address, without prefix length and without range` : said;
}

function invalid(text: string, why: string): Wish {
  return { kind: "invalid", reason: { code: "RequestInvalid", text, why } };
}

/**
 * Under externalTrafficPolicy Local only nodes with a pod of the Service take traffic, so Services can share an address
 * only when they select the same pods; under Cluster every node takes it.
 */
function backendKeyOf({ spec }: Service): string {
  if (spec?.externalTrafficPolicy !== "Local") return "";
  return Object.entries(spec.selector ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(",");
}

function portsOf({ spec }: Service): readonly string[] {
  const ports = (spec?.ports ?? []).map(({ protocol, port }) => `${protocol ?? "TCP"}/${port}`);
  return [...new Set(ports)].sort();
}
