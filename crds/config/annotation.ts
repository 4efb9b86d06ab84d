import type { Finding } from "./finding.ts";
import type { Identity } from "./identity.ts";
import { errorIn } from "./problem.ts";

/** The annotation's text; undefined: it is not there. */
export function annotationText({ annotations }: Identity, key: string): string | undefined {
  return Object.hasOwn(annotations, key) ? annotations[key] : undefined;
}

/** An annotation that cannot be read is no reason to take its object out of service. */
export function annotationWarning({ ref }: Identity, key: string, what: string): Finding {
  return { ...errorIn(ref, "AnnotationInvalid", `metadata.annotations[${key}]`, what), severity: "warning" };
}
