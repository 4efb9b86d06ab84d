import type { KubeObject } from "../api/kube-object.ts";

/** Does the object match a label selector in its text form (`a=b,c!=d,e in (x,y),f notin (z),g,!h`)? Empty matches all. */
export function matchesLabelSelector(object: KubeObject, selector: string | undefined): boolean {
  const labels = object.metadata.labels ?? {};
  return splitOutsideParentheses(selector ?? "").every((term) => matchesTerm(labels, term));
}

/** Does the object match a field selector (`metadata.name=x,spec.nodeName!=y`)? A missing field is the empty string. */
export function matchesFieldSelector(object: KubeObject, selector: string | undefined): boolean {
  return splitOutsideParentheses(selector ?? "").every((term) => {
    const parts = /^([^!=]+)(!=|==?)(.*)$/.exec(term);
    if (parts === null) throw new Error(`field selector term not understood: ${term}`);
    const [, path = "", operator, value] = parts;
    return (fieldAt(object, path) === value) === (operator !== "!=");
  });
}

function matchesTerm(labels: Readonly<Record<string, string>>, term: string): boolean {
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(term);
  if (set !== null) {
    const [, key = "", operator, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    const value = labels[key];
    return (value !== undefined && values.includes(value)) === (operator === "in");
  }
  const equality = /^([^!=]+)(!=|==?)(.*)$/.exec(term);
  if (equality !== null) {
    const [, key = "", operator, value] = equality;
    return (labels[key.trim()] === value?.trim()) === (operator !== "!=");
  }
  return term.startsWith("!") ? labels[term.slice(1)] === undefined : labels[term] !== undefined;
}

function fieldAt(object: KubeObject, path: string): string {
  let value: unknown = object;
  for (const part of path.split(".")) value = (value as Record<string, unknown> | undefined)?.[part];
  return value === undefined ? "" : String(value);
}

function splitOutsideParentheses(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== "");
}
