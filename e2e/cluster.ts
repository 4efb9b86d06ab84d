import type { CommandResult } from "./lab/command.ts";

/** A cluster with Herald to be tested in, and a client on its segment: the lab, or kind. */
export interface TestCluster {
  readonly families: readonly ("ipv4" | "ipv6")[];
  /** Names of the nodes, in order. */
  readonly nodes: readonly string[];
  /** Range texts for a pool, one for each family: free addresses of the segment. 200 ≤ first ≤ last ≤ 250. */
  range(first: number, last: number): readonly string[];
  /** An exit status that is not 0 is a result, not an error. */
  kubectl(args: readonly string[], input?: string): Promise<CommandResult>;
  /** One HTTP request from the client, on a connection of its own: the body, or undefined when there was no answer. */
  curl(url: string): Promise<string | undefined>;
  /** Who answers the client's ARP request or neighbour solicitation: MAC address in lower case, undefined for nobody. */
  macOf(address: string): Promise<string | undefined>;
  /** The node whose interface on the segment has this MAC address. */
  nodeOfMac(mac: string): Promise<string | undefined>;
}

/** The URL of a Service's address. */
export function urlOf(address: string, port = 80): string {
  return `http://${address.includes(":") ? `[${address}]` : address}:${port}/`;
}
