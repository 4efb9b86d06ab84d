import type { IncomingMessage, ServerResponse } from "node:http";
import { formatAddress } from "../../../crds/net/address.ts";
import { formatPrefix } from "../../../crds/net/prefix.ts";
import type { FactsHandler } from "../../../operator/framework/http/metrics-server.ts";
import { formatMac } from "../../codec/mac.ts";
import { decodeMemberFacts } from "../../codec/membership-facts.ts";
import type { Member, MemberView } from "../../membership/member-view.ts";
import { routesPage, sessionFacts, tracePage } from "../bgp/bgp-page.ts";
import type { Mind } from "../mind/mind.ts";
import { decisionsPage, explainedDecision, routeFact } from "./decisions.ts";

/** What only this node knows, by path; served behind the API server's authorization. */
export function factsHandlers(mind: Mind, node: string): Readonly<Record<string, FactsHandler>> {
  return {
    "/herald/v1/state": (_request, response) => sendJson(response, stateOf(mind, node)),
    "/herald/v1/history": (_request, response) => sendJson(response, { node, events: mind.report.history.entries() }),
    "/herald/v1/decisions": (request, response) => sendDecisions(mind, node, request, response),
    "/herald/v1/bgp": (request, response) => sendBgp(mind, node, request, response),
  };
}

/** What one Service announces in one way. */
type Announced = { readonly service: string; readonly protocol: string };

/** Plain data, sorted. */
export function stateOf(mind: Mind, node: string): object {
  const context = mind.context();
  const services: readonly Announced[] = [
    ...[...mind.announcements.entries()].map(([service, announcements]) => ({
      service,
      protocol: "layer2",
      addresses: announcements.map(({ address, interfaces }) => ({ ip: formatAddress(address), interfaces })),
    })),
    ...[...mind.bgp.entries()].map(([service, announcements]) => ({
      service,
      protocol: "bgp",
      routes: announcements.map(routeFact),
    })),
  ];
  return {
    node,
    deciding: context !== undefined,
    candidates: [...(context?.members.alive ?? [])].sort(),
    membership: membershipOf(mind.memberView()),
    foreignSpeakers: [...(context?.foreignSpeakers ?? [])].sort(),
    interfaces: mind.interfaces,
    pools: context?.snapshot.pools.map(({ name }) => name) ?? [],
    findings: mind.findings() ?? [],
    outdated: mind.cluster.failing(),
    rivals: mind.rivals.state(),
    bfd: mind.bfd.state(),
    bgp: sessionFacts(mind.bgp),
    announced: services.toSorted((a, b) => (a.service < b.service ? -1 : 1)),
  };
}

/** Null: the protocol is off, or has not said anything yet, and the API says who the candidates are. */
function membershipOf(view: MemberView | undefined): object | null {
  if (view === undefined) return null;
  const { conduct, company, source, remarks, members } = view;
  const nodes = [...members].map(([node, member]) => ({ node, ...memberOf(member) }));
  return { conduct, company, source, remarks, nodes: nodes.sort((a, b) => (a.node < b.node ? -1 : 1)) };
}

function memberOf({ alive, candidate, reason, facts }: Member): object {
  const decoded = facts === undefined || facts.length === 0 ? undefined : decodeMemberFacts(facts);
  if (decoded?.ok !== true) return { alive, candidate, reason };
  const { interfaces, setAside, complete } = decoded.value;
  const links = interfaces.map(({ name, mac, prefixes }) => ({ name, mac: formatMac(mac), subnets: prefixes.map(formatPrefix) }));
  return { alive, candidate, reason, interfaces: links, setAside, complete };
}

/** Of one Service, `?service=<namespace>/<name>`, with every node; of all, a page at a time, `?after=<next of the last page>`. */
async function sendDecisions(mind: Mind, node: string, { url }: IncomingMessage, response: ServerResponse): Promise<void> {
  const query = new URL(url ?? "/", "https://localhost").searchParams;
  const service = query.get("service");
  if (service === null) return sendJson(response, { node, ...(await decisionsPage(mind, query.get("after") ?? "")) });
  const decision = explainedDecision(mind, service);
  if (decision !== undefined) return sendJson(response, { node, ...decision });
  const why =
    mind.context() === undefined ? "nothing is decided yet" : `there is no Service "${service}": name it as namespace/name`;
  notFound(response, why);
}

/** The sessions; what one peer is to be told, `?peer=<BGPPeer>`, a page at a time; with `&trace` its last messages. */
async function sendBgp(mind: Mind, node: string, { url }: IncomingMessage, response: ServerResponse): Promise<void> {
  const query = new URL(url ?? "/", "https://localhost").searchParams;
  const peer = query.get("peer");
  if (peer === null) return sendJson(response, { node, sessions: sessionFacts(mind.bgp) });
  const page = query.has("trace") ? await tracePage(mind.bgp, peer) : await routesPage(mind.bgp, peer, query.get("after") ?? "");
  if (page === "silent") return refuse(response, 503, "the thread that speaks BGP does not answer: try again");
  if (page !== undefined) return sendJson(response, { node, ...page });
  notFound(response, `this node has no BGPPeer "${peer}": look at its nodeSelectors, and at its condition Accepted`);
}

function notFound(response: ServerResponse, why: string): void {
  refuse(response, 404, why);
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${why}\n`);
}

function sendJson(response: ServerResponse, value: object): void {
  response.writeHead(200, { "content-type": "application/json" }).end(`${JSON.stringify(value)}\n`);
}
