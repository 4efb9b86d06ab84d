import { after, afterEach, before } from "node:test";
import { startTestSegment, type TestLabOptions, type TestSegment } from "./with-lab.ts";

/**
 * The machines of a lab without a cluster, for the tests of one file or suite: up in a second. Registers node:test hooks; the
 * answer is valid within tests.
 */
export function bareSegment(options: TestLabOptions = {}): () => TestSegment {
  let current: TestSegment | undefined;
  before(async () => {
    current = await startTestSegment(options);
  });
  afterEach((context) => {
    if ("passed" in context && !context.passed) console.error(`the segment's logs so far: ${current?.keepLogs()}`);
  });
  after(() => current?.stop());
  return () => {
    if (current === undefined) throw new Error("the segment is not up outside tests");
    return current;
  };
}
