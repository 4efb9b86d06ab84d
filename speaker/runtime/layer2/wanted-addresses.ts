import { formatAddress } from "../../../crds/net/address.ts";
import { equalAnnouncements, type L2Announcement } from "../../intent/intent.ts";

/** Addresses that this node was elected to announce, whether or not it does, with their Services. */
export class WantedAddresses {
  readonly #byService = new Map<string, readonly L2Announcement[]>();
  readonly #services = new Map<string, readonly string[]>();

  /** @param announcements all of the Service's; empty: this node was not elected. */
  set(service: string, announcements: readonly L2Announcement[]): void {
    const before = this.#byService.get(service) ?? [];
    if (equalAnnouncements(before, announcements)) return;
    for (const { address } of before) this.#remove(formatAddress(address), service);
    if (announcements.length === 0) this.#byService.delete(service);
    else this.#byService.set(service, announcements);
    for (const { address } of announcements) {
      const ip = formatAddress(address);
      this.#services.set(ip, this.servicesOf(ip).concat(service));
    }
  }

  /** Keys of the Services that have the address. */
  servicesOf(ip: string): readonly string[] {
    return this.#services.get(ip) ?? [];
  }

  /** How the address is to be announced, by the first of its Services. */
  announcementOf(ip: string): L2Announcement | undefined {
    const [service] = this.servicesOf(ip);
    return service === undefined ? undefined : this.#byService.get(service)?.find(({ address }) => formatAddress(address) === ip);
  }

  #remove(ip: string, service: string): void {
    const rest = this.servicesOf(ip).filter((other) => other !== service);
    if (rest.length === 0) this.#services.delete(ip);
    else this.#services.set(ip, rest);
  }
}
