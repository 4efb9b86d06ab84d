import { Dice } from "../dice.ts";
import { bfdProfile } from "./bfd-profile.ts";
import { bgpAdvertisement } from "./bgp-advertisement.ts";
import { bgpPeer, olderPeer } from "./bgp-peer.ts";
import { community } from "./community.ts";
import { ipAddressPool } from "./ip-address-pool.ts";
import { l2Advertisement } from "./l2-advertisement.ts";
import { type Kind, type Maker, type Manifest, type Mode, modes, namespace, type World, withSpec } from "./manifest.ts";

/** One write that is tried without being stored. */
export type Request = {
  readonly operation: "create" | "replace" | "delete";
  readonly manifest: Manifest;
  /** What was done to a valid object; empty when nothing was. */
  readonly faults: readonly string[];
};

/** Stored objects, and writes that are tried against them. Within one operation each object is written at most once. */
export type Scenario = {
  readonly id: string;
  readonly mode: Mode;
  /** Valid objects, in an order in which each may be created. */
  readonly base: readonly Manifest[];
  /** Replacements of stored pools that are admitted and leave a stored advertisement in error. */
  readonly spoiled: readonly Manifest[];
  readonly requests: readonly Request[];
};

const makers: { readonly [kind in Kind]: Maker } = {
  IPAddressPool: ipAddressPool,
  L2Advertisement: l2Advertisement,
  BGPAdvertisement: bgpAdvertisement,
  BGPPeer: bgpPeer,
  BFDProfile: bfdProfile,
  Community: community,
};

/** How many of each kind are stored; what refers comes after what it refers to. */
const stored: readonly (readonly [kind: Kind, least: number, most: number])[] = [
  ["IPAddressPool", 2, 5],
  ["Community", 0, 2],
  ["BFDProfile", 0, 2],
  ["BGPPeer", 1, 4],
  ["L2Advertisement", 0, 2],
  ["BGPAdvertisement", 0, 3],
];

const created: readonly (readonly [weight: number, kind: Kind])[] = [
  [5, "IPAddressPool"],
  [2, "L2Advertisement"],
  [5, "BGPAdvertisement"],
  [6, "BGPPeer"],
  [1, "BFDProfile"],
  [2, "Community"],
];

const requestsOfScenario = 50;

/** Scenarios with `count` requests in all, half of them for each mode. The same seed makes the same ones. */
export function scenariosOf(seed: string, count: number): readonly Scenario[] {
  const scenarios = Array.from({ length: Math.ceil(count / requestsOfScenario) }, (_, index) =>
    scenarioOf(
      `${seed}/${index}`,
      modes[index % modes.length] ?? "native",
      Math.min(requestsOfScenario, count - index * requestsOfScenario),
    ),
  );
  return modes.flatMap((mode) => scenarios.filter((scenario) => scenario.mode === mode));
}

function scenarioOf(id: string, mode: Mode, count: number): Scenario {
  const dice = new Dice(id);
  const spoils = dice.chance(0.15);
  const base = baseOf(dice, mode, spoils);
  const world: World = { mode, stored: base };
  const replaced = dice.some(base, 0, Math.floor(count / 3)).map((manifest) => replacement(dice, world, manifest));
  const deletable = base.filter(({ kind }) => kind === "BFDProfile" || dice.chance(0.15));
  const deleted = deletable
    .slice(0, Math.floor(count / 10))
    .map((manifest): Request => ({ operation: "delete", manifest, faults: [] }));
  const left = count - replaced.length - deleted.length;
  const fresh = Array.from({ length: left }, (_, index) => creation(dice, world, index));
  return { id, mode, base, spoiled: spoils ? [spoiledPool(mode)] : [], requests: [...fresh, ...replaced, ...deleted] };
}

function baseOf(dice: Dice, mode: Mode, spoils: boolean): readonly Manifest[] {
  const base: Manifest[] = spoils ? [widePool, narrowAdvertisement] : [];
  for (const [kind, least, most] of stored) {
    const wanted = dice.int(least, most);
    for (let slot = 0; slot < wanted; slot++) {
      const manifest = validManifest(dice, { mode, stored: base }, kind, `${short[kind]}-${slot}`, slot);
      base.push(kind === "BGPPeer" && dice.chance(0.1) ? olderIfValid(manifest) : manifest);
    }
  }
  return base;
}

/** A pool that an advertisement aggregates: once the pool is {@link spoiledPool}, the advertisement is in error. */
const widePool: Manifest = {
  apiVersion: "metallb.io/v1beta1",
  kind: "IPAddressPool",
  metadata: { name: "wide", namespace },
  spec: { addresses: ["10.20.240.0/24"] },
};

const narrowAdvertisement: Manifest = {
  apiVersion: "metallb.io/v1beta1",
  kind: "BGPAdvertisement",
  metadata: { name: "narrow", namespace },
  spec: { ipAddressPools: ["wide"], aggregationLength: 28 },
};

function spoiledPool(mode: Mode): Manifest {
  const addresses = mode === "native" ? ["10.20.240.0/24", "fd00:20:240::/64"] : ["10.20.240.0/30"];
  return withSpec(widePool, { addresses });
}

const short: { readonly [kind in Kind]: string } = {
  IPAddressPool: "pool",
  L2Advertisement: "l2",
  BGPAdvertisement: "bgp",
  BGPPeer: "peer",
  BFDProfile: "bfd",
  Community: "community",
};

/** The slots of stored objects begin at 0, those of new ones here. */
const firstFreeSlot = 20;

function creation(dice: Dice, world: World, index: number): Request {
  const kind = dice.weighted(created);
  const valid = validManifest(dice, world, kind, `${short[kind]}-new-${index}`, firstFreeSlot + index);
  const foreign = dice.chance(0.03);
  const spoilt = spoil(dice, world, valid);
  if (!foreign) return { operation: "create", ...spoilt };
  const metadata = { ...spoilt.manifest.metadata, namespace: "default" };
  return { operation: "create", manifest: { ...spoilt.manifest, metadata }, faults: [...spoilt.faults, "another namespace"] };
}

function replacement(dice: Dice, world: World, before: Manifest): Request {
  const { name } = before.metadata;
  const slot = Number(/-(\d+)$/.exec(name)?.[1] ?? "240");
  const others = { ...world, stored: world.stored.filter((manifest) => manifest !== before) };
  const after = dice.chance(0.3) ? { ...before } : validManifest(dice, others, before.kind, name, slot);
  return { operation: "replace", ...spoil(dice, others, after) };
}

function validManifest(dice: Dice, world: World, kind: Kind, name: string, slot: number): Manifest {
  const { spec, labels } = makers[kind];
  return {
    apiVersion: kind === "BGPPeer" ? "metallb.io/v1beta2" : "metallb.io/v1beta1",
    kind,
    metadata: { name, namespace, ...(labels === undefined ? {} : { labels: labels(dice) }) },
    spec: spec(dice, world, slot),
  };
}

/** No fault, one, or now and then two; a BGPPeer sometimes in its older version. */
function spoil(dice: Dice, world: World, valid: Manifest): Omit<Request, "operation"> {
  const count = dice.weighted([[5, 0], [4, 1], [1, 2]] as const); // biome-ignore format: a table
  const faults = dice.some(makers[valid.kind].faults, count, count);
  const manifest = faults.reduce((wrong, fault) => fault.apply(wrong, dice, world), valid);
  const older = valid.kind === "BGPPeer" && manifest.apiVersion.endsWith("v1beta2") && dice.chance(0.12);
  return { manifest: older ? olderPeer(manifest) : manifest, faults: faults.map(({ name }) => name) };
}

/** The older version knows no interface and no dynamic AS number, and its selectors need values. */
function olderIfValid(manifest: Manifest): Manifest {
  const { interface: link, dynamicASN, nodeSelectors } = manifest.spec;
  const valuesEverywhere = !/"(Exists|DoesNotExist)"/.test(JSON.stringify(nodeSelectors ?? []));
  return link === undefined && dynamicASN === undefined && valuesEverywhere ? olderPeer(manifest) : manifest;
}
