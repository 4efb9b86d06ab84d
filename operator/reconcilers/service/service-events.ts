import { formatAddress } from "../../../crds/net/address.ts";
import type { Service } from "../../../crds/types/kubernetes.ts";
import { annotations, deprecatedKeys, eventReasons } from "../../../crds/types/well-known.ts";
import { quoteAll } from "../../allocation/quotation.ts";
import { describe, type Reason } from "../../allocation/reason.ts";
import type { Verdict } from "../../allocation/verdict.ts";
import type { EventType } from "../../framework/write/events.ts";

/** One event about a Service, still to be recorded. */
export type ServiceEvent = { readonly type: EventType; readonly reason: string; readonly message: string };

/**
 * What a Service is told when a verdict has been written: what it got, and what it lost and why. Deprecated annotations are
 * named only when what it shows has changed, and not for a condition alone: MetalLB does so.
 * @param written the Service as it was written.
 */
export function eventsOfChange(service: Service, verdict: Verdict, written: Service): readonly ServiceEvent[] {
  if (verdict.outcome === "ignore") return [];
  const lost = verdict.lost.filter(({ code }) => code !== "NotLoadBalancer").map((reason) => eventOfLoss(service, reason));
  const given = verdict.outcome === "assign" ? [eventOfGain(verdict)] : [];
  const outdated = shown(service) === shown(written) ? [] : deprecatedKeys(service.metadata.annotations);
  const deprecated = outdated.map((key): ServiceEvent => {
    const message = `The annotation prefix metallb.universe.tf is deprecated: use metallb.io instead of "${key}"`;
    return { type: "Warning", reason: eventReasons.deprecatedAnnotation, message };
  });
  return [...deprecated, ...lost, ...given];
}

/** What a Service is told about wishes that are not met; to be recorded when it changes, not at every pass. */
export function eventsOfNeed(service: Service, verdict: Verdict): readonly ServiceEvent[] {
  const kept = verdict.outcome === "keep" || verdict.outcome === "assign" ? verdict.addresses.map(formatAddress) : [];
  const needs = verdict.unmet.filter(({ code }) => code !== "PoolSetAside" || kept.length === 0); // the pool's owner is told
  return needs.map((reason) => eventOfNeed(service, reason, kept));
}

function eventOfGain(verdict: Verdict & { readonly outcome: "assign" }): ServiceEvent {
  const message =
    verdict.added === undefined
      ? `Assigned IP ${quoteAll(verdict.addresses.map(formatAddress))}`
      : `Assigned additional IP "${formatAddress(verdict.added)}"`;
  return { type: "Normal", reason: eventReasons.ipAllocated, message };
}

function eventOfLoss(service: Service, reason: Reason): ServiceEvent {
  if (reason.code === "StatusFamilyUnknown") return warning(eventReasons.noLoadBalancerIPFamily, describe(reason));
  const message = `current IP for ${nameOf(service)} no longer allowed by config, will try again: ${describe(reason)}`;
  return { type: "Normal", reason: eventReasons.clearAssignment, message };
}

function eventOfNeed(service: Service, reason: Reason, kept: readonly string[]): ServiceEvent {
  const keeps = kept.length === 0 ? "" : `; it keeps ${quoteAll(kept)}`;
  switch (reason.code) {
    case "NotEnoughClusterIPs":
      return warning(eventReasons.notEnoughClusterIPs, describe(reason));
    case "ClusterIPFamilyUnknown":
      return warning(eventReasons.noClusterIPFamily, describe(reason));
    case "SecondFamilyUnavailable":
      return {
        type: "Normal",
        reason: eventReasons.additionalAssignFailed,
        message: `Failed to assign an additional IP for ${nameOf(service)}: ${describe(reason)}`,
      };
    case "TwoRequests":
    case "RequestInvalid":
      if (kept.length > 0) return warning(eventReasons.loadBalancerFailed, `invalid requested IPs: ${describe(reason)}${keeps}`);
      break;
  }
  return warning(eventReasons.allocationFailed, `Failed to allocate IP for ${nameOf(service)}: ${describe(reason)}${keeps}`);
}

/** Its addresses and their pool. */
function shown({ metadata, status }: Service): string {
  const ips = (status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip ?? "");
  return JSON.stringify([ips, metadata.annotations?.[annotations.ipAllocatedFromPool]]);
}

function warning(reason: string, message: string): ServiceEvent {
  return { type: "Warning", reason, message };
}

function nameOf({ metadata }: Service): string {
  return `"${metadata.namespace}/${metadata.name}"`;
}
