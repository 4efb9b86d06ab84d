/** One label selector, checked and ready to match. Plain data. */
export type Selector = {
  /** Canonical text such as `app=web,tier in (a,b)`; empty for the selector that matches everything. Equal text, equal meaning. */
  readonly text: string;
  /** All must hold. */
  readonly requirements: readonly Requirement[];
};

export type Operator = "In" | "NotIn" | "Exists" | "DoesNotExist";

export type Requirement = { readonly key: string; readonly operator: Operator; readonly values: readonly string[] };

/** Something wrong with a selector; `path` is relative to it, such as `.matchExpressions[0].values[1]`. */
export type SelectorProblem = {
  readonly code: "SelectorInvalid" | "SelectorDuplicate";
  readonly path: string;
  readonly reason: string;
};

/** A LabelSelector as the API holds it, unchecked. */
type RawSelector = { readonly matchLabels?: unknown; readonly matchExpressions?: unknown };

const operators: { readonly [operator in Operator]: "values" | "no values" } = {
  In: "values",
  NotIn: "values",
  Exists: "no values",
  DoesNotExist: "no values",
};

/** Checks and compiles a meta/v1 LabelSelector. Never throws; `reason` names the first thing that is wrong. */
export function compileSelector(
  raw: unknown,
): { readonly ok: true; readonly selector: Selector } | { readonly ok: false; readonly reason: string } {
  const { selector, problems } = inspect(raw);
  const problem = problems.find(({ code }) => code === "SelectorInvalid");
  return problem === undefined ? { ok: true, selector } : { ok: false, reason: problem.reason };
}

/**
 * Checks and compiles a list of selectors, which are alternatives. Beside what {@link compileSelector} refuses, a value
 * twice in an expression, an expression twice in a selector and a selector twice in the list are problems. The order
 * of expressions tells selectors apart, the order of values does not.
 * @returns the selectors in the list's order; those with a problem are left out.
 */
export function compileSelectors(raw: unknown): {
  readonly selectors: readonly Selector[];
  readonly problems: readonly SelectorProblem[];
} {
  if (raw === undefined || raw === null) return { selectors: [], problems: [] };
  if (!Array.isArray(raw)) return { selectors: [], problems: [invalid("", "it must be a list of label selectors")] };
  const selectors: Selector[] = [];
  const problems: SelectorProblem[] = [];
  const firstAt = new Map<string, number>();
  for (const [index, each] of raw.entries()) {
    const inspected = inspect(each);
    const earlier = firstAt.get(inspected.identity);
    problems.push(...inspected.problems.map((problem) => ({ ...problem, path: `[${index}]${problem.path}` })));
    if (earlier !== undefined)
      problems.push(duplicate(`[${index}]`, `selector ${index} is the same as selector ${earlier}: remove one`));
    else firstAt.set(inspected.identity, index);
    if (inspected.problems.length === 0 && earlier === undefined) selectors.push(inspected.selector);
  }
  return { selectors, problems };
}

/** Whether the labels fulfil every requirement. */
export function matches(selector: Selector, labels: Readonly<Record<string, string>>): boolean {
  return selector.requirements.every((requirement) => holds(requirement, labels));
}

/** Whether at least one selector matches. False for an empty list: callers decide what no constraint means. */
export function matchesAny(selectors: readonly Selector[], labels: Readonly<Record<string, string>>): boolean {
  return selectors.some((selector) => matches(selector, labels));
}

function holds({ key, operator, values }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}

type Inspected = { readonly selector: Selector; readonly identity: string; readonly problems: readonly SelectorProblem[] };

function inspect(raw: unknown): Inspected {
  if (!isObject(raw)) {
    return {
      selector: { text: "", requirements: [] },
      identity: "none",
      problems: [invalid("", "it is no label selector")],
    };
  }
  const { matchLabels, matchExpressions }: RawSelector = raw;
  const problems: SelectorProblem[] = [];
  const equalities = readMatchLabels(matchLabels, problems);
  const expressions = readExpressions(matchExpressions, problems);
  const requirements = [...equalities, ...expressions];
  const text = requirements.map(textOf).sort().join(",");
  // Labels and expressions are kept apart here: the same meaning said in two ways is no duplicate.
  const identity = `${equalities.map(textOf).sort().join(",")}|${expressions.map(textOf).join(",")}`;
  return { selector: { text, requirements }, identity, problems };
}

function readMatchLabels(raw: unknown, problems: SelectorProblem[]): readonly Requirement[] {
  if (raw === undefined || raw === null) return [];
  if (!isObject(raw)) {
    problems.push(invalid(".matchLabels", "matchLabels must be a map of text to text"));
    return [];
  }
  return Object.entries(raw).map(([key, value]) => {
    const path = `.matchLabels[${key}]`;
    checkKey(key, path, problems);
    checkValue(value, path, problems);
    return { key, operator: "In", values: [asText(value)] };
  });
}

function readExpressions(raw: unknown, problems: SelectorProblem[]): readonly Requirement[] {
  if (raw === undefined || raw === null) return [];
  if (!Array.isArray(raw)) {
    problems.push(invalid(".matchExpressions", "matchExpressions must be a list"));
    return [];
  }
  const seen = new Map<string, number>();
  const requirements: Requirement[] = [];
  for (const [index, each] of raw.entries()) {
    const path = `.matchExpressions[${index}]`;
    const requirement = readExpression(each, path, problems);
    if (requirement === undefined) continue;
    const earlier = seen.get(textOf(requirement));
    if (earlier === undefined) seen.set(textOf(requirement), index);
    else problems.push(duplicate(path, `expression ${index} is the same as expression ${earlier}: remove one`));
    requirements.push(requirement);
  }
  return requirements;
}

function readExpression(raw: unknown, path: string, problems: SelectorProblem[]): Requirement | undefined {
  if (!isObject(raw)) {
    problems.push(invalid(path, "an expression must have a key and an operator"));
    return undefined;
  }
  const {
    key,
    operator,
    values: rawValues,
  }: { readonly key?: unknown; readonly operator?: unknown; readonly values?: unknown } = raw;
  const values: readonly unknown[] = Array.isArray(rawValues) ? rawValues : [];
  if (rawValues !== undefined && rawValues !== null && !Array.isArray(rawValues)) {
    problems.push(invalid(`${path}.values`, "values must be a list of texts"));
  }
  checkKey(key, `${path}.key`, problems);
  const seen = new Set<unknown>();
  for (const [index, value] of values.entries()) {
    checkValue(value, `${path}.values[${index}]`, problems);
    if (seen.has(value)) problems.push(duplicate(`${path}.values[${index}]`, `value ${quoted(value)} stands there twice`));
    seen.add(value);
  }
  if (!isOperator(operator)) {
    problems.push(invalid(`${path}.operator`, `operator must be In, NotIn, Exists or DoesNotExist, not ${quoted(operator)}`));
    return undefined;
  }
  if ((operators[operator] === "values") !== values.length > 0) {
    const need = operators[operator] === "values" ? "at least one value" : "no values";
    problems.push(invalid(`${path}.values`, `operator ${operator} needs ${need}`));
  }
  return { key: asText(key), operator, values: values.map(asText).sort() };
}

const namePart = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const dnsLabels = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

function checkKey(key: unknown, path: string, problems: SelectorProblem[]): void {
  if (typeof key === "string") {
    const parts = key.split("/");
    const [prefix, name] = parts.length === 2 ? parts : [undefined, key];
    const prefixIsFine = prefix === undefined || (prefix.length <= 253 && dnsLabels.test(prefix));
    if (name !== undefined && namePart.test(name) && prefixIsFine) return;
  }
  problems.push(
    invalid(path, `${quoted(key)} is no label key: [DNS name/]name, the name up to 63 letters, digits, '-', '_' or '.'`),
  );
}

function checkValue(value: unknown, path: string, problems: SelectorProblem[]): void {
  if (typeof value === "string" && (value === "" || namePart.test(value))) return;
  problems.push(invalid(path, `${quoted(value)} is no label value: up to 63 letters, digits, '-', '_' or '.'`));
}

function textOf({ key, operator, values }: Requirement): string {
  switch (operator) {
    case "In":
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(",")})`;
    case "NotIn":
      return `${key} notin (${values.join(",")})`;
    case "Exists":
      return key;
    case "DoesNotExist":
      return `!${key}`;
  }
}

function isOperator(value: unknown): value is Operator {
  return typeof value === "string" && Object.hasOwn(operators, value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function quoted(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : `a value of type ${value === null ? "null" : typeof value}`;
}

function invalid(path: string, reason: string): SelectorProblem {
  return { code: "SelectorInvalid", path, reason };
}

function duplicate(path: string, reason: string): SelectorProblem {
  return { code: "SelectorDuplicate", path, reason };
}
