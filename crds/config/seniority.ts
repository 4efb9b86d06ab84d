import type { Identity } from "./identity.ts";

/** Names objects whose meaning is in force already, as `kind/name`, and what they are attached to. */
export type Incumbents = ReadonlySet<string>;

export function incumbentKey(kind: string, name: string): string {
  return `${kind}/${name}`;
}

/** Says among {@link Incumbents} that a BGPAdvertisement is in force on a pool. */
export function attachmentKey(advertisement: string, pool: string): string {
  return `${incumbentKey("BGPAdvertisement", advertisement)}@${incumbentKey("IPAddressPool", pool)}`;
}

/**
 * Orders objects by who keeps what both claim, the winner first: an incumbent, then the one whose present generation was
 * accepted, then the older, then by name. Without incumbents it depends on nothing but what the API holds, so that every
 * process blames the same object.
 */
export function compareSeniority(a: Identity, b: Identity, incumbents: Incumbents): number {
  return (
    rank(a, incumbents) - rank(b, incumbents) ||
    compareText(a.createdAt ?? "~", b.createdAt ?? "~") || // an object without a time is still to be created
    compareText(a.name, b.name) ||
    compareText(a.uid, b.uid)
  );
}

function rank(identity: Identity, incumbents: Incumbents): number {
  if (incumbents.has(incumbentKey(identity.ref.kind, identity.name))) return 0;
  return identity.accepted ? 1 : 2;
}

/** Order by UTF-16 code units, the same everywhere. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
