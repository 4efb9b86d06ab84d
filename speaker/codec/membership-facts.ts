import { bitsOf } from "../../crds/net/address.ts";
import { type Prefix, prefixOf } from "../../crds/net/prefix.ts";
import { Reader, Writer } from "./cursor.ts";
import { type Decoded, decoded } from "./decoded.ts";
import { addressOfOctets, octetsOfAddress } from "./ip-octets.ts";
import { macLength } from "./mac.ts";
import { Fields, FieldWriter, nameOfOctets, octetsOfName } from "./membership-field.ts";
import { maxFactsOctets, maxNameOctets } from "./membership-limit.ts";

/** An interface on which the node can announce. */
export type FactInterface = {
  readonly name: string;
  /** Six octets. */
  readonly mac: Uint8Array;
  /** The subnets that it reaches without a router. */
  readonly prefixes: readonly Prefix[];
};

/** What only the node itself knows, and what all must know alike to elect alike. */
export type MemberFacts = {
  readonly interfaces: readonly FactInterface[];
  /** Objects that exist and mean nothing on this node, such as `IPAddressPool/a`. */
  readonly setAside: readonly string[];
  /** False: there is more than fits. */
  readonly complete: boolean;
};

const tags = { interface: 1, setAside: 2, incomplete: 3 } as const;
const protocol = "membership facts";

/**
 * At most 10,240 octets. What does not fit, or has a name that is not visible ASCII, is left out from the end, and the
 * facts are then marked as not complete.
 */
export function encodeMemberFacts({ interfaces, setAside, complete }: MemberFacts): Uint8Array {
  const fields = [
    ...interfaces.map((link) => ({ tag: tags.interface, value: encodeInterface(link) })),
    ...setAside.map((key) => ({ tag: tags.setAside, value: isName(key) ? octetsOfName(key) : undefined })),
  ];
  const w = new FieldWriter();
  let left = maxFactsOctets - 3;
  let whole = complete;
  for (const { tag, value } of fields) {
    const length = value === undefined ? Number.POSITIVE_INFINITY : value.length + 3;
    if (length > left) whole = false;
    else {
      w.octets(tag, value);
      left -= length;
    }
  }
  return w.flag(tags.incomplete, !whole).finish();
}

/** Inverse of {@link encodeMemberFacts}; total. */
export function decodeMemberFacts(octets: Uint8Array): Decoded<MemberFacts> {
  return decoded(() => {
    const fields = new Fields(octets, protocol);
    return {
      interfaces: fields.all(tags.interface).map(decodeInterface),
      setAside: fields.all(tags.setAside).map((key) => nameOfOctets(key, protocol, "set aside")),
      complete: !fields.flag(tags.incomplete),
    };
  });
}

/** mac(6) length(1) name, then for each prefix: length of its address(1) address, length of the prefix(1). */
function encodeInterface({ name, mac, prefixes }: FactInterface): Uint8Array | undefined {
  if (!isName(name) || mac.length !== macLength) return undefined;
  const w = new Writer().bytes(mac).u8(name.length).bytes(octetsOfName(name));
  for (const prefix of prefixes) {
    const address = octetsOfAddress(prefix);
    w.u8(address.length).bytes(address).u8(prefix.length);
  }
  return w.finish();
}

function decodeInterface(octets: Uint8Array): FactInterface {
  const r = new Reader(octets, protocol);
  const mac = r.bytes(macLength, "MAC");
  const name = nameOfOctets(r.bytes(r.u8("name length"), "name"), protocol, "name");
  const prefixes: Prefix[] = [];
  while (r.remaining > 0) {
    const address = addressOfOctets(r.bytes(r.u8("address length"), "prefix"));
    if (address === undefined) throw r.error("prefix", "is neither IPv4 nor IPv6");
    const length = r.u8("prefix length");
    if (length > bitsOf[address.family]) throw r.error("prefix length", `is ${length}`, 1);
    prefixes.push(prefixOf(address.family, address.bits, length));
  }
  return { name, mac, prefixes };
}

function isName(text: string): boolean {
  return text.length <= maxNameOctets && /^[!-~]+$/.test(text);
}
