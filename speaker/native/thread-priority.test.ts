import { deepEqual, equal, match } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { whyOrdinary } from "./thread-priority.ts";

/** Policy and real-time priority of the calling thread: fields 41 and 40 of /proc/PID/task/TID/stat, see proc(5). */
const standing = `
  const { readFileSync } = require("node:fs");
  const { parentPort } = require("node:worker_threads");
  const standing = () => readFileSync("/proc/thread-self/stat", "utf8").split(") ")[1].split(" ").slice(37, 39).reverse();
`;

const realTime = ["2", "3"];
const ordinary = ["0", "0"];

/** What a worker thread says that runs `script`. */
function answerOf(script: string): Promise<unknown> {
  const worker = new Worker(`${standing}${script}`, { eval: true });
  return new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
}

test("the calling thread runs before ordinary ones, the thread that started it does not", async () => {
  const module = JSON.stringify(new URL("./thread-priority.ts", import.meta.url));
  const answer = await answerOf(
    `import(${module}).then(({ runBeforeOrdinaryThreads }) => parentPort.postMessage([runBeforeOrdinaryThreads(3), standing()]));`,
  );
  deepEqual(answer, [undefined, realTime]);
  const own = readFileSync("/proc/thread-self/stat", "utf8").split(") ")[1]?.split(" ").slice(37, 39).reverse();
  deepEqual(own, ordinary);
});

test("a thread that it starts is an ordinary one", async () => {
  const module = JSON.stringify(new URL("./thread-priority.ts", import.meta.url));
  const inner = JSON.stringify(`${standing} parentPort.postMessage(standing());`);
  const answer = await answerOf(`
    const { Worker } = require("node:worker_threads");
    import(${module}).then(({ runBeforeOrdinaryThreads }) => {
      runBeforeOrdinaryThreads(3);
      new Worker(${inner}, { eval: true }).once("message", (word) => parentPort.postMessage([standing(), word]));
    });`);
  deepEqual(answer, [realTime, ordinary]);
});

test("why a thread stays an ordinary one names the way out", () => {
  match(whyOrdinary("EPERM", false), /CAP_SYS_NICE is missing: add SYS_NICE/);
  match(whyOrdinary("EPERM", true), /CONFIG_RT_GROUP_SCHED/);
  equal(whyOrdinary("ENOSYS", true), "the C library or the kernel refuses it (ENOSYS)");
});
