import type { Resources } from "../../crds/config/resources.ts";
import { member, textMember } from "./json.ts";

/** Where the objects of each kind stand among the resources. */
const places = {
  IPAddressPool: "pools",
  L2Advertisement: "l2Advertisements",
  BGPAdvertisement: "bgpAdvertisements",
  BGPPeer: "bgpPeers",
  BFDProfile: "bfdProfiles",
  Community: "communities",
} as const satisfies { readonly [kind: string]: keyof Resources };

/** Kinds that admission knows. */
export type AdmittedKind = keyof typeof places;

export function isAdmittedKind(kind: string): kind is AdmittedKind {
  return Object.hasOwn(places, kind);
}

/** The list of the objects of `kind`; undefined when admission does not know it. */
export function placeOf(kind: string): keyof Resources | undefined {
  return isAdmittedKind(kind) ? places[kind] : undefined;
}

/** `resources` with `object` in the place of its namesake, or at the end when it has none. */
export function withObject(resources: Resources, kind: AdmittedKind, object: unknown): Resources {
  const place = places[kind];
  return { ...resources, [place]: replaced(resources[place], object) };
}

/** `resources` without the object of that kind and name. */
export function withoutObject(resources: Resources, kind: AdmittedKind, name: string): Resources {
  const place = places[kind];
  return { ...resources, [place]: resources[place].filter((object) => nameOf(object) !== name) };
}

/** `objects` with `object` in the place of its namesake, or at the end when it has none. */
export function replaced(objects: readonly unknown[], object: unknown): readonly unknown[] {
  const at = objects.findIndex((other) => nameOf(other) === nameOf(object));
  return at === -1 ? [...objects, object] : objects.with(at, object);
}

/** metadata.name of any object; empty when it has none. */
export function nameOf(object: unknown): string {
  return textMember(member(object, "metadata"), "name");
}
