import { createInterface } from "node:readline";
import { systemClock as clock } from "../../../operator/framework/system-clock.ts";
import type { BfdRequest } from "../../bfd/session-request.ts";
import { BeatBfd } from "../bfd/beat-bfd.ts";
import { type BfdLine, decodeLine, encodeLine } from "./bfd-line.ts";

/**
 * BFD as the speaker's beat runs it, alone in a process: takes requests as lines on standard input, writes what it says as lines on
 * standard output, and says goodbye when its input ends.
 */
const say = (line: BfdLine): void => console.log(encodeLine(line));
const now = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;
const ignore = (): void => undefined;
const bfd = new BeatBfd({
  clock,
  log: { debug: ignore, info: ignore, warn: ignore, error: (message, fields) => console.error(message, fields) },
  wireAlive: () => true,
  onNotice: (notice) => say({ at: now(), ...notice }),
  onReport: (report) => say({ at: now(), ...report }),
});
const input = createInterface({ input: process.stdin });
input.on("line", (line) => bfd.set(decodeLine<readonly BfdRequest[]>(line)));
input.on("close", () => {
  bfd.stop();
  process.exit(0);
});
