import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/*
 * Node takes its own modules from a cache of compiled code, but not where V8 was started with flags that this cache was not made with: a
 * thread then takes twice as long to load. So these flags are not on the command line (image/speaker). They hold for all threads at once.
 */

type Collect = (how: { readonly type: "major"; readonly execution: "sync"; readonly flavor: "last-resort" }) => void;

/** The optimising compilers take more memory than they are worth to a process that is idle most of the time. */
export function forgoOptimisation(): void {
  for (const flag of ["--no-opt", "--no-maglev"]) setFlagsFromString(flag);
}

/** A start with 10,000 Services takes 180 MiB for a moment. */
const ENOUGH = 256 * 2 ** 20;

/** Whether there is memory to be spent on a quick start. @param limit the container's in octets; 0: none. */
export function mayBuyTime(limit: number): boolean {
  return limit === 0 || limit >= ENOUGH;
}

/**
 * Until this is called memory buys time: heaps grow in large steps, and are seldom collected whole. From now on they grow in small
 * ones. One thread does this, for all of them; each gives back by itself what the start has left.
 */
export function spareMemory(): void {
  for (const flag of ["--optimize-for-size", "--expose-gc"]) setFlagsFromString(flag);
}

/** After {@link spareMemory}: this thread's heap lets go of all that it does not use. With 10,000 routes that takes the mind 130 ms, the others 30 to 50. */
export function giveBackMemory(): void {
  const collect = runInNewContext("globalThis.gc") as Collect | undefined;
  collect?.({ type: "major", execution: "sync", flavor: "last-resort" });
}
