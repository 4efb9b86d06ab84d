import { ok } from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Chance } from "../../membership/simulation/chance.ts";
import { fromHex } from "../octets.ts";
import { fuzzMessages } from "./fixture/message-fuzz.ts";
import { rfcMessages } from "./fixture/rfc-messages.ts";

/** `make soak` has ten million. */
const messages = Number(process.env["HERALD_FUZZED_MESSAGES"] ?? 30_000);

/** Octets that stay in use. */
function heapInUse(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
}

test(`${messages} mutated messages: each is a value or an error, inspected as decoded, written as read, and nothing grows`, (context) => {
  // Half of the time would go into stacks of errors that nobody reads.
  Error.stackTraceLimit = 0;
  const originals = rfcMessages.map(({ hex }) => fromHex(hex));
  let inUse = 0;
  const pause = () => {
    inUse = heapInUse();
  };
  const { framed, read, tolerated, refused } = fuzzMessages(messages, new Chance(1), originals, pause);
  const grown = heapInUse() - inUse;
  const reasons = [...refused].map(([reason, count]) => `${reason} ${count}`).join(", ");
  context.diagnostic(
    `${framed} framed, ${read} read, ${tolerated} with a fault, refused: ${reasons}; ${Math.round(grown / 1024)} KiB more`,
  );
  ok(framed >= messages / 3, `${framed} were framed`);
  ok(read >= messages / 10, `${read} were read`);
  ok(tolerated >= messages / 50, `${tolerated} were tolerated`);
  for (const reason of ["1/1", "1/2", "1/3", "2/0", "3/1", "3/9", "3/10"])
    ok(refused.has(reason), `none was refused with ${reason}`);
  ok(grown < 2 << 20, `${grown} octets more`);
});
