/** One JSON object a line: ts, level, caller, msg and these keys. Secrets are never passed in. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Never blocks and never throws; lines beyond the bounded queue are dropped and counted. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
