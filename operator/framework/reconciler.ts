import type { ObjectKey } from "./api/kube-object.ts";

/** Names one object; reconcilers read its current state by it. */
export type Request = ObjectKey;

export type Result = {
  /** Ask again after so many milliseconds, even if nothing changes. */
  readonly requeueAfterMs?: number;
};

/** Nothing more to do until something changes. */
export const done: Result = {};

/** Level-triggered: brings one object's derived state up to date. Repeating is harmless. Throw to be retried with back-off. */
export interface Reconciler {
  reconcile(request: Request): Promise<Result>;
}

/** A failure that no retry can mend; the controller counts and logs it and waits for the next change. */
export class TerminalError extends Error {}
