import { Pacer } from "../../speaker/runtime/pace/pacer.ts";
import { processCpuMs } from "../../speaker/runtime/pace/process-cpu.ts";
import { standStill } from "../../speaker/runtime/threads/stand-still.ts";

/** How long one piece of its work takes. */
const SLICE_MS = 1;

/** A process of the tests: says that it begins, and works for so many milliseconds as a thread does that paces itself. */
if (process.argv[1] === import.meta.filename) {
  const [ms = 0, quotaMs = 0] = process.argv.slice(2).map(Number);
  process.stdout.write("begins\n");
  work(ms, quotaMs);
}

function work(ms: number, quotaMs: number): void {
  const pacer = new Pacer({
    now: () => performance.now(),
    usedMs: processCpuMs,
    rest: standStill,
    onRested: () => undefined,
  });
  pacer.follow({ quotaMs, periodMs: 100 });
  const end = performance.now() + ms;
  while (performance.now() < end) {
    pacer.pace();
    const until = performance.now() + SLICE_MS;
    while (performance.now() < until);
  }
}
