import { type Address, parseAddress } from "../../crds/net/address.ts";
import type { Prefix } from "../../crds/net/prefix.ts";
import type { UpdateMessage } from "../../speaker/codec/bgp/message.ts";
import type { AsPathSegment, LargeCommunity, PathAttributes } from "../../speaker/codec/bgp/path-attribute.ts";
import { afi, asTrans, unicastSafi } from "../../speaker/codec/bgp/registry.ts";
import type { Chance } from "../../speaker/membership/simulation/chance.ts";

/** Who announces. */
export type Announcer = {
  readonly autonomousSystem: number;
  /** To a router of another AS: the path begins with its own number, and LOCAL_PREF is not told. RFC 4271 §5.1. */
  readonly external: boolean;
  /** Of the family of what is announced. */
  readonly nextHop: string;
};

/** A sound UPDATE that announces one prefix with any attributes. */
export function randomUpdate(chance: Chance, prefix: Prefix, from: Announcer): UpdateMessage {
  const address = parseAddress(from.nextHop);
  if (address === undefined) throw new Error(`${from.nextHop} is no address`);
  const { asPath = [], localPref = 100, ...rest } = randomAttributes(chance);
  const own: AsPathSegment = { type: "sequence", autonomousSystems: [from.autonomousSystem] };
  const internal = from.external ? { asPath: [own, ...asPath] } : { asPath, localPref };
  const attributes = { ...internal, ...rest, ...reach(prefix, address) };
  return { type: "update", withdrawn: [], attributes, nlri: prefix.family === "IPv4" ? [prefix] : [] };
}

function reach(prefix: Prefix, nextHop: Address): PathAttributes {
  if (prefix.family === "IPv4") return { nextHop };
  return { mpReach: { afi: afi.IPv6, safi: unicastSafi, nextHops: [nextHop], nlri: [prefix] } };
}

/** Without what decides whether a route is usable. */
function randomAttributes(chance: Chance): PathAttributes {
  const sometimes = <T>(make: () => T): T | undefined => (chance.below(2) === 0 ? make() : undefined);
  const many = <T>(most: number, make: () => T): readonly T[] => Array.from({ length: 1 + chance.below(most) }, make);
  const u32 = (): number => chance.below(0x1_0000_0000);
  const medium = sometimes(u32);
  const communities = sometimes(() => [...new Set(many(12, u32))]);
  const largeCommunities = sometimes(() =>
    many(6, (): LargeCommunity => {
      return { globalAdministrator: u32(), localData1: u32(), localData2: u32() };
    }),
  );
  const aggregator = sometimes(() => ({
    autonomousSystem: asNumber(chance),
    address: { family: "IPv4", bits: BigInt(u32()) } as const,
  }));
  const other = sometimes(() => [
    { flags: 0xc0, code: 200 + chance.below(50), value: Uint8Array.from(many(300, () => chance.below(256))) },
  ]);
  return {
    origin: (["igp", "egp", "incomplete"] as const)[chance.below(3)] ?? "igp",
    asPath: Array.from({ length: chance.below(4) }, () => segment(chance)),
    localPref: u32(),
    ...(medium !== undefined && { med: medium }),
    ...(communities && { communities }),
    ...(largeCommunities && { largeCommunities }),
    ...(chance.below(4) === 0 && { atomicAggregate: true }),
    ...(aggregator && { aggregator }),
    ...(other && { other }),
  };
}

function segment(chance: Chance): AsPathSegment {
  const type = chance.below(4) === 0 ? "set" : "sequence";
  const numbers = Array.from({ length: 1 + chance.below(8) }, () => asNumber(chance));
  return { type, autonomousSystems: type === "set" ? [...new Set(numbers)] : numbers };
}

/** Of two octets or four; none that is reserved, and none of the numbers for private use, which the session has. */
function asNumber(chance: Chance): number {
  const number = chance.below(2) === 0 ? 1 + chance.below(64_000) : 0x1_0000 + chance.below(4_000_000_000);
  return number === asTrans ? 1 : number;
}
