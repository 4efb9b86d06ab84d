import type { Log } from "../../../operator/framework/log/log.ts";
import { runBeforeOrdinaryThreads } from "../../native/thread-priority.ts";

/** Nothing that the wire computes may delay the beat, which computes less: its word decides whether this node lives. */
const priorities = { wire: 1, beat: 2 } as const;

/** Lets the calling thread answer at once on a busy node, where the container may; says in the log whether it may. */
export function becomeRealTimeThread(thread: keyof typeof priorities, log: Log): void {
  const reason = runBeforeOrdinaryThreads(priorities[thread]);
  if (reason === undefined) log.info("a thread runs before all ordinary ones of the node", { thread });
  else log.info("a thread shares the processors with ordinary ones: answers may be late on a busy node", { thread, reason });
}
