import type { ObjectBase } from "../types/kubernetes.ts";
import { apiGroup } from "../types/well-known.ts";
import { cleanName, isObjectName } from "./legacy-name.ts";
import { type LegacyRemark, legacyError, legacyWarning } from "./legacy-remark.ts";

/** An object that was made, and the place that it was made from. */
export type Made = { readonly object: ObjectBase & { readonly kind: string; readonly spec: object }; readonly path: string };

/** Some objects, and what is to say about them. */
export type Making = { readonly made: readonly Made[]; readonly remarks: readonly LegacyRemark[] };

/** An object of our group. `spec` may have undefined members, which are left out. */
export function make(kind: string, name: string, namespace: string, spec: object, path: string): Made {
  const apiVersion = `${apiGroup}/${kind === "BGPPeer" ? "v1beta2" : "v1beta1"}`;
  return { object: { apiVersion, kind, metadata: { name, namespace }, spec: filled(spec) }, path };
}

/** Without its undefined members. */
export function filled<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** A list that holds something. */
export function notEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}

/** The name under which an object of the legacy configuration goes on; undefined when it has none that Kubernetes takes. */
export function nameFrom(
  name: string | undefined,
  path: string,
): { readonly name: string | undefined; readonly remarks: readonly LegacyRemark[] } {
  if (name === undefined) return { name: undefined, remarks: [legacyError(path, "is missing: give it a name")] };
  const clean = cleanName(name);
  if (clean === undefined || !isObjectName(clean)) {
    const rest = clean === undefined ? "has no letter to begin with" : `would become ${JSON.stringify(clean)}`;
    const way = "write lower-case letters, digits and dashes, with a letter first and no dash last";
    return { name: undefined, remarks: [legacyError(path, `${JSON.stringify(name)} is no name for an object, ${rest}: ${way}`)] };
  }
  if (clean === name) return { name, remarks: [] };
  return { name: clean, remarks: [legacyWarning(path, `${JSON.stringify(name)} becomes ${JSON.stringify(clean)}`)] };
}
