import type { Dice } from "../dice.ts";
import { repeated } from "./l2-advertisement.ts";
import { type Fault, fieldFault, listIn, type Maker, namesOf, type Spec, storedOf, type World, withSpec } from "./manifest.ts";
import { maybeSelectors, nodeLabels, poolLabels, selectorFault } from "./selector.ts";

/** A BGPAdvertisement; in native mode of pools without IPv6, and only where nothing is selected by labels. */
export const bgpAdvertisement: Maker = {
  kind: "BGPAdvertisement",
  spec: (dice, world) => ({
    ...poolsOf(dice, world),
    ...maybeSelectors(dice, "nodeSelectors", nodeLabels),
    ...dice.maybe(0.3, () => ({ peers: dice.some([...namesOf(world, "BGPPeer"), "not-there-yet"], 1, 2) })),
    ...dice.maybe(0.5, () => ({ communities: communitiesOf(dice, world) })),
    ...dice.maybe(0.2, () => ({ aggregationLength: 32 })),
    ...dice.maybe(0.2, () => ({ aggregationLengthV6: 128 })),
    ...preferenceOf(dice, world),
  }),
  faults: [
    fieldFault("an aggregation length", "aggregationLength", [24, 26, 28, 30, 31, 32, 33, 1, 0, -1, 128, "32", null]),
    fieldFault("an IPv6 aggregation length", "aggregationLengthV6", [0, -1, 64, 96, 120, 127, 128, 129, "128"]),
    fieldFault("a local preference", "localPref", [0, 100, 200, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, -1, 1.5, "100"]),
    { name: "a conflict of local preferences", apply: conflictingPreference },
    fieldFault("communities", "communities", [
      ["65000:1", "65000:1"],
      ["65000:1", "065000:01"],
      ["65000:65536"],
      ["65000:-1"],
      ["65536:1"],
      ["a:b"],
      ["65000:"],
      [":"],
      ["65000"],
      ["no-export"],
      ["65000:1:2"],
      ["65000:1:2:3"],
      ["large:1:2:3"],
      ["large:4294967295:4294967295:4294967295"],
      ["large:1:2:4294967296"],
      ["large:1:2"],
      ["Large:1:2:3"],
      ["large:1:2:3:4"],
      ["large::2:3"],
      [" 65000:1"],
      ["65000:1 "],
      [""],
      ["an:alias"],
      ["not-there-yet", "not-there-yet"],
      [],
      "65000:1",
    ]),
    repeated("ipAddressPools"),
    repeated("peers"),
    {
      name: "any pool",
      apply: (manifest) => withSpec(manifest, { ipAddressPools: undefined, ipAddressPoolSelectors: undefined }),
    },
    { name: "one stored pool", apply: (manifest, dice, world) => withSpec(manifest, oneOf("ipAddressPools", dice, world)) },
    fieldFault("pools at the edge", "ipAddressPools", [[], [""], "pool-1"]),
    selectorFault("ipAddressPoolSelectors"),
    selectorFault("nodeSelectors"),
    fieldFault("an unknown field", "interfaces", [["eth0"]]),
  ],
};

function poolsOf(dice: Dice, world: World): Spec {
  if (world.mode === "frr")
    return {
      ...dice.maybe(0.6, () => ({ ipAddressPools: dice.some([...namesOf(world, "IPAddressPool"), "not-there-yet"], 1, 3) })),
      ...maybeSelectors(dice, "ipAddressPoolSelectors", poolLabels),
    };
  const ipv4 = storedOf(world, "IPAddressPool").filter((pool) => !JSON.stringify(listIn(pool, "addresses")).includes(":"));
  return { ipAddressPools: dice.some([...ipv4.map(({ metadata }) => metadata.name), "not-there-yet"], 1, 3) };
}

/** One for all that are stored: two that differ on one pool are an error. */
function preferenceOf(dice: Dice, world: World): Spec {
  const [first] = storedOf(world, "BGPAdvertisement");
  if (first === undefined) return dice.maybe(0.3, () => ({ localPref: dice.int(1, 500) }));
  const { localPref } = first.spec;
  return localPref === undefined ? {} : { localPref };
}

/** Values, and names of stored or missing Community aliases. */
function communitiesOf(dice: Dice, world: World): readonly string[] {
  const aliases = storedOf(world, "Community").flatMap((community) => listIn(community, "communities"));
  const names = aliases.flatMap((alias) => {
    const name = (alias as { readonly name?: unknown }).name;
    return typeof name === "string" && name !== "" ? [name] : [];
  });
  const large = world.mode === "frr" ? ["large:64512:1:2", "large:64512:3:4"] : [];
  return dice.some(["64512:1", "64512:2", "0:0", "65535:65281", "not-there-yet", ...names, ...large], 1, 3);
}

function oneOf(field: string, dice: Dice, world: World): Spec {
  const names = namesOf(world, "IPAddressPool");
  return names.length === 0 ? {} : { [field]: [dice.pick(names)] };
}

/** The pools of a stored advertisement with another local preference; sometimes with what excuses it. */
function conflictingPreference(manifest: Parameters<Fault["apply"]>[0], dice: Dice, world: World): typeof manifest {
  const stored = storedOf(world, "BGPAdvertisement");
  const other = stored.length === 0 ? undefined : dice.pick(stored);
  const { ipAddressPools, ipAddressPoolSelectors } = other?.spec ?? {};
  const excuse = dice.pick<Spec>([{}, { aggregationLength: 31 }, { peers: ["another-peer"] }, { aggregationLengthV6: 127 }]);
  const nodes = dice.chance(0.5) ? { nodeSelectors: undefined } : {};
  return withSpec(manifest, { ipAddressPools, ipAddressPoolSelectors, localPref: dice.int(501, 900), ...excuse, ...nodes });
}
