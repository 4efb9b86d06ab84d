import { Ajv, type ErrorObject, type Options, type ValidateFunction } from "ajv";
import standalone from "ajv/dist/standalone/index.js";
import { schemas } from "./schemas.ts";

/** One thing that is wrong with an object. */
export type Violation = ErrorObject;

/** The schemas were made from our own manifests: no time is spent on checking them against the schema of schemas. */
const options: Options = {
  meta: false,
  validateSchema: false,
  strict: false,
  allErrors: true,
  validateFormats: false,
  ownProperties: true,
  messages: true,
};

const validators = new Map<string, ValidateFunction>();

/** What checks the objects of a kind in a version such as `v1beta1`; compiled on first use. @returns undefined when there is no such kind. */
export function validatorOf(kind: string, version: string): ValidateFunction | undefined {
  const name = nameOf(kind, version);
  const known = validators.get(name);
  if (known !== undefined) return known;
  const versions = Object.hasOwn(schemas, kind) ? schemas[kind] : undefined;
  const schema = versions !== undefined && Object.hasOwn(versions, version) ? versions[version] : undefined;
  if (schema === undefined) return undefined;
  const compiled = new Ajv(options).compile(schema);
  validators.set(name, compiled);
  return compiled;
}

/**
 * The text of a module with a {@link validatorOf} whose validators are compiled already: for a program that ships, which would pay for
 * the compiler with several MiB and a tenth of a second in each of its threads.
 */
export function validatorsModule(): string {
  const ajv = new Ajv({ ...options, code: { source: true, esm: true } });
  const names: string[] = [];
  for (const [kind, versions] of Object.entries(schemas))
    for (const [version, schema] of Object.entries(versions)) {
      const name = nameOf(kind, version);
      ajv.addSchema(schema, name);
      names.push(name);
    }
  const validate = standalone.default(ajv, Object.fromEntries(names.map((name) => [name, name])));
  return `${validate}
const validators = { ${names.join(", ")} };
export function validatorOf(kind, version) {
  const name = kind + "_" + version;
  return Object.hasOwn(validators, name) ? validators[name] : undefined;
}
`;
}

/** An identifier of JavaScript. */
function nameOf(kind: string, version: string): string {
  return `${kind}_${version}`;
}
