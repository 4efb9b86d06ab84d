import type { KubeObject } from "../../operator/framework/api/kube-object.ts";
import { trusting } from "./ca-bundle.ts";

/** apiextensions.k8s.io/v1 CustomResourceDefinition, the fields that are read. */
export type Definition = KubeObject & {
  readonly spec?: {
    readonly conversion?: {
      readonly strategy?: string;
      readonly webhook?: { readonly clientConfig?: { readonly caBundle?: string } };
    };
  };
};

/** The caBundle by which the API server checks the conversion webhook. `converts` false: it asks no webhook. */
export function conversionOf({ spec }: Definition): { readonly converts: boolean; readonly caBundle: string | undefined } {
  const clientConfig = spec?.conversion?.webhook?.clientConfig;
  return { converts: spec?.conversion?.strategy === "Webhook" && clientConfig !== undefined, caBundle: clientConfig?.caBundle };
}

/** The merge patch that makes the CRD's conversion trust `authority`; undefined when there is nothing to change. */
export function conversionPatch(definition: Definition, authority: string, trim: boolean): object | undefined {
  const { converts, caBundle } = conversionOf(definition);
  if (!converts) return undefined;
  const wanted = trusting(caBundle, authority, trim);
  return wanted === caBundle ? undefined : { spec: { conversion: { webhook: { clientConfig: { caBundle: wanted } } } } };
}
