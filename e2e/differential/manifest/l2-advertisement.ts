import { type Fault, fieldFault, listIn, type Maker, namesOf, withSpec } from "./manifest.ts";
import { maybeSelectors, nodeLabels, poolLabels, selectorFault } from "./selector.ts";

/** An L2Advertisement of any stored pools. */
export const l2Advertisement: Maker = {
  kind: "L2Advertisement",
  spec: (dice, world) => ({
    ...dice.maybe(0.6, () => ({ ipAddressPools: dice.some([...namesOf(world, "IPAddressPool"), "not-there-yet"], 1, 3) })),
    ...maybeSelectors(dice, "ipAddressPoolSelectors", poolLabels),
    ...maybeSelectors(dice, "nodeSelectors", nodeLabels),
    ...dice.maybe(0.3, () => ({ interfaces: dice.some(["eth0", "eth1", "bond0.100"], 1, 2) })),
  }),
  faults: [
    repeated("ipAddressPools"),
    selectorFault("ipAddressPoolSelectors"),
    selectorFault("nodeSelectors"),
    fieldFault("interfaces at the edge", "interfaces", [["eth0", "eth0"], [""], [], "eth0", ["eth0", 7]]),
    fieldFault("pools at the edge", "ipAddressPools", [[], [""], "pool-1", null]),
    fieldFault("an unknown field", "aggregationLength", [32]),
  ],
};

/** The first element of a list of texts once more. */
export function repeated(field: string): Fault {
  return {
    name: `something twice in ${field}`,
    apply: (manifest) => {
      const list = listIn(manifest, field);
      const [first = "twice", ...rest] = list;
      return withSpec(manifest, { [field]: [first, ...rest, first] });
    },
  };
}
