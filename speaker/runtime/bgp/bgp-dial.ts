import { type Address, formatAddress } from "../../../crds/net/address.ts";
import { connectedLink, type PathLink } from "../../bgp/local-path.ts";
import { isLinkLocal } from "../../bgp/rib/next-hop.ts";
import type { SessionConfig } from "../../bgp/session/session-config.ts";
import type { TcpTarget } from "../../native/ports.ts";

/** What connecting needs to know of the node. */
export type DialSurroundings = {
  readonly links: readonly PathLink[];
  /** The router behind an unnumbered interface; undefined: not heard yet. */
  readonly neighbourOn: (interfaceName: string) => Address | undefined;
};

/** Why there is nothing to connect to, in words. */
export type Obstacle = { readonly obstacle: string };

/** However long the next attempt is away, nobody waits longer for an answer. */
const PATIENCE_MS = 10_000;
/** The machine's own patience ends with the connect time; the kernel's reason is to come before. */
const SHARE_OF_CONNECT_TIME = 0.9;

/** Whom to connect to, and how; or what stands in the way on this node. */
export function dialTarget({ transport, connectTimeMs }: SessionConfig, surroundings: DialSurroundings): TcpTarget | Obstacle {
  const { endpoint, port, source, vrf, password, ttl, minimumTtl, onConnectedPrefix } = transport;
  const { links, neighbourOn } = surroundings;
  const address = endpoint.type === "address" ? endpoint.address : neighbourOn(endpoint.name);
  if (address === undefined) return { obstacle: nobodyBehind(endpoint.type === "interface" ? endpoint.name : "", links) };
  if (password?.type === "secret") return { obstacle: `the password in Secret ${password.name} is not known yet` };
  if (onConnectedPrefix && connectedLink(links, address, vrf) === undefined) {
    const where = vrf === undefined ? "this node" : `VRF ${vrf}`;
    return {
      obstacle: `${formatAddress(address)} is on no subnet of ${where}: set ebgpMultiHop if it is more than one hop away`,
    };
  }
  const device = endpoint.type === "interface" && isLinkLocal(address) ? endpoint.name : vrf;
  return {
    remote: { address, port },
    ...(source !== undefined && { source }),
    ...(device !== undefined && { device }),
    ...(password !== undefined && { password: Uint8Array.from(password.octets) }),
    ttl,
    ...(minimumTtl !== undefined && { minimumTtl }),
    timeoutMs: Math.min(PATIENCE_MS, (connectTimeMs ?? Number.POSITIVE_INFINITY) * SHARE_OF_CONNECT_TIME),
  };
}

function nobodyBehind(name: string, links: readonly PathLink[]): string {
  const link = links.find((one) => one.name === name);
  if (link === undefined) return `this node has no interface ${name}`;
  if (!link.up) return `the interface ${name} is down`;
  return `no router was heard on ${name} yet: it must send router advertisements there`;
}
