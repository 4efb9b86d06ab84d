import { urlOf } from "../cluster.ts";
import { SegmentClient } from "../failover/segment-client.ts";
import { type CommandResult, must, run } from "../lab/command.ts";
import { curlFrom } from "../lab/curl.ts";
import { batch, sysctl } from "../lab/network.ts";
import { namespacePrefix, type Topology } from "../lab/topology.ts";
import { eventually } from "../lab/until.ts";

const link = { router: ["10.200.0.1", "fd20::1"], client: ["10.200.0.2", "fd20::2"] } as const;

/**
 * A client on a network of its own behind the lab's router: it reaches a Service only by what the router knows. The router spreads
 * connections over equal routes by their ports too. It goes with the lab.
 */
export class FarClient {
  readonly #topology: Topology;
  readonly #namespace: string;

  private constructor(topology: Topology, namespace: string) {
    this.#topology = topology;
    this.#namespace = namespace;
  }

  static async plugIn({ topology }: { readonly topology: Topology }): Promise<FarClient> {
    const router = topology.router.namespace;
    const namespace = `${namespacePrefix(topology.id)}far`;
    await must("ip", ["netns", "add", namespace]);
    await batch(router, [
      `link add far type veth peer name eth0 netns ${namespace}`,
      ...link.router.map((address) => `address add ${lengthOf(address)} dev far nodad`),
      "link set far up",
    ]);
    await batch(namespace, [
      "link set lo up",
      ...link.client.map((address) => `address add ${lengthOf(address)} dev eth0 nodad`),
      "link set eth0 up",
      ...link.router.map((address) => `route add default via ${address}`),
    ]);
    await sysctl(router, { "ipv4.fib_multipath_hash_policy": "1", "ipv6.fib_multipath_hash_policy": "1" });
    return new FarClient(topology, namespace);
  }

  /** Opens connections to addresses in turn, 100 a second unless something else is said; to be stopped. */
  connecting(addresses: readonly string[], connectEveryMs = 10): SegmentClient {
    const topology = { client: { namespace: this.#namespace } };
    return new SegmentClient({ topology }, { watched: [], connectTo: addresses, connectEveryMs });
  }

  /** One HTTP request: the body, or undefined when there was no answer. */
  curl(address: string): Promise<string | undefined> {
    return curlFrom(this.#namespace, urlOf(address));
  }

  /**
   * Waits until an address answers.
   * @throws {Error} that tells what the router and the nodes know of the way, when none of its requests had an answer.
   */
  async answers(address: string, timeoutMs: number): Promise<string> {
    try {
      return await eventually(`${address} answers`, timeoutMs, () => this.curl(address));
    } catch (cause) {
      throw new Error(`${cause instanceof Error ? cause.message : cause}; ${await this.#way(address)}`, { cause });
    }
  }

  /** One line for the router, one for each node. */
  async #way(address: string): Promise<string> {
    const { router, nodes } = this.#topology;
    const { stdout: neighbours } = await this.#askRouter(address, ["neighbour", "show"]);
    const rules = nodes.map(async ({ namespace }) => {
      const { stdout } = await run("ip", ["netns", "exec", namespace, "nft", "list", "ruleset"]);
      const about = stdout.split("\n").filter((line) => line.split(/[\s,]+/).includes(address));
      return `${namespace} has ${about.length} nft rules: ${about.map((line) => line.trim()).join("; ")}`;
    });
    const hops = `${router.namespace} routes by ${(await this.nextHops(address)).join(" ")}, its neighbours: `;
    return [hops + neighbours.trim().replaceAll(/\s*\n/g, "; "), ...(await Promise.all(rules))].join("\n");
  }

  /** Next hops of the route to an address in the router's kernel, sorted. */
  async nextHops(address: string): Promise<readonly string[]> {
    type Route = { readonly dst: string; readonly gateway?: string; readonly nexthops?: readonly { readonly gateway: string }[] };
    const { stdout } = await this.#askRouter(address, ["-j", "route", "show", "to", "exact", address]);
    const [route] = JSON.parse(stdout || "[]") as readonly Route[];
    const hops = route?.nexthops?.map(({ gateway }) => gateway) ?? (route?.gateway === undefined ? [] : [route.gateway]);
    return [...hops].sort();
  }

  /** What `ip` says in the router, of the address's family. */
  #askRouter(address: string, question: readonly string[]): Promise<CommandResult> {
    return run("ip", ["-n", this.#topology.router.namespace, address.includes(":") ? "-6" : "-4", ...question]);
  }
}

function lengthOf(address: string): string {
  return `${address}/${address.includes(":") ? 64 : 24}`;
}
