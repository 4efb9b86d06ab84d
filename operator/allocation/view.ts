import type { Pool } from "../../crds/config/snapshot.ts";
import type { Address, Family } from "../../crds/net/address.ts";
import type { Stock } from "./pool-gap.ts";
import type { PoolIndex } from "./pool-index.ts";
import type { Request } from "./request.ts";
import type { Reservation } from "./reservations.ts";
import type { Clash } from "./sharing.ts";

/** What a decision may look at. Nothing is taken by looking. */
export type View = {
  readonly index: PoolIndex;
  /** Pools that exist but cannot be read; some have a last good meaning that is in force. */
  readonly unreadable: ReadonlySet<string>;
  /** The address of a pool that `request` gets: one that it has or that is kept for it, else the first that it may take. */
  first(pool: Pool, family: Family, request: Request): Address | undefined;
  /** What keeps `request` from joining those on an address. */
  clash(address: Address, request: Request): Clash | undefined;
  /** Addresses that are kept for the Service. */
  reservedFor(service: string): readonly Reservation[];
  /** Somebody else's reservation, while nobody is on the address. */
  reservationAgainst(service: string, address: Address): Reservation | undefined;
  stockOf(pool: Pool, family: Family, request: Request): Stock;
};
