import { deepEqual, equal, ok } from "node:assert/strict";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import fc from "fast-check";
import { schemas } from "./schemas.ts";
import { validatorOf, validatorsModule } from "./validators.ts";

let shipped: typeof validatorOf;

before(async () => {
  const resolveDir = fileURLToPath(new URL(".", import.meta.url));
  const stdin = { contents: validatorsModule(), resolveDir };
  const { outputFiles } = await build({ stdin, bundle: true, write: false, format: "esm", platform: "node" });
  const module = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? "")}`);
  shipped = module.validatorOf;
});

const versions = Object.entries(schemas).flatMap(([kind, ofKind]) =>
  Object.keys(ofKind).map((version) => [kind, version] as const),
);

test("there are the same validators in what ships, and no others", () => {
  for (const [kind, version] of versions) ok(shipped(kind, version) !== undefined, `${kind} ${version}`);
  for (const [kind, version] of [
    ["IPAddressPool", "v1"],
    ["constructor", "v1beta1"],
    ["__proto__", ""],
  ] as const)
    deepEqual([shipped(kind, version), validatorOf(kind, version)], [undefined, undefined]);
});

test("what ships finds the same violations", () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.constantFrom(...versions), fc.array(fc.nat(), { minLength: 30 }), (which, choices) => {
      const [kind, version] = which;
      const object = sample(schemas[kind]?.[version] ?? {}, choices.values());
      const [now, ahead] = [validatorOf(kind, version), shipped(kind, version)];
      equal(ahead?.(object), now?.(object));
      deepEqual(ahead?.errors, now?.errors);
      if (now?.errors) refused++;
    }),
    { numRuns: 2000 },
  );
  ok(refused > 500 && refused < 1900, `${refused} of 2000 were refused`);
});

type Schema = {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
};

/** A value that mostly suits a schema; the choices say where it does not. */
function sample(schema: Schema, choices: Iterator<number>): unknown {
  const pick = (of: number): number => (choices.next().value ?? 0) % of;
  if (pick(40) === 1) return [null, 1.5, "text", [], {}, true, -1][pick(7)];
  if (schema.enum !== undefined) return pick(8) === 1 ? "other" : schema.enum[pick(schema.enum.length)];
  switch (schema.type) {
    case "object": {
      const entries = Object.entries(schema.properties ?? {}).filter(() => pick(6) !== 1);
      const named = entries.map(([name, of]) => [name, sample(of, choices)]);
      const more = schema.additionalProperties === undefined ? [] : [["any", sample(schema.additionalProperties, choices)]];
      return Object.fromEntries([...named, ...more]);
    }
    case "array":
      return Array.from({ length: pick(3) }, () => sample(schema.items ?? {}, choices));
    case "integer":
      return [schema.minimum ?? 1, schema.maximum ?? 2, (schema.minimum ?? 0) - 1, (schema.maximum ?? 0) + 1, 7][pick(5)];
    case "boolean":
      return pick(2) === 1;
    default:
      return ["", "a", "192.0.2.1", "é".repeat(70)][pick(4)];
  }
}
