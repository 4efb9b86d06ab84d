import {
  type AddressFamily,
  cannot,
  familyOf,
  type NeighborDescription,
  type OriginatedRoute,
  type RouterDescription,
  reconnectSeconds,
} from "../router-description.ts";

/** The configuration of gobgpd, as JSON. Its own routes are told to it when it runs: {@link routeCommand}. */
export function gobgpConfig({ autonomousSystem, routerId, neighbors }: RouterDescription): string {
  return JSON.stringify(
    {
      global: {
        config: { as: autonomousSystem, "router-id": routerId },
        "apply-policy": {
          config: {
            "export-policy-list": ["own"],
            "default-export-policy": "reject-route",
            "default-import-policy": "accept-route",
          },
        },
      },
      "policy-definitions": [
        {
          name: "own",
          statements: [
            {
              name: "own",
              conditions: { "bgp-conditions": { "route-type": "local" } },
              actions: { "route-disposition": "accept-route" },
            },
          ],
        },
      ],
      neighbors: neighbors.map(neighborConfig),
    },
    undefined,
    2,
  );
}

/** The words with which `gobgp` is told to announce a route. */
export function routeCommand(route: OriginatedRoute, autonomousSystem: number): readonly string[] {
  const { prefix, med, localPref, communities = [], largeCommunities = [], prepend = 0 } = route;
  return [
    ...["global", "rib", "add", "-a", familyOf(prefix), prefix, "origin", "igp"],
    ...(prepend === 0 ? [] : ["aspath", Array(prepend).fill(autonomousSystem).join(",")]),
    ...(med === undefined ? [] : ["med", String(med)]),
    ...(localPref === undefined ? [] : ["local-pref", String(localPref)]),
    ...(communities.length === 0 ? [] : ["community", communities.join(",")]),
    ...(largeCommunities.length === 0 ? [] : ["large-community", largeCommunities.join(",")]),
  ];
}

function neighborConfig(neighbor: NeighborDescription): object {
  const { at, autonomousSystem, password, localAddress, multihop, timers, gracefulRestart } = neighbor;
  if (neighbor.bfd !== undefined) return cannot("GoBGP", "BFD", neighbor);
  if (typeof autonomousSystem !== "number") return cannot("GoBGP", `remote AS "${autonomousSystem}"`, neighbor);
  if (neighbor.minimumHoldSeconds !== undefined) return cannot("GoBGP", "least hold time", neighbor);
  // It looks for the neighbour once, among those that the kernel knows when it starts, and ends when there is none.
  if (!("address" in at)) return cannot("GoBGP", "neighbours without an address", neighbor);
  return {
    config: {
      "neighbor-address": at.address,
      "peer-as": autonomousSystem,
      ...(password !== undefined && { "auth-password": password }),
    },
    timers: {
      config: {
        "connect-retry": reconnectSeconds,
        ...(timers !== undefined && { "hold-time": timers.holdSeconds, "keepalive-interval": timers.keepaliveSeconds }),
      },
    },
    transport: {
      config: {
        "passive-mode": neighbor.passive === true,
        ...(localAddress !== undefined && { "local-address": localAddress }),
      },
    },
    ...(multihop !== undefined && { "ebgp-multihop": { config: { enabled: true, "multihop-ttl": multihop } } }),
    ...(neighbor.ttlSecurity === true && { "ttl-security": { config: { enabled: true, "ttl-min": 255 } } }),
    ...(gracefulRestart !== undefined && {
      "graceful-restart": {
        config: {
          enabled: true,
          "helper-only": gracefulRestart.role === "helper",
          "restart-time": gracefulRestart.restartSeconds,
        },
      },
    }),
    "afi-safis": neighbor.families.map((family) => familyConfig(family, gracefulRestart !== undefined)),
  };
}

function familyConfig(family: AddressFamily, restart: boolean): object {
  return {
    config: { "afi-safi-name": `${family}-unicast` },
    ...(restart && { "mp-graceful-restart": { config: { enabled: true } } }),
  };
}
