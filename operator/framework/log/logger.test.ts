import { deepEqual, equal, match, ok } from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { FakeClock, settle } from "../fake/fake-clock.ts";
import type { LogSink } from "./log-sink.ts";
import { createLogger, type LoggerOptions } from "./logger.ts";

/** A sink that takes a write only when told, and keeps what it took. */
class SlowSink implements LogSink {
  text = "";
  abandoned = false;
  #pending: (() => void) | undefined;

  write(octets: Uint8Array, done: (error?: Error | null) => void): void {
    this.#pending = () => {
      this.text += Buffer.from(octets).toString();
      done();
    };
  }

  abandon(): void {
    this.abandoned = true;
  }

  async accept(): Promise<void> {
    for (let i = 0; i < 100 && this.#pending !== undefined; i++) {
      const pending = this.#pending;
      this.#pending = undefined;
      pending();
      await settle();
    }
  }

  get lines(): readonly Record<string, unknown>[] {
    return this.text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

function logger(options: Partial<LoggerOptions> = {}) {
  const sink = new SlowSink();
  return { sink, log: createLogger({ level: "all", sink, clock: new FakeClock(), ...options }) };
}

test("a line is one JSON object with ts, level, caller, msg and the fields", async () => {
  const { sink, log } = logger({ fields: { node: "n1" } });
  log.warn("hello", { key: "n/s", count: 3n, error: new Error("outer", { cause: new Error("inner") }) });
  await sink.accept();
  const [line = {}] = sink.lines;
  deepEqual(Object.keys(line).slice(0, 4), ["ts", "level", "caller", "msg"]);
  match(String(line["caller"]), /^logger\.test\.ts:\d+$/);
  const { caller: _, ...rest } = line;
  const head = { ts: "2026-01-01T00:00:00.000Z", level: "warn", msg: "hello", node: "n1" };
  deepEqual(rest, { ...head, key: "n/s", count: "3", error: "outer: inner" });
});

const levels: readonly (readonly [LoggerOptions["level"], readonly string[]])[] = [
  ["all", ["debug", "info", "warn", "error"]],
  ["debug", ["debug", "info", "warn", "error"]],
  ["info", ["info", "warn", "error"]],
  ["warn", ["warn", "error"]],
  ["error", ["error"]],
  ["none", []],
];
for (const [level, expected] of levels)
  test(`level ${level} lets ${expected.join(", ") || "nothing"} through`, async () => {
    const { sink, log } = logger({ level });
    for (const name of ["debug", "info", "warn", "error"] as const) log[name]("m");
    await sink.accept();
    deepEqual(
      sink.lines.map((line) => line["level"]),
      expected,
    );
  });

test("whatever the fields hold, a line comes out", async () => {
  const { sink, log } = logger();
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  log.info("circle", circle);
  log.info("long", { text: "x".repeat(1 << 20) });
  await sink.accept();
  deepEqual(
    sink.lines.map((line) => line["msg"]),
    ["circle", "long"],
  );
  ok(sink.text.length < 20_000);
});

test("lines beyond the bound are dropped, counted, and told of once there is room", async () => {
  const { sink, log } = logger({ maxQueuedOctets: 1000 });
  for (let i = 0; i < 100; i++) log.info("m", { i });
  const { dropped } = log;
  ok(dropped > 80);
  await sink.accept();
  const told = sink.lines.filter((line) => line["dropped"] !== undefined);
  deepEqual(
    told.map((line) => line["dropped"]),
    [dropped],
  );
  equal(sink.lines.length, 100 - dropped + 1);
});

test("close gives up what nobody reads", async () => {
  const { sink, log } = logger();
  log.info("m");
  await log.close(5);
  equal(sink.abandoned, true);
});

test("a file is written, and close waits for it", async () => {
  const directory = mkdtempSync(join(tmpdir(), "herald-log-"));
  const fd = openSync(join(directory, "log"), "w");
  const log = createLogger({ level: "info", fd });
  for (let i = 0; i < 1000; i++) log.info("m", { i });
  await log.close(5000);
  closeSync(fd);
  equal(readFileSync(join(directory, "log"), "utf8").trim().split("\n").length, 1000);
  rmSync(directory, { recursive: true });
});

const flood = fileURLToPath(new URL("../fake/log-flood.ts", import.meta.url));
/** What a container's output is: a FIFO, here one that nobody reads. Node's own pipes are sockets. */
function unreadFifo(): { readonly fd: number; readonly remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), "herald-fifo-"));
  execFileSync("mkfifo", [join(directory, "fifo")]);
  const fd = openSync(join(directory, "fifo"), constants.O_RDWR);
  const remove = () => {
    closeSync(fd);
    rmSync(directory, { recursive: true });
  };
  return { fd, remove };
}

for (const kind of ["fifo", "socket"] as const)
  for (const ending of ["exit", "natural end"])
    test(`with its output unread a process works on and ends (${kind}, ${ending})`, async () => {
      const fifo = unreadFifo();
      const child = spawn(process.execPath, [flood, ending], { stdio: ["ignore", kind === "fifo" ? fifo.fd : "pipe", "pipe"] });
      let report = "";
      child.stderr?.on("data", (chunk: Buffer) => {
        report += chunk.toString();
      });
      const [[code]] = await Promise.all([once(child, "exit"), once(child.stderr ?? child, "end")]);
      fifo.remove();
      equal(code, 0, report);
      const { worstMs, dropped } = JSON.parse(report.replace("logged\n", "")) as {
        readonly worstMs: number;
        readonly dropped: number;
      };
      ok(dropped > 500, `${dropped} dropped`);
      ok(worstMs < 500, `event loop held for ${worstMs} ms`);
    });

test("what a slow reader has not read yet waits for it", async () => {
  const fifo = unreadFifo();
  const child = spawn(process.execPath, [flood, "patient", "6"], { stdio: ["ignore", fifo.fd, "pipe"] });
  await once(child.stderr ?? child, "data");
  const reader = spawn("head", ["-n", "600"], { stdio: [fifo.fd, "pipe", "inherit"] });
  let text = "";
  reader.stdout?.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  const [[code]] = await Promise.all([once(child, "exit"), once(reader.stdout ?? reader, "end")]);
  fifo.remove();
  equal(code, 0);
  const lines = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly msg: string });
  deepEqual([lines.length, new Set(lines.map((line) => line.msg))], [600, new Set(["flood"])]);
});

test("a reader that went away is survived", async () => {
  const child = spawn(process.execPath, [flood], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  const [code] = (await once(child, "exit")) as [number | null];
  equal(code, 0);
});
