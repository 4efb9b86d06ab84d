import { annotationFields, identityFields, outlineOfNode } from "../../crds/config/outline.ts";
import type { Node, ObjectBase, Pod, Service } from "../../crds/types/kubernetes.ts";
import { slimNode as slimSpeakerNode, slimPod as slimSpeakerPod } from "../../speaker/intent/slim.ts";
import { outlineOfService } from "../allocation/service-outline.ts";
import { hasOwnConditions } from "./service/service-conditions.ts";
import { excludeFlags, isSpeaker } from "./speaker-pods.ts";

/** What decisions read, and the conditions. Those of others are kept beside ours, since who writes one writes the list. */
export function slimService(service: Service): Service {
  const outline = outlineOfService(service);
  const { conditions } = service.status ?? {};
  const keepsConditions = conditions?.length && (service.spec?.type === "LoadBalancer" || hasOwnConditions(service));
  return keepsConditions ? { ...outline, status: { ...outline.status, conditions } } : outline;
}

/** What speakers decide on, and what compile reads; a Node's heartbeats are of no interest. */
export function slimNode(node: Node): Node {
  const { metadata, status } = outlineOfNode(node);
  return { metadata, status: { ...slimSpeakerNode(node).status, ...status } };
}

/** Whose Pod it is and whether it runs; of a speaker's, also where, and the flag that the speakers' decisions depend on. */
export function slimPod(pod: Pod): Pod {
  const { metadata, spec, status } = slimSpeakerPod(pod);
  const { labels } = pod.metadata;
  const args = isSpeaker(pod) ? excludeFlags(pod) : [];
  return {
    metadata: { ...metadata, ...(labels && { labels }) },
    spec: { ...spec, ...(args.length > 0 && { containers: [{ args }] }) },
    ...(status && { status }),
  };
}

/** A configuration object without managedFields and the annotation in which kubectl keeps the object a second time. */
export function slimConfiguration<T extends ObjectBase>(object: T): T {
  const { metadata } = object;
  const slim = {
    ...identityFields(metadata),
    ...(metadata.labels && { labels: metadata.labels }),
    ...annotationFields(metadata),
    ...(metadata.ownerReferences && { ownerReferences: metadata.ownerReferences }),
  };
  return { ...object, metadata: slim };
}
