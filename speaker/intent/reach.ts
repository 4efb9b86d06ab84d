import type { Address } from "../../crds/net/address.ts";
import { type Prefix, prefixOf } from "../../crds/net/prefix.ts";
import type { MemberFacts } from "../codec/membership-facts.ts";
import type { Announceable } from "./announceable.ts";

/** True and false are what the node says of itself; undefined: it did not say. */
export type Answer = boolean | undefined;

type AllFacts = ReadonlyMap<string, MemberFacts>;

/** A subnet, and by node the names of the interfaces that lie in it. */
type Subnet = { readonly prefix: Prefix; readonly nodes: Map<string, string[]> };

/** The facts of all nodes, by subnet: a cluster has few, and each address is asked about once for all nodes. */
const subnetsOfFacts = new WeakMap<AllFacts, readonly Subnet[]>();

/** Names that the node may use for the Service; undefined: all. */
export function interfacesOn(
  node: string,
  { advertisements }: Pick<Announceable, "advertisements">,
): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  for (const { nodes, interfaces } of advertisements) {
    if (!nodes.has(node)) continue;
    if (interfaces.length === 0) return undefined;
    for (const name of interfaces) names.add(name);
  }
  return names;
}

/** Whether the node has one of the interfaces that the Service's advertisements name for it. */
export function hasInterface(node: string, subject: Pick<Announceable, "advertisements">, facts: AllFacts): Answer {
  const names = interfacesOn(node, subject);
  if (names === undefined) return true;
  const said = facts.get(node);
  if (said?.interfaces.some(({ name }) => names.has(name)) === true) return true;
  return said?.complete === true ? false : undefined;
}

/**
 * Who reaches the address's subnet on one of the interfaces that the Service's advertisements name.
 * @returns the answer for one node.
 */
export function reachOf(
  address: Address,
  subject: Pick<Announceable, "advertisements">,
  facts: AllFacts,
): (node: string) => Answer {
  const holding = subnetsOf(facts).filter(({ prefix }) => holds(prefix, address));
  return (node) => {
    const names = interfacesOn(node, subject);
    const reaches = holding.some(({ nodes }) => nodes.get(node)?.some((name) => names?.has(name) ?? true));
    if (reaches) return true;
    return facts.get(node)?.complete === true ? false : undefined;
  };
}

function subnetsOf(facts: AllFacts): readonly Subnet[] {
  const known = subnetsOfFacts.get(facts);
  if (known !== undefined) return known;
  const subnets = new Map<string, Subnet>();
  for (const [node, { interfaces }] of facts) {
    for (const { name, prefixes } of interfaces) {
      for (const prefix of prefixes) {
        const key = `${prefix.family} ${prefix.bits} ${prefix.length}`;
        const subnet = subnets.get(key) ?? { prefix, nodes: new Map<string, string[]>() };
        subnets.set(key, subnet);
        const names = subnet.nodes.get(node);
        if (names === undefined) subnet.nodes.set(node, [name]);
        else names.push(name);
      }
    }
  }
  const list = [...subnets.values()];
  subnetsOfFacts.set(facts, list);
  return list;
}

function holds({ family, bits, length }: Prefix, address: Address): boolean {
  return family === address.family && prefixOf(family, address.bits, length).bits === bits;
}
