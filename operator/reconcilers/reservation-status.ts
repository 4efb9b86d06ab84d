import { formatAddress, parseAddress } from "../../crds/net/address.ts";
import type { IPAddressPool, IPAddressPoolStatus } from "../../crds/types/ip-address-pool.ts";
import type { Reservation } from "../allocation/reservations.ts";
import { rfc3339 } from "../framework/conditions.ts";

type Entries = NonNullable<IPAddressPoolStatus["reservations"]>;

/** `status.reservations` as it is to be written. Whole seconds, rounded up: nobody loses an address too early. */
export function reservationEntries(reservations: readonly Reservation[]): Entries {
  return reservations.map(({ address, service, until }) => ({
    address: formatAddress(address),
    service,
    until: rfc3339(Math.ceil(until / 1000) * 1000),
  }));
}

/** What a pool's status keeps, in its order. Entries that cannot be read are passed over: anybody may edit a status. */
export function reservationsOf({ status }: IPAddressPool): readonly Reservation[] {
  return (status?.reservations ?? []).flatMap(({ address: text, service, until: time }) => {
    const address = parseAddress(text);
    const until = Date.parse(time);
    return address === undefined || Number.isNaN(until) ? [] : [{ address, service, until }];
  });
}
