import {
  type AddressFamily,
  cannot,
  familyOf,
  type NeighborDescription,
  type OriginatedRoute,
  type RouterDescription,
  reconnectSeconds,
} from "../router-description.ts";

/** The configuration of BIRD: one protocol for each neighbour, with the neighbour's name. */
export function birdConfig(router: RouterDescription): string {
  const { neighbors, originated = [], installs = true } = router;
  return `${[
    "log stderr all;",
    "debug protocols { states };",
    `router id ${router.routerId};`,
    "protocol device { scan time 1; }",
    ...(installs ? families.map(kernelProtocol) : []),
    ...families.flatMap((family) => staticRoutes(family, originated)),
    ...families.flatMap((family) => attributes(family, router)),
    ...(neighbors.some(({ bfd }) => bfd !== undefined) ? ["protocol bfd { debug { events }; }"] : []),
    ...neighbors.flatMap((neighbor) => neighborLines(neighbor, router)),
  ].join("\n")}\n`;
}

const families: readonly AddressFamily[] = ["ipv4", "ipv6"];

function kernelProtocol(family: AddressFamily): string {
  return `protocol kernel kernel_${family} { ${family} { export where source = RTS_BGP; }; merge paths on; }`;
}

function staticRoutes(family: AddressFamily, originated: readonly OriginatedRoute[]): readonly string[] {
  const own = originated.filter(({ prefix }) => familyOf(prefix) === family);
  return [`protocol static static_${family} {`, `  ${family};`, ...own.map(({ prefix }) => `  route ${prefix} blackhole;`), "}"];
}

/** The filter through which routes leave. */
function attributes(family: AddressFamily, { autonomousSystem, originated = [] }: RouterDescription): readonly string[] {
  const own = originated.filter(({ prefix }) => familyOf(prefix) === family);
  return [
    `filter own_${family} {`,
    "  if source != RTS_STATIC then reject;",
    ...own.flatMap((route) => {
      const { prefix, med, localPref, communities = [], largeCommunities = [], prepend = 0 } = route;
      const set = [
        ...(med === undefined ? [] : [`bgp_med = ${med};`]),
        ...(localPref === undefined ? [] : [`bgp_local_pref = ${localPref};`]),
        ...communities.map((text) => `bgp_community.add((${text.replaceAll(":", ",")}));`),
        ...largeCommunities.map((text) => `bgp_large_community.add((${text.replaceAll(":", ",")}));`),
        ...Array<string>(prepend).fill(`bgp_path.prepend(${autonomousSystem});`),
      ];
      return set.length === 0 ? [] : [`  if net = ${prefix} then { ${set.join(" ")} }`];
    }),
    "  accept;",
    "}",
  ];
}

function neighborLines(neighbor: NeighborDescription, { autonomousSystem }: RouterDescription): readonly string[] {
  const { at, password, localAddress, multihop, timers, minimumHoldSeconds, gracefulRestart } = neighbor;
  if (!("address" in at)) return cannot("BIRD 2.0", "neighbours without an address", neighbor);
  return [
    `protocol bgp ${neighbor.name} {`,
    `  local ${localAddress === undefined ? "" : `${localAddress} `}as ${autonomousSystem};`,
    `  neighbor ${at.address} ${typeof neighbor.autonomousSystem === "number" ? "as " : ""}${neighbor.autonomousSystem};`,
    ...(password === undefined ? [] : [`  password "${password}";`]),
    ...(neighbor.passive === true ? ["  passive on;"] : []),
    multihop === undefined ? "  direct;" : `  multihop ${multihop};`,
    ...(neighbor.ttlSecurity === true ? ["  ttl security on;"] : []),
    ...bfdLines(neighbor),
    ...(timers === undefined ? [] : [`  hold time ${timers.holdSeconds};`, `  keepalive time ${timers.keepaliveSeconds};`]),
    ...(minimumHoldSeconds === undefined ? [] : [`  min hold time ${minimumHoldSeconds};`]),
    `  connect delay time ${reconnectSeconds}; connect retry time ${reconnectSeconds};`,
    `  error wait time ${reconnectSeconds}, ${reconnectSeconds};`,
    ...(gracefulRestart === undefined
      ? ["  graceful restart off;"]
      : [
          `  graceful restart ${gracefulRestart.role === "helper" ? "aware" : "on"};`,
          `  graceful restart time ${gracefulRestart.restartSeconds};`,
        ]),
    "  long lived graceful restart off;",
    ...neighbor.families.map((family) => `  ${family} { import all; export filter own_${family}; };`),
    "}",
  ];
}

function bfdLines(neighbor: NeighborDescription): readonly string[] {
  const { bfd } = neighbor;
  if (bfd === undefined) return [];
  if (bfd.echoMs !== undefined) return cannot("BIRD 2.0", "BFD echo", neighbor);
  if (bfd.minimumTtl !== undefined) return cannot("BIRD 2.0", "minimum TTL for BFD", neighbor);
  const { receiveMs, transmitMs, multiplier } = bfd;
  return [`  bfd { min rx interval ${receiveMs} ms; min tx interval ${transmitMs} ms; multiplier ${multiplier}; };`];
}
