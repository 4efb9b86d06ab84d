import type { ObjectBase, Secret } from "../types/kubernetes.ts";
import { identityOf, listOf, property } from "./identity.ts";
import { identityFields } from "./outline.ts";
import { compareText } from "./seniority.ts";

/** A Secret without its values: how many octets each has, by its key. */
export type SecretOutline = ObjectBase & { readonly type?: string; readonly octets: Readonly<Record<string, number>> };

/** Field selector of Secrets that may hold a password: Helm keeps every release of a chart in one of up to a megabyte. */
export const passwordSecrets = "type!=helm.sh/release.v1";

/** Leaves of a Secret what compile reads: its type, the names of its keys and how long their values are. Values never stay in memory. */
export function outlineOfSecret({ metadata, type, data }: Secret): SecretOutline {
  const lengths = Object.entries(data ?? {}).map(([key, value]) => [key, decodedOctets(value)] as const);
  return { metadata: identityFields(metadata), ...(type !== undefined && { type }), octets: Object.fromEntries(lengths) };
}

/** Of base64 with padding, as the API server writes it; no value at all is an empty one. RFC 4648 §4. */
function decodedOctets(base64: string | null): number {
  if (base64 === null) return 0;
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  return (base64.length / 4) * 3 - padding;
}

/** What a peer needs to know of a Secret. */
export type SecretFacts = { readonly type: string; readonly octets: ReadonlyMap<string, number> };

/** The Secrets by name, from outlines that nobody has checked. @returns undefined when it is not known which there are. */
export function secretsByName(secrets: unknown): ReadonlyMap<string, SecretFacts> | undefined {
  if (secrets === undefined) return undefined;
  const facts = listOf(secrets).map((raw): [string, SecretFacts] => [identityOf("Secret", raw).name, factsOf(raw)]);
  return new Map(facts.sort(([, a], [, b]) => compareText(textOf(a), textOf(b)))); // of two with one name, always the same wins
}

function factsOf(raw: unknown): SecretFacts {
  const type = property(raw, "type");
  const lengths = Object.entries(property(raw, "octets") ?? {}).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number",
  );
  return { type: typeof type === "string" && type !== "" ? type : "Opaque", octets: new Map(lengths) };
}

function textOf({ type, octets }: SecretFacts): string {
  return JSON.stringify([type, ...octets]);
}
