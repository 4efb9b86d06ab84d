import type { ObjectMeta } from "../../../crds/types/kubernetes.ts";

export type EventType = "Normal" | "Warning";

/** The object an Event is about. */
export type Involved = { readonly apiVersion: string; readonly kind: string; readonly metadata: ObjectMeta };

/** Writes core/v1 Events: aggregated by (object, type, reason, message), rate-limited, never throwing, never blocking. */
export interface EventRecorder {
  record(object: Involved, type: EventType, reason: string, message: string): void;
}
