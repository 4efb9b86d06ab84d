import type { Log, LogFields } from "../../../operator/framework/log/log.ts";
import type { LogLevel, LogMessage } from "./messages.ts";

/** A log whose lines another thread writes. Fields are made plain, since functions and errors do not cross. */
export function createThreadLog(post: (message: LogMessage) => void): Log {
  const write =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      post({ type: "log", level, message, fields: plain(fields) });
    };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

function plain(fields: LogFields): LogFields {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (value instanceof Error) return textOf(value);
  return typeof value === "object" || typeof value === "function" ? JSON.stringify(value) : value;
}

function textOf(error: Error): string {
  return error.cause === undefined
    ? error.message
    : `${error.message}: ${error.cause instanceof Error ? textOf(error.cause) : String(error.cause)}`;
}
