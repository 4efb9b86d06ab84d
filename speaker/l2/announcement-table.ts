import { equalSets } from "../../crds/equal-sets.ts";
import { type Address, formatAddress } from "../../crds/net/address.ts";
import { octetsOfAddress } from "../codec/ip-octets.ts";
import { matchesAt, u32At } from "../codec/octets.ts";
import type { L2Announcement } from "../intent/intent.ts";
import { ipv6Digest } from "./ipv6-digest.ts";

/** An address that this node answers for. A value: when its interfaces change, another takes its place. */
export type AnnouncedAddress = {
  readonly address: Address;
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

/** A Service that announces an address, and the interfaces on which it does; none: on every one. */
type Holder = { readonly service: string; readonly interfaces: readonly string[] };

/**
 * An address with those who hold it: as long as one Service does it is announced. Lists, since nearly all addresses have one Service
 * and nearly all Services one address, and a Map or Set takes four times as much as a list of one.
 */
type HeldAddress = AnnouncedAddress & { readonly holders: readonly Holder[] };

/** With its octets, which are compared where digests are the same. */
type Ipv6Entry = { readonly announced: AnnouncedAddress; readonly octets: Uint8Array };

const nothing: readonly never[] = [];

/** Which Service announces which address where. Finding an address by its octets takes constant time and no allocation. */
export class AnnouncementTable implements AnnouncedAddresses {
  /** Canonical texts. */
  readonly #textsByService = new Map<string, readonly string[]>();
  readonly #byText = new Map<string, HeldAddress>();
  /** By the address as a signed number: the engine keeps those without allocation. */
  readonly #ipv4 = new Map<number, AnnouncedAddress>();
  /** Several addresses may share one digest. */
  readonly #ipv6 = new Map<number, readonly Ipv6Entry[]>();

  get size(): number {
    return this.#byText.size;
  }

  /** Replaces what the Service announces; an empty list is the same as {@link delete}. @returns what changed on the wire. */
  set(service: string, announcements: readonly L2Announcement[]): readonly AddressChange[] {
    const wanted = new Map(announcements.map((announcement) => [formatAddress(announcement.address), announcement]));
    const changes: AddressChange[] = [];
    for (const text of this.#textsByService.get(service) ?? nothing) {
      if (!wanted.has(text)) this.#release(text, service, changes);
    }
    for (const [text, announcement] of wanted) this.#hold(text, service, announcement, changes);
    if (wanted.size === 0) this.#textsByService.delete(service);
    else this.#textsByService.set(service, [...wanted.keys()]);
    return changes;
  }

  /** @returns what changed on the wire; nothing for an unknown Service. */
  delete(service: string): readonly AddressChange[] {
    return this.set(service, []);
  }

  services(): IterableIterator<string> {
    return this.#textsByService.keys();
  }

  /** The addresses of one Service as they are announced now. */
  addressesOf(service: string): readonly AnnouncedAddress[] {
    return (this.#textsByService.get(service) ?? nothing).flatMap((text) => this.#byText.get(text) ?? []);
  }

  /** The Services that announce an address, by its canonical text. */
  holdersOf(text: string): readonly string[] {
    return (this.#byText.get(text)?.holders ?? nothing).map(({ service }) => service);
  }

  get(text: string): AnnouncedAddress | undefined {
    return this.#byText.get(text);
  }

  values(): IterableIterator<AnnouncedAddress> {
    return this.#byText.values();
  }

  findIpv4(octets: Uint8Array, offset: number): AnnouncedAddress | undefined {
    return this.#ipv4.get(u32At(octets, offset) | 0);
  }

  findIpv6(octets: Uint8Array, offset: number): AnnouncedAddress | undefined {
    const bucket = this.#ipv6.get(ipv6Digest(octets, offset));
    if (bucket === undefined) return undefined;
    for (const { announced, octets: own } of bucket) if (matchesAt(octets, offset, own)) return announced;
    return undefined;
  }

  #hold(text: string, service: string, { address, interfaces }: L2Announcement, changes: AddressChange[]): void {
    const before = this.#byText.get(text);
    const isHolder = this.#textsByService.get(service)?.includes(text) ?? false;
    const others: readonly Holder[] =
      (isHolder ? before?.holders.filter((other) => other.service !== service) : before?.holders) ?? nothing;
    // Joined, since a list that is written out with a spread has room for sixteen more.
    const holders = others.concat({ service, interfaces: interfaces.length === 0 ? nothing : interfaces });
    this.#replace(before, { address, text, interfaces: unionOf(holders), holders }, changes);
  }

  #release(text: string, service: string, changes: AddressChange[]): void {
    const before = this.#byText.get(text);
    if (before === undefined) return;
    const holders = before.holders.filter((holder) => holder.service !== service);
    if (holders.length > 0) {
      this.#replace(before, { ...before, interfaces: unionOf(holders), holders }, changes);
      return;
    }
    this.#unindex(before);
    changes.push({ before, after: undefined });
  }

  #replace(before: HeldAddress | undefined, after: HeldAddress, changes: AddressChange[]): void {
    this.#index(after);
    if (before === undefined || !equalSets(before.interfaces, after.interfaces)) changes.push({ before, after });
  }

  #index(held: HeldAddress): void {
    const { address, text } = held;
    this.#byText.set(text, held);
    if (address.family === "IPv4") {
      this.#ipv4.set(ipv4Key(address), held);
      return;
    }
    const octets = octetsOfAddress(address);
    const key = ipv6Digest(octets, 0);
    this.#ipv6.set(key, [...this.#others(key, text), { announced: held, octets }]);
  }

  #unindex({ address, text }: HeldAddress): void {
    this.#byText.delete(text);
    if (address.family === "IPv4") {
      this.#ipv4.delete(ipv4Key(address));
      return;
    }
    const key = ipv6Digest(octetsOfAddress(address), 0);
    const others = this.#others(key, text);
    if (others.length === 0) this.#ipv6.delete(key);
    else this.#ipv6.set(key, others);
  }

  /** Those that share a digest with the address. */
  #others(digest: number, text: string): readonly Ipv6Entry[] {
    return this.#ipv6.get(digest)?.filter(({ announced }) => announced.text !== text) ?? nothing;
  }
}

function ipv4Key({ bits }: Address): number {
  return Number(bits) | 0;
}

/** A holder without a list means every interface, and so does the union. */
function unionOf(holders: readonly Holder[]): ReadonlySet<string> | undefined {
  const union = new Set<string>();
  for (const { interfaces } of holders) {
    if (interfaces.length === 0) return undefined;
    for (const name of interfaces) union.add(name);
  }
  return union;
}
