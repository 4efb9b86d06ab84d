import { deepEqual, equal, ok } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { giveBackMemory, mayBuyTime, spareMemory } from "./thrift.ts";

const source = "function f() { return 1 } f()";
const cacheText = `process.stdout.write(new vm.Script(${JSON.stringify(source)}).createCachedData().toString("base64"))`;
const run = (options: readonly string[], program: string): string =>
  execFileSync(process.execPath, [...options, "-e", program], { encoding: "utf8" });

/** Whether V8, started with these options, takes code that was compiled by one without any: Node's own modules are such code. */
function takesCode(options: readonly string[]): boolean {
  const made = run([], cacheText);
  const program = `const cachedData = Buffer.from("${made}", "base64");
    process.stdout.write(String(!new vm.Script(${JSON.stringify(source)}, { cachedData }).cachedDataRejected))`;
  return run(options, program) === "true";
}

test("the options that a speaker is started with leave Node's own compiled code in use", () => {
  const script = readFileSync(new URL("../../../image/speaker", import.meta.url), "utf8");
  const options = /node((?: --\S+)+) \/app/.exec(script)?.[1]?.trim().split(" ") ?? [];
  ok(options.length > 0);
  equal(takesCode(options), true, options.join(" "));
  equal(takesCode(["--no-opt"]), false, "others do not");
});

/** Makes garbage and gives it back. @returns octets of the heap before and after. */
function collected(): readonly [before: number, after: number] {
  let garbage: readonly object[] | undefined = Array.from({ length: 200_000 }, (_, index) => ({ index, text: `${index}` }));
  const before = process.memoryUsage().heapTotal;
  ok(garbage.length > 0);
  garbage = undefined;
  giveBackMemory();
  return [before, process.memoryUsage().heapTotal];
}

test("what is not used any more is given back, once memory is to be spared", () => {
  giveBackMemory();
  spareMemory();
  const [before, after] = collected();
  ok(after < before - 10e6, `${after} of ${before}`);
});

test("memory is spent on the start where nothing limits it, or not too much", () => {
  deepEqual([0, 2 ** 63, 256 * 2 ** 20, 256 * 2 ** 20 - 1, 100 * 2 ** 20].map(mayBuyTime), [true, true, true, false, false]);
});

test("threads give back at the same time", async () => {
  spareMemory();
  const program = `import("${new URL("./thrift.ts", import.meta.url)}").then(({ giveBackMemory }) => {
    for (let round = 0; round < 50; round++) giveBackMemory();
  })`;
  const threads = Array.from({ length: 3 }, () => new Worker(program, { eval: true }));
  const codes = await Promise.all(
    threads.map((thread) => new Promise((resolve) => thread.on("exit", resolve).on("error", resolve))),
  );
  deepEqual(codes, [0, 0, 0]);
});
