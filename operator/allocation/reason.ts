import { type Address, type Family, formatAddress } from "../../crds/net/address.ts";
import type { Clash } from "./sharing.ts";

/** What a Service's cluster IPs ask for. */
export type Families = Family | "dual";

/** How a pool stands in one family when it had nothing to give. `size` 0: it has no addresses of that family. */
export type Stock = { readonly family: Family; readonly size: bigint; readonly isFull: boolean };

/** A pool that was asked in vain. */
export type TriedPool = { readonly name: string; readonly stock: readonly Stock[] };

/** Why a Service has no address, lost one, or cannot have the one it asks for. A closed list, each with its evidence. */
export type Reason =
  | { readonly code: "NotLoadBalancer" }
  | { readonly code: "ClusterIPFamilyUnknown"; readonly clusterIPs: readonly string[] }
  | { readonly code: "NotEnoughClusterIPs"; readonly clusterIPs: readonly string[] }
  | { readonly code: "StatusFamilyUnknown"; readonly published: readonly string[] }
  | { readonly code: "TwoRequests"; readonly annotation: string; readonly loadBalancerIP: string }
  | { readonly code: "RequestInvalid"; readonly text: string; readonly why: string }
  | { readonly code: "FamilyMismatch"; readonly requested: Families; readonly service: Families }
  | { readonly code: "FamilyNotAsked"; readonly address: Address }
  | { readonly code: "NoPools" }
  | { readonly code: "NoAvailableIPs"; readonly families: Families; readonly tried: readonly TriedPool[] }
  | { readonly code: "PoolExhausted"; readonly pool: TriedPool; readonly families: Families }
  | { readonly code: "PoolUnknown"; readonly pool: string }
  | { readonly code: "PoolSetAside"; readonly pool: string | undefined }
  | { readonly code: "PoolDraining"; readonly pool: string }
  | { readonly code: "ScopeExcludes"; readonly pool: string }
  | { readonly code: "AddressInNoPool"; readonly address: Address }
  | { readonly code: "AddressesInTwoPools"; readonly pools: readonly string[] }
  | { readonly code: "AddressOutsidePool"; readonly address: Address; readonly wanted: string; readonly owner: string }
  | { readonly code: "AddressBuggy"; readonly address: Address; readonly pool: string }
  | { readonly code: "AddressTaken"; readonly address: Address; readonly clash: Clash; readonly sharingKey: string }
  | { readonly code: "SecondFamilyUnavailable"; readonly family: Family; readonly pool: string };

/** One sentence or two: what is in the way and the way out. Scripts match the phrases that MetalLB uses. */
export function describe(reason: Reason): string {
  switch (reason.code) {
    case "NotLoadBalancer":
      return "the Service is no longer of type LoadBalancer";
    case "ClusterIPFamilyUnknown":
      return `cannot tell the IP family of the cluster IPs ${quoted(reason.clusterIPs)}: one address, or one IPv4 and one IPv6 address, is needed`;
    case "NotEnoughClusterIPs":
      return (
        `ipFamilyPolicy RequireDualStack needs two cluster IPs, the Service has ${quoted(reason.clusterIPs)}: ` +
        "use PreferDualStack, or a dual-stack cluster"
      );
    case "StatusFamilyUnknown":
      return `the addresses ${quoted(reason.published)} in the Service's status are not one address, or one of each IP family`;
    case "TwoRequests":
      return (
        `addresses are requested twice, by the annotation metallb.io/loadBalancerIPs (${JSON.stringify(reason.annotation)}) and by ` +
        `spec.loadBalancerIP (${JSON.stringify(reason.loadBalancerIP)}): remove one of them`
      );
    case "RequestInvalid":
      return `invalid requested IPs ${JSON.stringify(reason.text)}: ${reason.why}`;
    case "FamilyMismatch":
      return `requested ${familyText(reason.requested)}, but the Service is ${familyText(reason.service)}: ${familyRemedy(reason.service)}`;
    case "FamilyNotAsked":
      return `the Service no longer has a cluster IP of the family of ${formatAddress(reason.address)}`;
    case "NoPools":
      return "no available IPs: there is no IPAddressPool yet";
    case "NoAvailableIPs":
      return noAvailable(reason.families, reason.tried);
    case "PoolExhausted":
      return `no available IPs in pool "${reason.pool.name}" for ${familyText(reason.families)}${stockText(reason.pool)}: add addresses to it, or free some`;
    case "PoolUnknown":
      return `there is no IPAddressPool "${reason.pool}": create it, or name another in the annotation metallb.io/address-pool`;
    case "PoolSetAside":
      return setAside(reason.pool);
    case "PoolDraining":
      return `pool "${reason.pool}" is being drained (annotation herald-lb.io/drain) and gives no new addresses`;
    case "ScopeExcludes":
      return `pool "${reason.pool}" does not serve this Service: its serviceAllocation names other namespaces or labels`;
    case "AddressInNoPool":
      return `"${formatAddress(reason.address)}" belongs to no IPAddressPool: add it to one, or request another address`;
    case "AddressesInTwoPools":
      return `the addresses come from different pools (${reason.pools.join(", ")}): all addresses of one Service must come from one pool`;
    case "AddressOutsidePool":
      return `"${formatAddress(reason.address)}" belongs to pool "${reason.owner}", not to the requested pool "${reason.wanted}"`;
    case "AddressBuggy":
      return `"${formatAddress(reason.address)}" ends in .0 or .255, which pool "${reason.pool}" does not give out (avoidBuggyIPs)`;
    case "AddressTaken":
      return taken(formatAddress(reason.address), reason.clash, reason.sharingKey);
    case "SecondFamilyUnavailable":
      return `pool "${reason.pool}" has no free ${reason.family} address`;
  }
}

function taken(address: string, clash: Clash, sharingKey: string): string {
  switch (clash.kind) {
    case "key": {
      const who = `"${address}" is in use by ${tenantText(clash.tenants)}`;
      return sharingKey === ""
        ? `${who}: to share it, give all of them the same annotation metallb.io/allow-shared-ip`
        : `${who}, whose sharing key is not ${JSON.stringify(sharingKey)}`;
    }
    case "backend":
      return (
        `"${address}" is shared by ${tenantText(clash.tenants)} with another backend: ` +
        "Services with externalTrafficPolicy Local share an address only when their selectors are the same"
      );
    case "port":
      return `port ${clash.port} of "${address}" is already in use by "${clash.tenant}"`;
  }
}

function noAvailable(families: Families, tried: readonly TriedPool[]): string {
  const names = tried.slice(0, 10).map((pool) => pool.name + stockText(pool));
  const looked =
    tried.length === 0
      ? "no pool with autoAssign serves this Service"
      : `looked for ${familyText(families)} in ${names.join(", ")}${tried.length > 10 ? ", …" : ""}`;
  return `no available IPs: ${looked}`;
}

/** Only what a pool lacks: figures that change while the Service waits would make a new event of each change. */
function stockText({ stock }: TriedPool): string {
  const lacks = stock
    .filter(({ size, isFull }) => size === 0n || isFull)
    .map(({ family, size }) => (size === 0n ? `no ${family} addresses` : `${size} of ${size} ${family} addresses in use`));
  return lacks.length === 0 ? "" : ` (${lacks.join(", ")})`;
}

function setAside(pool: string | undefined): string {
  const which = pool === undefined ? "an IPAddressPool" : `IPAddressPool "${pool}"`;
  return `${which} is set aside, or was lost together with its definition; nothing is changed until it is valid: see its Accepted condition`;
}

function familyText(families: Families): string {
  return families === "dual" ? "IPv4 and IPv6" : families;
}

function familyRemedy(service: Families): string {
  return service === "dual"
    ? "request one IPv4 and one IPv6 address, comma-separated, in the annotation metallb.io/loadBalancerIPs"
    : `request one ${service} address`;
}

function tenantText(tenants: readonly string[]): string {
  const shown = tenants.slice(0, 5).map((tenant) => `"${tenant}"`);
  return tenants.length > shown.length ? `${shown.join(", ")} and ${tenants.length - shown.length} more` : shown.join(", ");
}

function quoted(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(" ")}]`;
}
