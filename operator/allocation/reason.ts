import { type Address, type Family, formatAddress } from "../../crds/net/address.ts";
import type { Families } from "./families.ts";
import type { PoolGap, PoolReports } from "./pool-gap.ts";
import { clashText, gapText, poolsText, scopeText } from "./pool-text.ts";
import { quote, quoteAll } from "./quotation.ts";
import type { ScopeGap } from "./scope.ts";
import type { Clash } from "./sharing.ts";

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
  | { readonly code: "NoAvailableIPs"; readonly needsBoth: boolean; readonly reports: PoolReports }
  | { readonly code: "PoolExhausted"; readonly pool: string; readonly gap: PoolGap }
  | { readonly code: "PoolUnknown"; readonly pool: string }
  | { readonly code: "PoolSetAside"; readonly pool: string | undefined }
  | { readonly code: "PoolDraining"; readonly pool: string }
  | { readonly code: "ScopeExcludes"; readonly pool: string; readonly gap: ScopeGap }
  | { readonly code: "AddressInNoPool"; readonly address: Address }
  | { readonly code: "AddressesInTwoPools"; readonly pools: readonly string[] }
  | { readonly code: "AddressOutsidePool"; readonly address: Address; readonly wanted: string; readonly owner: string }
  | { readonly code: "AddressBuggy"; readonly address: Address; readonly pool: string }
  | { readonly code: "AddressTaken"; readonly address: Address; readonly clash: Clash; readonly sharingKey: string }
  | { readonly code: "AddressReserved"; readonly address: Address; readonly service: string; readonly until: number }
  | { readonly code: "SecondFamilyUnavailable"; readonly family: Family; readonly pool: string; readonly gap: PoolGap }
  | { readonly code: "ClassUnserved"; readonly loadBalancerClass: string }
  | { readonly code: "StatusForeign"; readonly published: readonly string[] };

/** One sentence or two: what is in the way and the way out. Scripts match the phrases that MetalLB uses. */
export function describe(reason: Reason): string {
  switch (reason.code) {
    case "NotLoadBalancer":
      return "the Service is no longer of type LoadBalancer";
    case "ClusterIPFamilyUnknown":
      return `cannot tell the IP family of the cluster IPs ${quoteAll(reason.clusterIPs)}: one address, or one IPv4 and one IPv6 address, is needed`;
    case "NotEnoughClusterIPs":
      return (
        `ipFamilyPolicy RequireDualStack needs two cluster IPs, the Service has ${quoteAll(reason.clusterIPs)}: ` +
        "use PreferDualStack, or a dual-stack cluster"
      );
    case "StatusFamilyUnknown":
      return `the addresses ${quoteAll(reason.published)} in the Service's status are not one address, or one of each IP family`;
    case "TwoRequests":
      return (
        `addresses are requested twice, by the annotation metallb.io/loadBalancerIPs (${quote(reason.annotation)}) and by ` +
        `spec.loadBalancerIP (${quote(reason.loadBalancerIP)}): remove one of them`
      );
    case "RequestInvalid":
      return `invalid requested IPs ${quote(reason.text)}: ${reason.why}`;
    case "FamilyMismatch":
      return `requested ${familyText(reason.requested)}, but the Service is ${familyText(reason.service)}: ${familyRemedy(reason.service)}`;
    case "FamilyNotAsked":
      return `the Service no longer has a cluster IP of the family of ${formatAddress(reason.address)}`;
    case "NoPools":
      return "no available IPs: there is no IPAddressPool yet";
    case "NoAvailableIPs":
      return `no available IPs: ${poolsText(reason.reports, reason.needsBoth)}`;
    case "PoolExhausted":
      return `no available IPs in pool "${reason.pool}": ${gapText(reason.gap)}: add addresses to it, or free some`;
    case "PoolUnknown":
      return `there is no IPAddressPool ${quote(reason.pool)}: ${poolRemedy(reason.pool)}`;
    case "PoolSetAside":
      return setAside(reason.pool);
    case "PoolDraining":
      return `pool "${reason.pool}" is being drained (annotation herald-lb.io/drain) and gives no new addresses`;
    case "ScopeExcludes":
      return `pool "${reason.pool}" does not serve this Service: ${scopeText(reason.gap)}`;
    case "AddressInNoPool":
      return `"${formatAddress(reason.address)}" belongs to no IPAddressPool: add it to one, or request another address`;
    case "AddressesInTwoPools":
      return `the addresses come from different pools (${reason.pools.join(", ")}): all addresses of one Service must come from one pool`;
    case "AddressOutsidePool":
      return `"${formatAddress(reason.address)}" belongs to pool "${reason.owner}", not to the requested pool ${quote(reason.wanted)}`;
    case "AddressBuggy":
      return `"${formatAddress(reason.address)}" ends in .0 or .255, which pool "${reason.pool}" does not give out (avoidBuggyIPs)`;
    case "AddressTaken":
      return clashText(reason.address, reason.clash, reason.sharingKey);
    case "AddressReserved":
      return (
        `"${formatAddress(reason.address)}" is kept until ${new Date(reason.until).toISOString()} for "${reason.service}", ` +
        "which was deleted (annotation herald-lb.io/reserve-for of its pool)"
      );
    case "SecondFamilyUnavailable":
      return (
        `no ${reason.family} address from pool "${reason.pool}": ${gapText(reason.gap)}; ` +
        "a dual-stack Service takes both addresses from one pool"
      );
    case "ClassUnserved":
      return (
        `loadBalancerClass ${quote(reason.loadBalancerClass)} is served by nobody: start the controller and the ` +
        `speakers with --lb-class=${reason.loadBalancerClass}, which takes a list too, or leave the class out`
      );
    case "StatusForeign":
      return (
        `the addresses ${quoteAll(reason.published)} in the Service's status belong to no IPAddressPool and were not given by ` +
        "this controller, so that they are left alone: name a pool in the annotation metallb.io/address-pool to replace them"
      );
  }
}

/** No pool can have a name with a comma or a blank in it. */
function poolRemedy(asked: string): string {
  return /[\s,;]/.test(asked)
    ? "write one name, and no blanks, in the annotation metallb.io/address-pool"
    : "create it, or name another in the annotation metallb.io/address-pool";
}

function setAside(pool: string | undefined): string {
  const which = pool === undefined ? "an IPAddressPool" : `IPAddressPool ${quote(pool)}`;
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
