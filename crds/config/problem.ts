import type { SchemaError } from "../schema.ts";
import type { SelectorProblem } from "../selector.ts";
import type { Finding, FindingCode, ObjectRef } from "./finding.ts";
import { compareText } from "./seniority.ts";

/** An error of one object alone: `what` follows the object's name and field. */
export function errorIn(object: ObjectRef, code: FindingCode, field: string, what: string): Finding {
  return { code, severity: "error", object, others: [], field, message: `${object.kind} "${object.name}": ${field}: ${what}` };
}

/** One finding for each place where the object breaks its CRD's schema. */
export function schemaFindings(object: ObjectRef, errors: readonly SchemaError[]): readonly Finding[] {
  return errors.map(({ path, reason }) => errorIn(object, "SchemaViolation", path === "" ? "object" : path, reason));
}

/** One finding for each problem of the selectors that stand at `field`. */
export function selectorFindings(object: ObjectRef, field: string, problems: readonly SelectorProblem[]): readonly Finding[] {
  return problems.map(({ code, path, reason }) => errorIn(object, code, `${field}${path}`, reason));
}

/** One finding for each text that stands in the list more than once, in the words that MetalLB begins with. */
export function duplicateFindings(object: ObjectRef, field: string, texts: readonly string[]): readonly Finding[] {
  const seen = new Set<string>();
  const list = field.slice(field.lastIndexOf(".") + 1);
  const what = list === "communities" ? "community" : list;
  return texts.flatMap((text, index) => {
    if (!seen.has(text)) {
      seen.add(text);
      return [];
    }
    return [errorIn(object, "DuplicateEntry", `${field}[${index}]`, `duplicate definition of ${what} "${text}": remove one`)];
  });
}

/** A total order: findings come out the same, whatever order the objects came in. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    compareText(a.object.kind, b.object.kind) ||
    compareText(a.object.name, b.object.name) ||
    comparePaths(a.field ?? "", b.field ?? "") ||
    compareText(a.code, b.code) ||
    compareText(a.message, b.message) ||
    compareText(restOf(a), restOf(b))
  );
}

/** What two findings can differ in although they say the same of the same place. */
function restOf({ severity, others, remedy }: Finding): string {
  return JSON.stringify([severity, others, remedy]);
}

/** `addresses[2]` before `addresses[10]`. */
function comparePaths(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [a.split(/(\d+)/), b.split(/(\d+)/)];
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = index % 2 === 1 ? Number(part) - Number(other) : compareText(part, other);
    if (order !== 0) return order;
  }
  return left.length - right.length || compareText(a, b); // 01 and 1 are equal as numbers
}
