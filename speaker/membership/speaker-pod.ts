import type { Pod } from "../../crds/types/kubernetes.ts";
import { heraldAnnotations } from "../../crds/types/well-known.ts";

/** The part of a speaker's Pod that membership depends on. */
export type SpeakerPodView = {
  readonly nodeName: string;
  /** status.podIP, which is the Node's, as the Pod is on its network; empty when not known yet. */
  readonly address: string;
  /** Condition Ready is exactly True. */
  readonly ready: boolean;
  /** A container of it runs; the phase stands in where the state of its containers is not known. */
  readonly running: boolean;
  /** A deletionTimestamp is set. */
  readonly leaving: boolean;
  /** True: one of ours, by its annotation. False: MetalLB's. */
  readonly herald: boolean;
};

/** The part of a Node that membership depends on. */
export type NodeReadiness = { readonly name: string; readonly ready: boolean };

/**
 * Undefined for a Pod that no node runs yet. Container states, where known, tell a Pod that runs from one that crashes again
 * and again.
 */
export function speakerPodView({ metadata, spec, status }: Pod): SpeakerPodView | undefined {
  if (spec?.nodeName === undefined || spec.nodeName === "") return undefined;
  const containers = status?.containerStatuses;
  const anyRuns = containers?.some(({ state }) => state?.running !== undefined) ?? true;
  return {
    nodeName: spec.nodeName,
    address: status?.podIP ?? "",
    ready: (status?.conditions ?? []).some(({ type, status: value }) => type === "Ready" && value === "True"),
    running: status?.phase === "Running" && anyRuns,
    leaving: metadata.deletionTimestamp !== undefined,
    herald: Object.hasOwn(metadata.annotations ?? {}, heraldAnnotations.generation),
  };
}
