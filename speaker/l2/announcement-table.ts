import { type Address, formatAddress } from "../../crds/net/address.ts";
import { octetsOfAddress } from "../codec/ip-octets.ts";
import { matchesAt, u32At } from "../codec/octets.ts";
import type { L2Announcement } from "../intent/intent.ts";
import { ipv6Digest } from "./ipv6-digest.ts";

/** An address that this node answers for. A value: when its interfaces change, another takes its place. */
export type AnnouncedAddress = {
  readonly address: Address;
  /** Network order, 4 or 16. */
  readonly octets: Uint8Array;
  /** Canonical text: the key in metrics and logs. */
  readonly text: string;
  /** Union over the Services that announce it. Undefined: every interface. */
  readonly interfaces: ReadonlySet<string> | undefined;
};

/** One address that appeared (`before` undefined), vanished (`after` undefined) or changed its interfaces. */
export type AddressChange = { readonly before: AnnouncedAddress | undefined; readonly after: AnnouncedAddress | undefined };

/** What the responders and the schedule of gratuitous frames read. */
export interface AnnouncedAddresses {
  /** The IPv4 address whose four octets stand at `offset`. */
  findIpv4(octets: Uint8Array, offset: number): AnnouncedAddress | undefined;
  /** The IPv6 address whose sixteen octets stand at `offset`. */
  findIpv6(octets: Uint8Array, offset: number): AnnouncedAddress | undefined;
  get(text: string): AnnouncedAddress | undefined;
  values(): IterableIterator<AnnouncedAddress>;
}

/** True when the address is to be answered for on the interface of that name. */
export function announcedOn({ interfaces }: AnnouncedAddress, interfaceName: string): boolean {
  return interfaces === undefined || interfaces.has(interfaceName);
}

/** Interfaces by Service; as long as one Service holds an address it is announced. */
type Holders = Map<string, readonly string[]>;

/** Which Service announces which address where. Finding an address by its octets takes constant time and no allocation. */
export class AnnouncementTable implements AnnouncedAddresses {
  readonly #addressesByService = new Map<string, ReadonlySet<string>>();
  readonly #holders = new Map<string, Holders>();
  readonly #byText = new Map<string, AnnouncedAddress>();
  readonly #ipv4 = new Map<number, AnnouncedAddress>();
  /** Several addresses may share one digest. */
  readonly #ipv6 = new Map<number, readonly AnnouncedAddress[]>();

  get size(): number {
    return this.#byText.size;
  }

  /** Replaces what the Service announces; an empty list is the same as {@link delete}. @returns what changed on the wire. */
  set(service: string, announcements: readonly L2Announcement[]): readonly AddressChange[] {
    const wanted = new Map(announcements.map((announcement) => [formatAddress(announcement.address), announcement]));
    const changes: AddressChange[] = [];
    for (const text of this.#addressesByService.get(service) ?? []) {
      if (!wanted.has(text)) this.#release(text, service, changes);
    }
    for (const [text, announcement] of wanted) this.#hold(text, service, announcement, changes);
    if (wanted.size === 0) this.#addressesByService.delete(service);
    else this.#addressesByService.set(service, new Set(wanted.keys()));
    return changes;
  }

  /** @returns what changed on the wire; nothing for an unknown Service. */
  delete(service: string): readonly AddressChange[] {
    return this.set(service, []);
  }

  services(): IterableIterator<string> {
    return this.#addressesByService.keys();
  }

  /** The addresses of one Service as they are announced now. */
  addressesOf(service: string): readonly AnnouncedAddress[] {
    return [...(this.#addressesByService.get(service) ?? [])].flatMap((text) => this.#byText.get(text) ?? []);
  }

  /** The Services that announce an address, by its canonical text. */
  holdersOf(text: string): readonly string[] {
    return [...(this.#holders.get(text)?.keys() ?? [])];
  }

  get(text: string): AnnouncedAddress | undefined {
    return this.#byText.get(text);
  }

  values(): IterableIterator<AnnouncedAddress> {
    return this.#byText.values();
  }

  findIpv4(octets: Uint8Array, offset: number): AnnouncedAddress | undefined {
    return this.#ipv4.get(u32At(octets, offset));
  }

  findIpv6(octets: Uint8Array, offset: number): AnnouncedAddress | undefined {
    const bucket = this.#ipv6.get(ipv6Digest(octets, offset));
    if (bucket === undefined) return undefined;
    for (const announced of bucket) if (matchesAt(octets, offset, announced.octets)) return announced;
    return undefined;
  }

  #hold(text: string, service: string, { address, interfaces }: L2Announcement, changes: AddressChange[]): void {
    const holders: Holders = this.#holders.get(text) ?? new Map();
    holders.set(service, interfaces);
    this.#holders.set(text, holders);
    const before = this.#byText.get(text);
    const union = unionOf(holders);
    if (before !== undefined && equalSets(before.interfaces, union)) return;
    const octets = before?.octets ?? octetsOfAddress(address);
    this.#replace(before, { address, octets, text, interfaces: union }, changes);
  }

  #release(text: string, service: string, changes: AddressChange[]): void {
    const holders = this.#holders.get(text);
    const before = this.#byText.get(text);
    if (holders === undefined || before === undefined) return;
    holders.delete(service);
    if (holders.size === 0) {
      this.#holders.delete(text);
      this.#replace(before, undefined, changes);
      return;
    }
    const union = unionOf(holders);
    if (!equalSets(before.interfaces, union)) this.#replace(before, { ...before, interfaces: union }, changes);
  }

  #replace(before: AnnouncedAddress | undefined, after: AnnouncedAddress | undefined, changes: AddressChange[]): void {
    if (before !== undefined) this.#unindex(before);
    if (after !== undefined) this.#index(after);
    changes.push({ before, after });
  }

  #index(announced: AnnouncedAddress): void {
    this.#byText.set(announced.text, announced);
    if (announced.address.family === "IPv4") {
      this.#ipv4.set(u32At(announced.octets, 0), announced);
      return;
    }
    const key = ipv6Digest(announced.octets, 0);
    this.#ipv6.set(key, [...(this.#ipv6.get(key) ?? []), announced]);
  }

  #unindex(announced: AnnouncedAddress): void {
    this.#byText.delete(announced.text);
    if (announced.address.family === "IPv4") {
      this.#ipv4.delete(u32At(announced.octets, 0));
      return;
    }
    const key = ipv6Digest(announced.octets, 0);
    const others = (this.#ipv6.get(key) ?? []).filter(({ text }) => text !== announced.text);
    if (others.length === 0) this.#ipv6.delete(key);
    else this.#ipv6.set(key, others);
  }
}

/** A holder without a list means every interface, and so does the union. */
function unionOf(holders: Holders): ReadonlySet<string> | undefined {
  const union = new Set<string>();
  for (const interfaces of holders.values()) {
    if (interfaces.length === 0) return undefined;
    for (const name of interfaces) union.add(name);
  }
  return union;
}

function equalSets(a: ReadonlySet<string> | undefined, b: ReadonlySet<string> | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.size === b.size && [...a].every((name) => b.has(name));
}
