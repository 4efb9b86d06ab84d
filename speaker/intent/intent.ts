import type { Address } from "../../crds/net/address.ts";

/** What this node is to announce. Plain data: crosses threads by structured clone. */
export type Intent = {
  /** By Service key `namespace/name`; a Service that announces nothing on layer 2 is absent. */
  readonly l2: ReadonlyMap<string, readonly L2Announcement[]>;
};

/** One address of one Service, to be answered for on layer 2. */
export type L2Announcement = {
  readonly address: Address;
  /** Interface names, sorted; empty: every interface. */
  readonly interfaces: readonly string[];
};

/** True when both say the same, in the same order: nothing has to cross to the wire. */
export function equalAnnouncements(a: readonly L2Announcement[], b: readonly L2Announcement[]): boolean {
  return a.length === b.length && a.every((one, i) => equalAnnouncement(one, b[i]));
}

function equalAnnouncement(a: L2Announcement, b: L2Announcement | undefined): boolean {
  return (
    b !== undefined &&
    a.address.family === b.address.family &&
    a.address.bits === b.address.bits &&
    a.interfaces.length === b.interfaces.length &&
    a.interfaces.every((name, i) => name === b.interfaces[i])
  );
}
