import type { AnnouncedAddress, AnnouncedAddresses, AnnouncementTable } from "./announcement-table.ts";

/** The addresses of a table without those that are going to another node: what is announced, while all are answered for. */
export class StayingAddresses implements AnnouncedAddresses {
  readonly #table: AnnouncementTable;
  readonly #isLeaving: (service: string) => boolean;

  constructor(table: AnnouncementTable, isLeaving: (service: string) => boolean) {
    this.#table = table;
    this.#isLeaving = isLeaving;
  }

  get(text: string): AnnouncedAddress | undefined {
    return this.#staying(this.#table.get(text));
  }

  *values(): IterableIterator<AnnouncedAddress> {
    for (const address of this.#table.values()) if (this.#staying(address) !== undefined) yield address;
  }

  findIpv4(octets: Uint8Array, offset: number): AnnouncedAddress | undefined {
    return this.#staying(this.#table.findIpv4(octets, offset));
  }

  findIpv6(octets: Uint8Array, offset: number): AnnouncedAddress | undefined {
    return this.#staying(this.#table.findIpv6(octets, offset));
  }

  /** An address stays as long as one Service that holds it does. */
  #staying(address: AnnouncedAddress | undefined): AnnouncedAddress | undefined {
    if (address === undefined) return undefined;
    return this.#table.holdersOf(address.text).some((service) => !this.#isLeaving(service)) ? address : undefined;
  }
}
