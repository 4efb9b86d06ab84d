import type { EndpointView } from "./cluster.ts";

/** True when any endpoint, on whatever node or on none, is ready or serving. A terminating one may still serve. */
export function anyServes(endpoints: readonly EndpointView[]): boolean {
  return endpoints.some((endpoint) => endpoint.canServe);
}

/** Nodes with an endpoint that is ready or serving. */
export function servingNodes(endpoints: readonly EndpointView[]): ReadonlySet<string> {
  const nodes = new Set<string>();
  for (const { nodeName, canServe } of endpoints) if (canServe && nodeName !== undefined) nodes.add(nodeName);
  return nodes;
}

/** How many endpoints on the node are ready or serving. */
export function servingOn(node: string, endpoints: readonly EndpointView[]): number {
  let sum = 0;
  for (const { nodeName, canServe, count = 1 } of endpoints) if (canServe && nodeName === node) sum += count;
  return sum;
}
