import type { KubeApi } from "../api/kube-api.ts";
import { keyOf } from "../api/kube-object.ts";
import { patchIsNoOp } from "../api/merge-patch.ts";
import { OverdueWriteError, type StatusWriter } from "./status.ts";
import type { WriteLimiter } from "./write-limiter.ts";

export type StatusWriterOptions = { readonly api: KubeApi; readonly limiter: WriteLimiter };

/**
 * Writes through the status subresource. Annotations in the patch reach core kinds only, such as Service: the API server
 * ignores metadata in status writes of custom resources.
 */
export function createStatusWriter({ api, limiter }: StatusWriterOptions): StatusWriter {
  return {
    async write(type, object, patch, stillDue = () => true) {
      if (patchIsNoOp(object, patch)) return object;
      const { uid, resourceVersion } = object.metadata;
      const { metadata, ...rest } = patch as { readonly metadata?: object };
      const conditional = { ...rest, metadata: { ...metadata, uid, resourceVersion } };
      return limiter.run(async () => {
        if (!stillDue())
          throw new OverdueWriteError(`status of ${type.kind} "${object.metadata.name}" is not to be written any more`);
        return api.mergePatch<typeof object>(type, keyOf(object), conditional, { subresource: "status" });
      });
    },
  };
}
