import type { KubeObject, ResourceType } from "../api/kube-object.ts";

/**
 * Writes a status as a merge patch that carries the resourceVersion it was decided on, through the adaptive write
 * limiter; silent when the object holds these values already.
 */
export interface StatusWriter {
  /**
   * @param object the object as it was read; its resourceVersion is the precondition.
   * @param patch keys beside `metadata` to merge, such as `{ status: {...} }`; may also carry `metadata.annotations`.
   * @param stillDue asked once the write's turn has come, which may be much later.
   * @returns the object as written, or `object` itself when nothing had to be sent.
   * @throws KubeError 409 when the object has changed since: decide again.
   * @throws OverdueWriteError when it was not due any more; nothing was sent.
   */
  write<T extends KubeObject>(type: ResourceType, object: T, patch: object, stillDue?: () => boolean): Promise<T>;
}

/** What was decided does not count any more, so that it was not written. */
export class OverdueWriteError extends Error {}
