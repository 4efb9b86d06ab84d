import type { Dice } from "../dice.ts";
import {
  type Fault,
  fieldFault,
  type Maker,
  type Manifest,
  namesOf,
  type Spec,
  storedOf,
  type World,
  withSpec,
} from "./manifest.ts";
import { maybeSelectors, nodeLabels, selectorFault } from "./selector.ts";

/** A BGPPeer of its own address: peer `slot` is 10.30.slot.1 or fd00:30:slot::1. */
export const bgpPeer: Maker = {
  kind: "BGPPeer",
  spec: (dice, world, slot) => ({
    myASN: 64512,
    ...(world.mode === "frr" && dice.chance(0.2)
      ? { dynamicASN: dice.pick(["internal", "external"]) }
      : { peerASN: dice.pick([64512, 64513, 65001, 4200000001]) }),
    ...(world.mode === "frr" && dice.chance(0.15) ? { interface: `eth${slot}` } : { peerAddress: addressOf(dice, slot) }),
    ...dice.maybe(0.3, () => ({ peerPort: dice.pick([179, 1179, 1, 16384]) })),
    ...dice.maybe(0.2, () => ({ sourceAddress: dice.pick(["172.30.0.11", "fd30::11"]) })),
    ...(world.mode === "frr" ? dice.maybe(0.3, () => dice.pick(validTimers)) : dice.maybe(0.3, () => ({ holdTime: "90s" }))),
    ...dice.maybe(0.2, () => ({ password: "secret" })),
    ...maybeSelectors(dice, "nodeSelectors", nodeLabels),
    ...(world.mode === "frr" ? frrOnly(dice, world) : {}),
  }),
  faults: [
    fieldFault("an own AS number", "myASN", [0, -1, 2 ** 32, 2 ** 32 - 1, 64600, "64512", undefined, 1.5]),
    fieldFault("a peer AS number", "peerASN", [0, -1, 2 ** 32, 2 ** 32 - 1, 64512, undefined, "64513"]),
    fieldFault("a dynamic AS number", "dynamicASN", ["internal", "external", "auto", ""]),
    fieldFault("a peer address", "peerAddress", [
      "",
      undefined,
      "router.example.com",
      "10.30.250.1/32",
      " 10.30.250.1",
      "010.030.250.001",
      "::ffff:10.30.250.1",
      "fe80::1%eth0",
      "10.30.250.256",
      "FD00:30:250::1",
    ]),
    fieldFault("an interface", "interface", ["eth0", "", "no such interface"]),
    fieldFault("a router id", "routerID", ["10.0.0.1", "fd00::1", "0.0.0.0", "not-an-ip", "", "1"]),
    fieldFault("a source address", "sourceAddress", ["fd30::11", "not-an-ip", "172.30.0.11/24", "", "::"]),
    fieldFault("a port", "peerPort", [0, 1, 16384, 16385, -1, "179", 65535]),
    fieldFault("a hold time", "holdTime", [
      "0s",
      "1s",
      "2999ms",
      "3s",
      "3.5s",
      "-90s",
      "abc",
      "90",
      "",
      "0",
      "1h30m",
      "1e3s",
      "90 s",
      90,
    ]),
    fieldFault("a keepalive time", "keepaliveTime", ["0s", "1s", "999ms", "30s", "10h", "-1s", "abc", "", "0"]),
    { name: "a pair of timers", apply: (manifest, dice) => withSpec(manifest, dice.pick(timersAtTheEdge)) },
    fieldFault("a connect time", "connectTime", ["1s", "0s", "65535s", "65536s", "1500ms", "abc", "1m"]),
    fieldFault("multi-hop", "ebgpMultiHop", [true, "yes"]),
    {
      name: "multi-hop within the AS",
      apply: (manifest) => withSpec(manifest, { peerASN: 64512, myASN: 64512, ebgpMultiHop: true }),
    },
    fieldFault("a vrf", "vrf", ["red", "blue", ""]),
    fieldFault("a BFD profile", "bfdProfile", ["not-there-yet", ""]),
    fieldFault("a password by Secret", "passwordSecret", [
      { name: "peer-password" },
      { name: "p", namespace: "elsewhere" },
      {},
      "p",
    ]),
    fieldFault("graceful restart", "enableGracefulRestart", [true, false]),
    fieldFault("disableMP", "disableMP", [true, false]),
    fieldFault("a dual-stack session", "dualStackAddressFamily", [true, false]),
    { name: "the address of a stored peer", apply: twin },
    { name: "nothing but what is required", apply: (manifest) => withSpec({ ...manifest, spec: {} }, required(manifest)) },
    selectorFault("nodeSelectors"),
    fieldFault("an unknown field", "holdtime", ["90s"]),
  ],
};

const olderFields = [
  ..."myASN peerASN peerAddress sourceAddress peerPort holdTime keepaliveTime routerID nodeSelectors password".split(" "),
  ...["bfdProfile", "ebgpMultiHop"],
];

/** The same peer as v1beta1 has it: without the fields that came later. */
export function olderPeer(manifest: Manifest): Manifest {
  const spec = Object.fromEntries(Object.entries(manifest.spec).filter(([field]) => olderFields.includes(field)));
  return { ...manifest, apiVersion: "metallb.io/v1beta1", spec };
}

function addressOf(dice: Dice, slot: number): string {
  return dice.chance(0.7) ? `10.30.${slot}.1` : `fd00:30:${slot}::1`;
}

const validTimers: readonly Spec[] = [
  { holdTime: "90s", keepaliveTime: "30s" },
  { holdTime: "3s", keepaliveTime: "1s" },
  { holdTime: "0s", keepaliveTime: "0s" },
  { keepaliveTime: "30s" },
  { holdTime: "1m30s" },
  { holdTime: "90s", keepaliveTime: "90s" },
];

const timersAtTheEdge: readonly Spec[] = [
  ...validTimers,
  { holdTime: "0s", keepaliveTime: "30s" },
  { holdTime: "30s", keepaliveTime: "90s" },
  { holdTime: "90s", keepaliveTime: "0s" },
  { holdTime: "3s", keepaliveTime: "3.5s" },
];

function frrOnly(dice: Dice, world: World): Spec {
  return {
    ...dice.maybe(0.3, () => ({ bfdProfile: dice.pick([...namesOf(world, "BFDProfile"), "not-there-yet"]) })),
    ...dice.maybe(0.2, () => ({ connectTime: "10s" })),
    ...dice.maybe(0.2, () => ({ enableGracefulRestart: true })),
    ...dice.maybe(0.2, () => ({ dualStackAddressFamily: true })),
    ...dice.maybe(0.1, () => ({ vrf: "red" })),
  };
}

function required({ spec }: Manifest): Spec {
  const { myASN, peerASN, peerAddress } = spec;
  return { myASN, peerASN, peerAddress };
}

/** Two peers of one address: on the same nodes, on others, or in another VRF. */
function twin(manifest: Manifest, dice: Dice, world: Parameters<Fault["apply"]>[2]): Manifest {
  const stored = storedOf(world, "BGPPeer");
  if (stored.length === 0) return manifest;
  const { peerAddress, interface: link, vrf } = dice.pick(stored).spec;
  const nodes = dice.pick<Spec>([
    { nodeSelectors: undefined },
    { nodeSelectors: [{ matchLabels: { "kubernetes.io/hostname": "n1" } }] },
    { nodeSelectors: [{ matchLabels: { "kubernetes.io/hostname": "n9" } }] },
  ]);
  return withSpec(manifest, { peerAddress, interface: link, vrf: dice.chance(0.2) ? "green" : vrf, ...nodes });
}
