import type { Topology } from "../lab/topology.ts";
import type { NeighborDescription } from "./router-description.ts";

/** Every node of a lab as a router's neighbour, once for each of its addresses; it is the node that connects. */
export function nodeNeighbors(
  { nodes }: Pick<Topology, "nodes">,
  autonomousSystem: number,
  more: Partial<NeighborDescription> = {},
): readonly NeighborDescription[] {
  return nodes.flatMap(({ name, addresses }) =>
    addresses.map((address): NeighborDescription => {
      const family = address.includes(":") ? "ipv6" : "ipv4";
      return { name: `${name}${family}`, at: { address }, autonomousSystem, passive: true, families: [family], ...more };
    }),
  );
}
