import type { Rival } from "../answer.ts";

/** A frame in which another machine claimed an address. A hint: anybody can send such a frame. */
export type Sighting = {
  /** Canonical text of the address. */
  readonly ip: string;
  /** Hardware address that was claimed for it, as `02:00:00:00:00:01`. */
  readonly mac: string;
  readonly form: Rival["form"];
  /** Name of the interface that heard it. */
  readonly interface: string;
};
