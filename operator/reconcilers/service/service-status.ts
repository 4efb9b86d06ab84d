import { type Address, formatAddress, parseAddress } from "../../../crds/net/address.ts";
import type { LoadBalancerIngress, Service } from "../../../crds/types/kubernetes.ts";
import { annotations } from "../../../crds/types/well-known.ts";
import type { Verdict } from "../../allocation/verdict.ts";
import { conditionsPatch } from "./service-conditions.ts";

/**
 * The merge patch that makes a Service show a verdict: `status.loadBalancer.ingress`, the annotation that names the pool,
 * and the condition Allocated. Entries without an IP, what others wrote beside an IP (ipMode, ports), and conditions of
 * others stay. The order stays when the addresses are the same.
 * @param now milliseconds since the epoch.
 * @returns undefined when there is nothing to say about the Service.
 */
export function statusPatch(service: Service, verdict: Verdict, now: number): object | undefined {
  const conditions = conditionsPatch(service, verdict, now);
  if (verdict.outcome === "ignore") return conditions && { status: conditions };
  const given = verdict.outcome === "keep" || verdict.outcome === "assign" ? verdict : undefined;
  const pool = given === undefined || given.pool === "" ? null : given.pool;
  const ingress = ingressOf(service.status?.loadBalancer?.ingress ?? [], given?.addresses ?? []);
  return {
    metadata: { annotations: { [annotations.ipAllocatedFromPool]: pool } },
    status: { loadBalancer: { ingress: ingress.length === 0 ? null : ingress }, ...conditions },
  };
}

function ingressOf(present: readonly LoadBalancerIngress[], addresses: readonly Address[]): readonly LoadBalancerIngress[] {
  const wanted = new Map(addresses.map((address) => [formatAddress(address), address]));
  const kept: LoadBalancerIngress[] = [];
  const foreign: LoadBalancerIngress[] = [];
  for (const entry of present) {
    if (entry.ip === undefined || entry.ip === "") {
      foreign.push(entry);
      continue;
    }
    const address = parseAddress(entry.ip);
    const ip = address && formatAddress(address);
    if (ip !== undefined && wanted.delete(ip)) kept.push({ ...entry, ip });
  }
  const added = [...wanted.keys()].map((ip) => ({ ip }));
  const ours = added.length === 0 ? kept : inOrder([...kept, ...added], addresses);
  return [...ours, ...foreign];
}

function inOrder(entries: readonly LoadBalancerIngress[], addresses: readonly Address[]): readonly LoadBalancerIngress[] {
  const rank = new Map(addresses.map((address, index) => [formatAddress(address), index]));
  return [...entries].sort((a, b) => (rank.get(a.ip ?? "") ?? 0) - (rank.get(b.ip ?? "") ?? 0));
}
