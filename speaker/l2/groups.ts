import { formatAddress } from "../../crds/net/address.ts";
import { addressOfOctets, octetsOfAddress, solicitedNode } from "../codec/ip-octets.ts";
import { type AddressChange, type AnnouncedAddress, type AnnouncedAddresses, announcedOn } from "./announcement-table.ts";
import type { WireLink } from "./link-selection.ts";

/** A multicast group to join or to leave on the interface of that name. `group` is canonical text. */
export type GroupChange = { readonly type: "join" | "leave"; readonly group: string; readonly link: string };

/** How many announced addresses want each group. */
type GroupCounts = Map<string, number>;

/**
 * The solicited-node groups that must be joined, counted: several addresses may share one. RFC 4291 §2.7.1.
 * Every change is told once, when it is needed first or no more.
 */
export class SolicitedNodeGroups {
  readonly #table: AnnouncedAddresses;
  readonly #byLink = new Map<string, { readonly index: number; readonly counts: GroupCounts }>();

  constructor(table: AnnouncedAddresses) {
    this.#table = table;
  }

  /** Follows changes of the table. */
  apply(changes: readonly AddressChange[]): readonly GroupChange[] {
    const wanted: GroupChange[] = [];
    for (const { before, after } of changes) {
      for (const [link, { counts }] of this.#byLink) {
        if (after !== undefined && wants(after, link)) add(counts, groupOf(after), link, wanted);
        if (before !== undefined && wants(before, link)) remove(counts, groupOf(before), link, wanted);
      }
    }
    return withoutDetours(wanted);
  }

  /** Follows the links. One that came back under the same name with another index is joined anew. */
  setLinks(links: readonly WireLink[]): readonly GroupChange[] {
    const changes: GroupChange[] = [];
    const present = new Map(links.filter(({ linkLocal }) => linkLocal !== undefined).map((link) => [link.name, link]));
    for (const [name, { index, counts }] of this.#byLink) {
      if (present.get(name)?.index === index) continue;
      for (const group of counts.keys()) changes.push({ type: "leave", group, link: name });
      this.#byLink.delete(name);
    }
    for (const { name, index } of present.values()) {
      if (this.#byLink.has(name)) continue;
      const counts: GroupCounts = new Map();
      this.#byLink.set(name, { index, counts });
      for (const address of this.#table.values()) if (wants(address, name)) add(counts, groupOf(address), name, changes);
    }
    return changes;
  }
}

function wants(address: AnnouncedAddress, link: string): boolean {
  return address.address.family === "IPv6" && announcedOn(address, link);
}

function groupOf({ address }: AnnouncedAddress): string {
  const group = addressOfOctets(solicitedNode(octetsOfAddress(address)));
  return group === undefined ? "" : formatAddress(group);
}

function add(counts: GroupCounts, group: string, link: string, changes: GroupChange[]): void {
  const count = counts.get(group) ?? 0;
  counts.set(group, count + 1);
  if (count === 0) changes.push({ type: "join", group, link });
}

function remove(counts: GroupCounts, group: string, link: string, changes: GroupChange[]): void {
  const count = counts.get(group) ?? 0;
  if (count > 1) {
    counts.set(group, count - 1);
    return;
  }
  counts.delete(group);
  changes.push({ type: "leave", group, link });
}

/** A group that was left for one address and joined for another in the same step never has to be left. */
function withoutDetours(changes: readonly GroupChange[]): readonly GroupChange[] {
  const last = new Map<string, GroupChange>();
  for (const change of changes) {
    const key = `${change.link} ${change.group}`;
    if (last.has(key)) last.delete(key);
    else last.set(key, change);
  }
  return [...last.values()];
}
