import type { ObjectBase, Secret } from "../types/kubernetes.ts";
import { identityOf, listOf, property } from "./identity.ts";
import { compareText } from "./seniority.ts";

/** Field selector of Secrets that may hold a password: Helm keeps every release of a chart in one of up to a megabyte. */
export const passwordSecrets = "type!=helm.sh/release.v1";

/** A Secret without its values. */
export type SecretOutline = ObjectBase & { readonly type?: string; readonly keys: readonly string[] };

/** Leaves of a Secret what compile reads. */
export function outlineOfSecret({ metadata, type, data }: Secret): SecretOutline {
  return { metadata, ...(type !== undefined && { type }), keys: Object.keys(data ?? {}).sort() };
}

/** What a peer needs to know of a Secret. */
export type SecretFacts = { readonly type: string; readonly keys: ReadonlySet<string> };

/** The Secrets by name, from outlines that nobody has checked. @returns undefined when it is not known which there are. */
export function secretsByName(secrets: unknown): ReadonlyMap<string, SecretFacts> | undefined {
  if (secrets === undefined) return undefined;
  const facts = listOf(secrets).map((raw): [string, SecretFacts] => [identityOf("Secret", raw).name, factsOf(raw)]);
  return new Map(facts.sort(([, a], [, b]) => compareText(textOf(a), textOf(b)))); // of two with one name, always the same wins
}

function factsOf(raw: unknown): SecretFacts {
  const type = property(raw, "type");
  const keys = listOf(property(raw, "keys")).filter((key) => typeof key === "string");
  return { type: typeof type === "string" && type !== "" ? type : "Opaque", keys: new Set(keys.sort()) };
}

function textOf({ type, keys }: SecretFacts): string {
  return JSON.stringify([type, ...keys]);
}
