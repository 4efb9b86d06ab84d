import { yamlDocuments } from "../yaml-documents.ts";

/** The part of an OpenAPI v3 schema that the CRDs use. */
export type Schema = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly enum?: readonly string[];
};

export type CrdVersion = {
  readonly name: string;
  readonly storage: boolean;
  readonly schema: { readonly openAPIV3Schema: Schema };
};

/** A CustomResourceDefinition manifest. */
export type Manifest = {
  readonly spec: { readonly names: { readonly kind: string; readonly plural: string }; readonly versions: readonly CrdVersion[] };
};

/**
 * Reads one of our own manifests; its shape is checked by the API server, and by the compiler through what is generated.
 * @throws {Error} when it is not one YAML document.
 */
export function readManifest(yaml: string): Manifest {
  const [document, ...more] = yamlDocuments(yaml);
  if (document === undefined || more.length > 0) throw new Error("a manifest is one YAML document");
  if (!document.ok) throw new Error(`line ${document.line}: ${document.reason}`);
  return document.value as Manifest;
}

/** The file name of a kind: `IPAddressPool` is `ip-address-pool`, `BGPPeer` is `bgp-peer`. */
export function kebabCase(kind: string): string {
  return kind
    .replace(/([A-Z0-9]+)([A-Z][a-z])/g, "$1-$2")
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase();
}
