import type { ServerResponse } from "node:http";
import { formatAddress } from "../../crds/net/address.ts";
import type { FactsHandler } from "../../operator/framework/metrics-server.ts";
import type { Mind } from "./mind.ts";

/** What only this node knows, by path; served behind the API server's authorization. */
export function factsHandlers(mind: Mind, node: string): Readonly<Record<string, FactsHandler>> {
  return {
    "/herald/v1/state": (_request, response) => sendJson(response, stateOf(mind, node)),
    "/herald/v1/history": (_request, response) => sendJson(response, { node, events: mind.history.entries() }),
  };
}

/** Plain data, sorted. */
export function stateOf(mind: Mind, node: string): object {
  const context = mind.context();
  const services = [...mind.announcements.entries()].map(([service, announcements]) => ({
    service,
    protocol: "layer2",
    addresses: announcements.map(({ address, interfaces }) => ({ ip: formatAddress(address), interfaces })),
  }));
  return {
    node,
    deciding: context !== undefined,
    candidates: [...(context?.members.alive ?? [])].sort(),
    foreignSpeakers: [...(context?.foreignSpeakers ?? [])].sort(),
    interfaces: mind.interfaces,
    pools: context?.snapshot.pools.map(({ name }) => name) ?? [],
    findings: mind.findings() ?? [],
    outdated: mind.cluster.failing(),
    rivals: mind.rivals.state(),
    announced: services.sort((a, b) => (a.service < b.service ? -1 : 1)),
  };
}

function sendJson(response: ServerResponse, value: object): void {
  response.writeHead(200, { "content-type": "application/json" }).end(`${JSON.stringify(value)}\n`);
}
