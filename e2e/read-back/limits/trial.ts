import { valueAt, withValueAt } from "./place.ts";
import { type RuleCase, ruleCases } from "./rule-case.ts";
import { type Sample, samples } from "./sample.ts";
import type { JsonType, Limit } from "./schema-limit.ts";

/** What a limit is tried with: objects that just break it, and objects that just keep it. */
export type Trial = {
  readonly limit: Limit;
  /** What the refusal must say, beside the field's name. */
  readonly says: string;
  readonly broken: readonly Sample[];
  readonly kept: readonly Sample[];
  /** The rule compares with what is stored: this object. */
  readonly stored?: Sample;
};

/** Values for the place of a limit; an `undefined` among them: the field is not there. */
type Values = { readonly says?: string; readonly broken: readonly unknown[]; readonly kept?: readonly unknown[] };

/** @throws {Error} when there is no sample with that field, or no case for that rule. */
export function trialOf(limit: Limit): Trial {
  const { version, path } = limit;
  const sample = samples[version]?.find((each) => valueAt(each, path) !== undefined);
  if (sample === undefined) throw new Error(`no sample of ${version} has ${path}: add one to sample.ts`);
  const { says = "", broken, kept = [] } = valuesFor(limit, valueAt(sample, path));
  const put = (value: unknown): Sample => withValueAt(sample, path, value) as Sample;
  const isTransition = limit.rule.type === "cel" && /\boldSelf\b/.test(limit.rule.rule);
  return {
    limit,
    says,
    broken: broken.map(put),
    kept: kept.length === 0 ? [sample] : kept.map(put),
    ...(isTransition && { stored: sample }),
  };
}

/** The case of a CEL rule. */
export function caseOf({ version, path, rule }: Limit): RuleCase | undefined {
  if (rule.type !== "cel") return undefined;
  return ruleCases.find(
    (each) => each.versions.includes(version) && each.paths.includes(path) && rule.message.includes(each.says),
  );
}

const wrong: { readonly [type in JsonType]: unknown } = { string: 7, integer: "x", boolean: "x", array: "x", object: "x" };

/** No pattern of ours matches it. */
const unmatched = "-";

function valuesFor(limit: Limit, good: unknown): Values {
  const { rule } = limit;
  switch (rule.type) {
    case "type":
      return { broken: [wrong[rule.of]] };
    case "required":
      return { broken: [undefined] };
    case "enum":
      return { broken: ["nonsense"], kept: rule.values };
    case "minimum":
      return { says: String(rule.bound), broken: [rule.bound - 1], kept: [rule.bound] };
    case "maximum":
      return { says: String(rule.bound), broken: [rule.bound + 1], kept: [rule.bound] };
    case "minLength":
      return { says: String(rule.bound), broken: ["a".repeat(rule.bound - 1)], kept: ["a".repeat(rule.bound)] };
    case "maxLength":
      return { says: String(rule.bound), broken: ["a".repeat(rule.bound + 1)], kept: ["a".repeat(rule.bound)] };
    case "minItems":
      return { says: String(rule.bound), broken: [items(good, rule.bound - 1)], kept: [items(good, rule.bound)] };
    case "maxItems":
      return { says: String(rule.bound), broken: [items(good, rule.bound + 1)], kept: [items(good, rule.bound)] };
    case "pattern":
      return { broken: [unmatched] };
    case "format":
      return formatValues(rule);
    case "unique":
      return { broken: [items(good, 2)], kept: [[...items(good, 1), ...items(good, 1).map((item) => renamed(item, rule.keys))]] };
    case "cel": {
      const found = caseOf(limit);
      if (found === undefined)
        throw new Error(`no case in rule-case.ts breaks the rule of ${limit.version} ${limit.path}: ${rule.rule}`);
      return { says: rule.message, broken: found.broken, kept: found.kept };
    }
  }
}

function items(good: unknown, count: number): readonly unknown[] {
  const [first] = Array.isArray(good) ? good : [];
  return new Array<unknown>(count).fill(first);
}

function renamed(item: unknown, keys: readonly string[]): unknown {
  return keys.reduce((changed, key) => withValueAt(changed, key, "Another"), item);
}

function formatValues({ format, isBounded }: { readonly format: string; readonly isBounded: boolean }): Values {
  switch (format) {
    case "int32":
      return { broken: [2 ** 31], kept: isBounded ? [] : [2 ** 31 - 1] };
    case "int64":
      return { broken: [2 ** 64], kept: isBounded ? [] : [Number.MAX_SAFE_INTEGER] };
    case "date-time":
      return { broken: ["yesterday"], kept: ["2026-02-28T23:59:59.5+02:00"] };
    default:
      throw new Error(`nobody knows what breaks format ${format}`);
  }
}
