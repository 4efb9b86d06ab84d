import {
  type AddressFamily,
  familyOf,
  type NeighborDescription,
  type OriginatedRoute,
  type RouterDescription,
  reconnectSeconds,
} from "../router-description.ts";

/** FRR's name of a neighbour: its address, or the interface behind which it is. */
export function frrName({ at }: NeighborDescription): string {
  return "address" in at ? at.address : at.interface;
}

/** The configuration of bgpd. */
export function bgpdConfig(router: RouterDescription): string {
  const { neighbors, originated = [] } = router;
  const restarter = neighbors.find(({ gracefulRestart }) => gracefulRestart?.role === "restarter");
  return lines([
    "log stdout informational",
    ...originated.flatMap((route) => routeMap(route, router.autonomousSystem)),
    ...originated.map(({ prefix }) => `${prefixList(familyOf(prefix))} permit ${prefix}`),
    ...families.map((family) => `${prefixList(family)} deny any`),
    ...families.flatMap((family) => [
      `route-map own-${family} permit 10`,
      ` match ${family === "ipv4" ? "ip" : "ipv6"} address prefix-list own-${family}`,
    ]),
    `router bgp ${router.autonomousSystem}`,
    ` bgp router-id ${router.routerId}`,
    " no bgp ebgp-requires-policy",
    " no bgp default ipv4-unicast",
    " no bgp network import-check",
    " bgp bestpath as-path multipath-relax",
    ...(restarter?.gracefulRestart === undefined
      ? []
      : [` bgp graceful-restart restart-time ${restarter.gracefulRestart.restartSeconds}`]),
    ...neighbors.flatMap(({ minimumHoldSeconds: seconds }) =>
      seconds === undefined ? [] : [` bgp minimum-holdtime ${seconds}`],
    ),
    ...neighbors.flatMap(neighborLines),
    ...families.flatMap((family) => familyLines(family, router)),
  ]);
}

/** The configuration of bfdd: one profile for each neighbour that has BFD, with the neighbour's name. */
export function bfddConfig({ neighbors }: RouterDescription): string {
  const profiles = neighbors.flatMap(({ name, bfd }) =>
    bfd === undefined
      ? []
      : [
          ` profile ${name}`,
          `  detect-multiplier ${bfd.multiplier}`,
          `  receive-interval ${bfd.receiveMs}`,
          `  transmit-interval ${bfd.transmitMs}`,
          ...(bfd.echoMs === undefined
            ? []
            : [`  echo transmit-interval ${bfd.echoMs}`, `  echo receive-interval ${bfd.echoMs}`]),
          ...(bfd.echoMs === undefined ? [] : ["  echo-mode"]),
          ...(bfd.minimumTtl === undefined ? [] : [`  minimum-ttl ${bfd.minimumTtl}`]),
          " exit",
        ],
  );
  return lines(["log stdout informational", "bfd", ...profiles]);
}

const families: readonly AddressFamily[] = ["ipv4", "ipv6"];

function prefixList(family: AddressFamily): string {
  return `${family === "ipv4" ? "ip" : "ipv6"} prefix-list own-${family}`;
}

function routeMapName(prefix: string): string {
  return `to-${prefix.replace(/[^0-9a-f]/gi, "-")}`;
}

function routeMap(route: OriginatedRoute, autonomousSystem: number): readonly string[] {
  const { prefix, med, localPref, communities = [], largeCommunities = [], prepend = 0 } = route;
  return [
    `route-map ${routeMapName(prefix)} permit 10`,
    ...(med === undefined ? [] : [` set metric ${med}`]),
    ...(localPref === undefined ? [] : [` set local-preference ${localPref}`]),
    ...(communities.length === 0 ? [] : [` set community ${communities.join(" ")}`]),
    ...(largeCommunities.length === 0 ? [] : [` set large-community ${largeCommunities.join(" ")}`]),
    ...(prepend === 0 ? [] : [` set as-path prepend ${Array(prepend).fill(autonomousSystem).join(" ")}`]),
  ];
}

function neighborLines(neighbor: NeighborDescription): readonly string[] {
  const { at, autonomousSystem, password, localAddress, multihop, gracefulRestart, timers } = neighbor;
  const name = frrName(neighbor);
  const how = "interface" in at ? "interface " : "";
  const says = (text: string): string => ` neighbor ${name} ${text}`;
  return [
    says(`${how}remote-as ${autonomousSystem}`),
    ...(password === undefined ? [] : [says(`password ${password}`)]),
    ...(localAddress === undefined ? [] : [says(`update-source ${localAddress}`)]),
    ...(neighbor.passive === true ? [says("passive")] : []),
    ...(multihop === undefined ? [] : [says(`ebgp-multihop ${multihop}`)]),
    ...(neighbor.ttlSecurity === true ? [says("ttl-security hops 1")] : []),
    ...(neighbor.bfd === undefined ? [] : [says(`bfd profile ${neighbor.name}`)]),
    ...(timers === undefined ? [] : [says(`timers ${timers.keepaliveSeconds} ${timers.holdSeconds}`)]),
    says(`timers connect ${reconnectSeconds}`),
    says(restartMode(gracefulRestart?.role)),
  ];
}

function restartMode(role: "helper" | "restarter" | undefined): string {
  switch (role) {
    case undefined:
      return "graceful-restart-disable";
    case "helper":
      return "graceful-restart-helper";
    case "restarter":
      return "graceful-restart";
  }
}

function familyLines(family: AddressFamily, { neighbors, originated = [] }: RouterDescription): readonly string[] {
  return [
    ` address-family ${family} unicast`,
    "  maximum-paths 16",
    "  maximum-paths ibgp 16",
    ...originated
      .filter(({ prefix }) => familyOf(prefix) === family)
      .map(({ prefix }) => `  network ${prefix} route-map ${routeMapName(prefix)}`),
    ...neighbors
      .filter((neighbor) => neighbor.families.includes(family))
      .flatMap((neighbor) => [
        `  neighbor ${frrName(neighbor)} activate`,
        `  neighbor ${frrName(neighbor)} route-map own-${family} out`,
      ]),
    " exit-address-family",
  ];
}

function lines(text: readonly string[]): string {
  return `${text.join("\n")}\n`;
}
