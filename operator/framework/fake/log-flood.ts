// Run as a process of its own by logger.test.ts: logs bursts of 100 lines, measures its event loop, and ends.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createLogger } from "../log/logger.ts";

const [, , ending = "exit", bursts = "50"] = process.argv;
const logger = createLogger({ level: "all", fd: 1 });
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
for (let i = 0; i < Number(bursts); i++) {
  for (let j = 0; j < 100; j++) logger.info("flood", { filler: "x".repeat(400), i, j });
  await new Promise<void>((resolve) => setImmediate(resolve));
}
await new Promise<void>((resolve) => setTimeout(resolve, 100));
delay.disable();
process.stderr.write("logged\n");
await logger.close(ending === "patient" ? 30_000 : 50);
process.stderr.write(JSON.stringify({ worstMs: Math.round(delay.max / 1e6), dropped: logger.dropped }));
if (ending === "exit") process.exit(0);
