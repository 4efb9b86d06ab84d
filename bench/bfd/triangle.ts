import { batch } from "../../e2e/lab/network.ts";
import { hostsOf, type Topology } from "../../e2e/lab/topology.ts";
import { bfdProfile, bgpPeer } from "../../e2e/manifests.ts";
import type { NeighborDescription, RouterDescription } from "../../e2e/routers/router-description.ts";

/** Three programs on a machine each. Any two of them have a session by each setting, between addresses of its own. */
export const players = ["Herald", "FRR", "BIRD"] as const;
export type Player = (typeof players)[number];

type Setting = { readonly name: string; readonly intervalMs: number; readonly echo: boolean };

/** Packets are sent and taken so often; three that are missing are a loss. Echo is what Herald and FRR can do, and BIRD cannot. */
export const settings: readonly Setting[] = [
  { name: "300x3", intervalMs: 300, echo: false },
  { name: "150x3 with echo", intervalMs: 150, echo: true },
  { name: "100x3", intervalMs: 100, echo: false },
  { name: "50x3", intervalMs: 50, echo: false },
];
const multiplier = 3;
const echoMs = 50;
const minimumTtl = 254;

const machines: Readonly<Record<Player, string>> = { Herald: "n1", FRR: "r", BIRD: "c" };
const autonomousSystems: Readonly<Record<Player, number>> = { Herald: 64513, FRR: 64512, BIRD: 64514 };

/** One end's view of one session. */
export type End = { readonly self: Player; readonly other: Player; readonly setting: Setting };

export const pairs: readonly (readonly [Player, Player])[] = [
  ["Herald", "FRR"],
  ["Herald", "BIRD"],
  ["FRR", "BIRD"],
];

/** Both ends of every session. */
export const ends: readonly End[] = settings.flatMap((setting) =>
  pairs.flatMap(([self, other]) => [
    { self, other, setting },
    { self: other, other: self, setting },
  ]),
);

/** The own address of an end. */
export function addressOf({ self, other, setting }: End): string {
  return `172.30.0.${110 + 40 * players.indexOf(self) + 10 * players.indexOf(other) + settings.indexOf(setting)}`;
}

export function farEnd({ self, other, setting }: End): End {
  return { self: other, other: self, setting };
}

/** The name of the neighbour at the other end, in a router's description. */
export function neighborName({ other, setting }: End): string {
  return `${other.toLowerCase()}${setting.intervalMs}`;
}

/** Gives the machines the addresses of their ends. */
export async function addAddresses(topology: Topology): Promise<void> {
  for (const player of players) {
    const host = hostsOf(topology).find(({ name }) => name === machines[player]);
    const own = ends.filter(({ self }) => self === player);
    await batch(
      host?.namespace,
      own.map((end) => `address add ${addressOf(end)}/24 dev eth0`),
    );
  }
}

/** FRR or BIRD with a neighbour for each of its ends. Routes stay out of the kernels. Herald connects to both, and FRR to BIRD. */
export function routerOf(player: "FRR" | "BIRD"): { readonly machine: string; readonly description: RouterDescription } {
  const own = ends.filter(({ self }) => self === player);
  const neighbors = own.map((end): NeighborDescription => {
    const { setting, other } = end;
    const bfd = { transmitMs: setting.intervalMs, receiveMs: setting.intervalMs, multiplier };
    return {
      name: neighborName(end),
      at: { address: addressOf(farEnd(end)) },
      localAddress: addressOf(end),
      autonomousSystem: autonomousSystems[other],
      families: ["ipv4"],
      passive: player === "BIRD" || other === "Herald",
      bfd: player === "FRR" && setting.echo ? { ...bfd, echoMs, minimumTtl } : bfd,
    };
  });
  const routerId = own[0] === undefined ? "" : addressOf(own[0]);
  return {
    machine: machines[player],
    description: { autonomousSystem: autonomousSystems[player], routerId, neighbors, installs: false },
  };
}

/** BGPPeers and BFDProfiles that make Herald's ends. */
export function heraldObjects(): readonly object[] {
  const profiles = settings.map(({ intervalMs, echo }) =>
    bfdProfile(`every${intervalMs}`, {
      ...{ receiveInterval: intervalMs, transmitInterval: intervalMs, detectMultiplier: multiplier },
      ...(echo && { echoMode: true, echoInterval: echoMs, minimumTtl }),
    }),
  );
  const peers = ends
    .filter(({ self }) => self === "Herald")
    .map((end) =>
      bgpPeer(neighborName(end), {
        myASN: autonomousSystems.Herald,
        peerASN: autonomousSystems[end.other],
        peerAddress: addressOf(farEnd(end)),
        sourceAddress: addressOf(end),
        bfdProfile: `every${end.setting.intervalMs}`,
        connectTime: "1s",
      }),
    );
  return [...profiles, ...peers];
}
