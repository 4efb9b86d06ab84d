import { property } from "./config/identity.ts";
import { schemas } from "./schemas.ts";

/** meta/v1 ObjectMeta. */
const metadataFields: readonly string[] = [
  "annotations",
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "finalizers",
  "generateName",
  "generation",
  "labels",
  "managedFields",
  "name",
  "namespace",
  "ownerReferences",
  "resourceVersion",
  "selfLink",
  "uid",
];

/** Enough to mend an object by. */
const listedAtMost = 20;

/**
 * Fields that the schema of a kind does not have: kubectl refuses an object that has one, and the API server drops it.
 * @returns paths such as `spec.adresses`, at most 20; empty for a kind or version that is not there.
 */
export function unknownFields(kind: string, version: string, object: unknown): readonly string[] {
  const versions = Object.hasOwn(schemas, kind) ? schemas[kind] : undefined;
  const schema = versions !== undefined && Object.hasOwn(versions, version) ? versions[version] : undefined;
  const metadata = keysOf(property(object, "metadata")).filter((key) => !metadataFields.includes(key));
  return [...metadata.map((key) => `metadata.${key}`), ...unknownIn(schema, object, "")].slice(0, listedAtMost);
}

/** Goes no deeper than the schema does, which is not deep. */
function unknownIn(schema: unknown, value: unknown, path: string): readonly string[] {
  const items = property(schema, "items");
  if (Array.isArray(value)) return value.flatMap((each: unknown, index) => unknownIn(items, each, `${path}[${index}]`));
  const properties = property(schema, "properties");
  if (properties === undefined) return [];
  return keysOf(value).flatMap((key) => {
    const known = property(properties, key);
    const place = path === "" ? key : `${path}.${key}`;
    return known === undefined ? [place] : unknownIn(known, property(value, key), place);
  });
}

function keysOf(value: unknown): readonly string[] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}
