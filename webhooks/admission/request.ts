/** What the API server asks: may this write go ahead? Decoded from an AdmissionReview. */
export type AdmissionRequest = {
  /** Identifies this question; the answer repeats it. */
  readonly uid: string;
  /** Kind of the object, such as IPAddressPool. */
  readonly kind: string;
  /** The version of the API that the writer spoke, where `object` was converted from it. */
  readonly writtenAs?: string;
  readonly operation: Operation;
  /** Namespace the request is addressed to. */
  readonly namespace: string;
  /** Name of the object; made up by the API server already when only generateName was given. */
  readonly name: string;
  /** The object as it would be stored; undefined for DELETE. */
  readonly object: unknown;
  /** The object as it is stored; undefined for CREATE. */
  readonly oldObject: unknown;
  /** Nothing will be stored whatever the answer (`kubectl apply --dry-run=server`). */
  readonly dryRun: boolean;
};

export type Operation = "CREATE" | "UPDATE" | "DELETE";

/** The answer. `code` 400: the object cannot be read; 403: it can, and must not be stored. */
export type Verdict =
  | { readonly allowed: true; readonly warnings: readonly string[] }
  | {
      readonly allowed: false;
      readonly code: 400 | 403;
      readonly reasons: readonly string[];
      readonly warnings: readonly string[];
    };
