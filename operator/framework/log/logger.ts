import { basename } from "node:path";
import { Writable } from "node:stream";
import winston from "winston";
import type { Clock } from "../clock.ts";
import { systemClock } from "../system-clock.ts";
import type { Log, LogFields } from "./log.ts";
import type { LogLevelName } from "./log-level.ts";
import { LogQueue } from "./log-queue.ts";
import { type LogSink, openLogSink } from "./log-sink.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export type LoggerOptions = {
  readonly level: LogLevelName;
  /** Standard output unless told otherwise. */
  readonly fd?: number;
  readonly sink?: LogSink;
  /** Keys on every line. */
  readonly fields?: LogFields;
  /** Octets that may wait for a slow reader; lines beyond are dropped. */
  readonly maxQueuedOctets?: number;
  readonly clock?: Clock;
};

export interface Logger extends Log {
  /** Lines lost because nobody read them in time. */
  readonly dropped: number;
  /** Writes what waits, for at most `timeoutMs` (250). Then the process may exit. */
  close(timeoutMs?: number): Promise<void>;
}

const maxLine = 16_384;

/** Logs one JSON object a line: ts (RFC 3339), level, caller (file:line), msg, then the fields. */
export function createLogger(options: LoggerOptions): Logger {
  const clock = options.clock ?? systemClock;
  const line = (level: string, message: string, fields: LogFields) => {
    const head = { ts: new Date(clock.now()).toISOString(), level, caller: undefined as unknown, msg: message };
    return toJson({ ...head, ...options.fields, ...fields });
  };
  const lossLine = (count: number) => line("warn", "log lines were dropped: nobody read them in time", { dropped: count });
  const queue = new LogQueue(options.sink ?? openLogSink(options.fd ?? 1), options.maxQueuedOctets ?? 1 << 20, lossLine);
  const backend = winston.createLogger({
    level: options.level === "all" ? "debug" : options.level === "none" ? "error" : options.level,
    silent: options.level === "none",
    format: winston.format.printf((entry) => line(entry.level, String(entry.message), (entry["fields"] ?? {}) as LogFields)),
    transports: [new winston.transports.Stream({ stream: intoQueue(queue), eol: "" })],
  });
  const write = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (!backend.silent && backend.isLevelEnabled(level)) {
      backend.log({ level, message: String(message), fields: { caller: callerOf(), ...fields } });
    }
  };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    get dropped() {
      return queue.dropped;
    },
    close: (timeoutMs = 250) => queue.close(timeoutMs),
  };
}

/** Hands lines to the queue, so that winston itself never waits for a reader. */
function intoQueue(queue: LogQueue): Writable {
  return new Writable({
    decodeStrings: false,
    write(line, _encoding, next) {
      queue.push(String(line));
      next();
    },
  });
}

/** file:line of whoever called the logger. */
function callerOf(): string | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 3;
  const stack = new Error().stack ?? "";
  Error.stackTraceLimit = limit;
  const place = /([^\s(]+):(\d+):\d+\)?$/.exec(stack.split("\n")[3] ?? "");
  return place === null ? undefined : `${basename(place[1] ?? "")}:${place[2]}`;
}

/** Total: whatever the fields hold, a line of JSON comes out, cut when too long. */
function toJson(entry: LogFields): string {
  try {
    const text = JSON.stringify(entry, plain);
    if (text.length <= maxLine) return text;
    const { ts, level, caller, msg } = entry;
    return JSON.stringify({ ts, level, caller, msg: String(msg).slice(0, 1024), cut: text.slice(0, maxLine / 2) });
  } catch (error) {
    const { ts, level, caller, msg } = entry;
    return JSON.stringify({ ts, level, caller, msg, unloggable: String(error) });
  }
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Error) return errorText(value, 3);
  if (value instanceof Map) return Object.fromEntries(value);
  return value instanceof Set ? [...value] : value;
}

function errorText(error: Error, depth: number): string {
  const { cause } = error;
  if (depth === 0 || cause === undefined) return error.message;
  return `${error.message}: ${cause instanceof Error ? errorText(cause, depth - 1) : String(cause)}`;
}
