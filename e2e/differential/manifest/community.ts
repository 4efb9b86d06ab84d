import type { Dice } from "../dice.ts";
import { fieldFault, listIn, type Maker, type Manifest, storedOf, type World, withSpec } from "./manifest.ts";

/** A Community whose aliases carry its slot, so that they are nobody else's. */
export const community: Maker = {
  kind: "Community",
  spec: (dice, { mode }, slot) => ({
    communities: Array.from({ length: dice.int(0, 3) }, (_, index) => ({
      name: `alias-${slot}-${index}`,
      value: dice.pick(["64512:1", "64512:2", "0:65535", ...(mode === "frr" ? ["large:64512:1:2"] : [])]),
    })),
  }),
  faults: [
    fieldFault(
      "a value",
      "communities",
      [
        "64512:65536",
        "64512",
        "64512:1:2",
        "64512:1:2:3",
        "large:1:2:3",
        "large:1:2:4294967296",
        "large:1:2:x",
        "a:b",
        "",
        "no-export",
        "64512:1 ",
        "-1:1",
        "+1:1",
        "0x1:1",
        "01:1",
      ].map((value) => [{ name: "odd", value }]),
    ),
    fieldFault("aliases at the edge", "communities", [
      [{ value: "64512:1" }],
      [{ name: "", value: "64512:1" }],
      [
        { name: "", value: "64512:1" },
        { name: "", value: "64512:2" },
      ],
      [{ name: "only-a-name" }],
      [
        { name: "twice", value: "64512:1" },
        { name: "twice", value: "64512:1" },
      ],
      [{ name: "with:colon", value: "64512:1" }],
      [{ name: "64512:7", value: "64512:8" }],
      [],
      undefined,
      "64512:1",
      [{ name: "a", value: "64512:1", colour: "red" }],
    ]),
    { name: "an alias of a stored Community", apply: stolenAlias },
  ],
};

function stolenAlias(manifest: Manifest, dice: Dice, world: World): Manifest {
  const aliases = storedOf(world, "Community").flatMap((stored) => listIn(stored, "communities"));
  if (aliases.length === 0) return manifest;
  return withSpec(manifest, { communities: [...listIn(manifest, "communities"), dice.pick(aliases)] });
}
