import { done, type Reconciler, type Request, type Result } from "../framework/reconciler.ts";

/** Does nothing while another replica leads; whoever begins to lead enqueues everything. */
export function whileLeading(leading: () => boolean, reconciler: Reconciler): Reconciler {
  return { reconcile: async (request: Request): Promise<Result> => (leading() ? reconciler.reconcile(request) : done) };
}
