import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readManifest } from "../../../crds/codegen/manifest.ts";

/** One thing that the API server does not accept in one place of one version of a kind, by the schema in our manifests. */
export type Limit = {
  /** Such as `BGPPeer v1beta2`. */
  readonly version: string;
  /** Such as `spec.nodeSelectors[].matchExpressions[].key`; `*` stands for any key of a map. */
  readonly path: string;
  readonly rule: Rule;
};

export type Rule =
  | { readonly type: "type"; readonly of: JsonType }
  | { readonly type: "required" }
  | { readonly type: "enum"; readonly values: readonly string[] }
  | { readonly type: Bound; readonly bound: number }
  | { readonly type: "pattern"; readonly pattern: string }
  | { readonly type: "format"; readonly format: string; readonly isBounded: boolean }
  | { readonly type: "unique"; readonly keys: readonly string[] }
  | { readonly type: "cel"; readonly rule: string; readonly message: string };

export type JsonType = "string" | "integer" | "boolean" | "array" | "object";
export type Bound = (typeof bounds)[number];

const bounds = ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"] as const;

/** As far as our manifests go; {@link limitsIn} refuses a key that it does not know. */
type Schema = {
  readonly [bound in Bound]?: number;
} & {
  readonly type?: JsonType;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-validations"?: readonly { readonly rule: string; readonly message: string }[];
};

/** Keys of a schema that limit something, or lead to what does; and those that limit nothing. */
const understood: readonly string[] = [
  ...bounds,
  ...["type", "format", "enum", "pattern", "properties", "required", "items", "additionalProperties"],
  ...["x-kubernetes-list-map-keys", "x-kubernetes-validations"],
  ...["description", "default", "x-kubernetes-list-type", "x-kubernetes-map-type"],
];

/** Every limit of `spec` and `status` of every version of every kind. @throws {Error} at a key of a schema that is not understood. */
export function allLimits(): readonly Limit[] {
  const folder = join(import.meta.dirname, "../../../crds/manifests");
  return readdirSync(folder).flatMap((file) => {
    const { names, versions } = readManifest(readFileSync(join(folder, file), "utf8")).spec;
    return versions.flatMap(({ name, schema }) => {
      const { spec, status } = schema.openAPIV3Schema.properties ?? {};
      const root = { ...schema.openAPIV3Schema, properties: { ...(spec && { spec }), ...(status && { status }) } };
      return limitsIn(`${names.kind} ${name}`, "", root as Schema);
    });
  });
}

/** The limits of one schema and of all that is in it. */
export function limitsIn(version: string, path: string, schema: Schema): readonly Limit[] {
  const unknown = Object.keys(schema).filter((key) => !understood.includes(key));
  if (unknown.length > 0) throw new Error(`${version} ${path}: nobody knows how ${unknown.join(", ")} is tried`);
  const at = (name: string): string => (path === "" ? name : `${path}.${name}`);
  const own = path === "" ? [] : ownRules(schema);
  return [
    ...own.map((rule) => ({ version, path, rule })),
    ...(schema.required ?? []).map((name): Limit => ({ version, path: at(name), rule: { type: "required" } })),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, field]) => limitsIn(version, at(name), field)),
    ...(schema.items === undefined ? [] : limitsIn(version, `${path}[]`, schema.items)),
    ...(schema.additionalProperties === undefined ? [] : limitsIn(version, at("*"), schema.additionalProperties)),
  ];
}

function ownRules(schema: Schema): readonly Rule[] {
  const { type, format, pattern, "x-kubernetes-list-map-keys": keys, "x-kubernetes-validations": validations = [] } = schema;
  return [
    ...(type === undefined ? [] : [{ type: "type", of: type } as const]),
    ...(schema.enum === undefined ? [] : [{ type: "enum", values: schema.enum } as const]),
    ...bounds.flatMap((bound): readonly Rule[] => {
      const value = schema[bound];
      return value === undefined ? [] : [{ type: bound, bound: value }];
    }),
    ...(pattern === undefined ? [] : [{ type: "pattern", pattern } as const]),
    ...(format === undefined ? [] : [{ type: "format", format, isBounded: schema.maximum !== undefined } as const]),
    ...(keys === undefined ? [] : [{ type: "unique", keys } as const]),
    ...validations.map(({ rule, message }) => ({ type: "cel", rule, message }) as const),
  ];
}

/** One line that names it. */
export function limitText({ version, path, rule }: Limit): string {
  return `${version} ${path} ${ruleText(rule)}`;
}

function ruleText(rule: Rule): string {
  switch (rule.type) {
    case "type":
      return `is of type ${rule.of}`;
    case "required":
      return "is required";
    case "enum":
      return `is one of ${rule.values.join("|")}`;
    case "pattern":
      return "has a pattern";
    case "format":
      return `has format ${rule.format}`;
    case "unique":
      return `has every ${rule.keys.join("+")} once`;
    case "cel":
      return `says: ${rule.message}`;
    case "minimum":
    case "maximum":
    case "minLength":
    case "maxLength":
    case "minItems":
    case "maxItems":
      return `has ${rule.type} ${rule.bound}`;
  }
}
